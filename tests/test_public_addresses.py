"""Where requests to strangers go: to the public internet, never into the house.

No connection of these tests is made; they note those that would have been.
"""

import socket
from collections.abc import Sequence

import pytest

from feeds.errors import FetchError
from feeds.http_client import request

PUBLIC = "93.184.216.34"
REFUSAL = "it is not at a public address, or not at a port of the web"
OF_THE_HOUSE = {
    "loopback": "127.0.0.1 127.255.255.254 ::1 ::7f00:1",
    "private": "10.0.0.1 172.16.0.1 192.168.1.1 fd00:ec2::254 fec0::1",
    "link-local": "169.254.169.254 fe80::1",
    "carrier-grade NAT": "100.64.0.1",
    "unspecified": "0.0.0.0 ::",
    "multicast": "224.0.0.1 255.255.255.255 ff02::1",
    "mapped": "::ffff:127.0.0.1 ::ffff:169.254.169.254",
    "NAT64": "64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::5db8:d822",
    "6to4": "2002:7f00:1::1 2002:5db8:d822::1",
    "Teredo": "2001:0:5db8:d822::1",
    "reserved": "192.0.2.1 198.18.0.1 240.0.0.1 2001:db8::1 5f00::1",
}
FORMS_OF_LOOPBACK = {
    "short": "127.1 127.0.1 0",
    "decimal": "2130706433",
    "hex": "0x7f000001 0x7f.1",
    "octal": "0177.0.0.1 017700000001",
    "trailing dot": "127.0.0.1. localhost.",
    "name": "localhost LOCALHOST",
    "digits for IDNA": "１２７.０.０.１ ①②⑦.⓪.⓪.① 127。0。0。1",
    "percent-encoded": "%31%32%37.0.0.1 127%2e0%2e0%2e1",
    "IPv6": "[::1] [0:0:0:0:0:ffff:7f00:0001] [::1%25lo]",
    "user": f"{PUBLIC}@127.0.0.1 {PUBLIC}:80@127.0.0.1 {PUBLIC}%2f@127.0.0.1",
}

Resolver = dict[str, list[str]]


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The addresses that were to be connected to; all refuse."""
    addresses: list[tuple[str, int]] = []

    def connect(_: socket.socket, address: tuple[str, int]) -> None:
        addresses.append(address[:2])
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr(socket.socket, "connect", connect)
    return addresses


@pytest.mark.parametrize("kind", OF_THE_HOUSE)
def test_a_stranger_sends_nobody_into_the_house(
    kind: str, resolver: Resolver, called: Sequence[object]
) -> None:
    for address in OF_THE_HOUSE[kind].split():
        literal = f"[{address}]" if ":" in address else address
        resolver |= {"one.example": [address], "mixed.example": [PUBLIC, address]}
        for host in (literal, "one.example", "mixed.example"):
            assert refusal(f"http://{host}/") == REFUSAL, address
    assert not called


@pytest.mark.usefixtures("resolver")
@pytest.mark.parametrize("kind", FORMS_OF_LOOPBACK)
def test_no_form_of_an_address_goes_unnoticed(kind: str, called: Sequence[object]) -> None:
    for host in FORMS_OF_LOOPBACK[kind].split():
        assert refusal(f"http://{host}/")
        assert refusal(f"https://{host}/")
    assert not called


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_a_public_address_is_called(
    address: str, resolver: Resolver, called: Sequence[object]
) -> None:
    resolver["one.example"] = [address]
    assert refusal("http://one.example:8080/") == "no connection: refused"
    assert called == [(address, 8080)]


@pytest.mark.usefixtures("resolver")
def test_a_host_that_rebinds_is_called_where_it_was_checked(
    called: Sequence[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, resolve = iter([PUBLIC, "127.0.0.1"]), socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda _, port, **options: resolve(next(answers), port, **options)
    )
    assert refusal("https://rebinding.example/") == "no connection: refused"
    assert called == [(PUBLIC, 443)]
    assert next(answers) == "127.0.0.1"  # the name was resolved once


@pytest.mark.usefixtures("resolver")
def test_strangers_are_called_at_ports_of_the_web(called: Sequence[object]) -> None:
    for port in (0, 22, 25, 53, 1023):
        assert refusal(f"http://{PUBLIC}:{port}/") == REFUSAL
    ports = (80, 443, 1024, 8443, 65_535)
    for port in ports:
        refusal(f"https://{PUBLIC}:{port}/")
    assert called == [(PUBLIC, port) for port in ports]


@pytest.mark.parametrize(
    "url",
    [
        f"ftp://{PUBLIC}/",
        f"gopher://{PUBLIC}/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http:///path",
        "http://[::1/",
        f"http://{PUBLIC}:70000/",
        f"http://{PUBLIC}:x/",
        f"http://{'a' * 64}.example/",
        "http://unknown.example/",
    ],
)
@pytest.mark.usefixtures("resolver")
def test_a_url_that_leads_nowhere_is_an_error(url: str, called: Sequence[object]) -> None:
    assert refusal(url)
    assert not called


def refusal(url: str) -> str:
    """Give the error of a request that anybody asked for; it is one line."""
    with pytest.raises(FetchError) as failed:
        request("POST", url, b"news", only_public=True)
    assert str(failed.value).isprintable()
    return str(failed.value)
