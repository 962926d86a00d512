"""Fixtures that every test may ask for: a store, a browser, and the addresses of hosts."""

import shutil
import socket
from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright

from feeds.store import Store, open_store
from tests.postgres import postgres


@pytest.fixture
def store_url(request: pytest.FixtureRequest) -> str:
    """The URL of a store that does not exist yet; on SQLite unless a test asks for PostgreSQL."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{request.getfixturevalue('tmp_path') / 'newsroom.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An empty store."""
    with open_store(store_url) as opened:
        yield opened


@pytest.fixture(scope="module")
def one_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store for all examples of a property; each of them empties it."""
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('store') / 'newsroom.db'}") as opened:
        yield opened


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The URL of a database without any table, on a real PostgreSQL server."""
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("SET client_min_messages = warning")
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return postgres_server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a database on a server that runs for this session."""
    with postgres() as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, or the Chrome of this machine."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        pytest.skip("no browser here: install one, as with `apt-get install chromium`")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


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
