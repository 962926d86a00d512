"""Fixtures of the tests of requests."""

import socket

import pytest


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The addresses of names; no name server is asked for others."""
    names = {"localhost": ["127.0.0.1"], "LOCALHOST": ["127.0.0.1"]}
    real = socket.getaddrinfo

    def resolve(host: str, port: int, **options: int) -> list[object]:
        options["flags"] = socket.AI_NUMERICHOST
        return [each for ip in names.get(host, [host]) for each in real(ip, port, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return names
