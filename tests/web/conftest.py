"""A paper that is served by Flask's test client, and by a web process over WSGI."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import Client, TestResponse

from feeds.config import Config
from feeds.sample.loading import load_sample
from feeds.store import Store, open_store
from feeds.web import create_app
from feeds.web.cache import Cache
from feeds.web.wsgi import Front
from feeds.worker import publish_all, rank
from tests.paper import Record, publish, settings


def front_of(store: Store, config: Config) -> Front:
    """What a web process serves after its first look at the store."""
    front = Front(store, config, create_app(store, config))
    front.cache.refresh()
    return front


@contextmanager
def listening(application: WSGIApplication, port: int = 0) -> Iterator[str]:
    """Serve an application over HTTP in a thread; give its address, by default at a free port."""
    server = make_server("127.0.0.1", port, application, threaded=True)
    serving = threading.Thread(target=server.serve_forever, args=(0.01,))
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


@contextmanager
def away(folder: Path) -> Iterator[None]:
    """Put the store's files aside while connections are open; nothing may take their place."""
    files = sorted(folder.glob("newsroom.db*"))
    for file in files:
        file.rename(file.with_name(f"away-{file.name}"))
    yield
    assert not (folder / "newsroom.db").exists()
    for file in files:
        file.with_name(f"away-{file.name}").rename(file)


class Paper:
    """A paper and one web process; `asked` are the paths that reached the application behind it."""

    def __init__(self, store: Store, config: Config, folder: Path) -> None:
        self.store, self.config, self.folder = store, config, folder
        self.asked: list[str] = []
        self._application = create_app(store, config)
        self.front = Front(store, config, self._answer)
        self.front.cache.refresh()

    def publish(self, *records: Record) -> None:
        """Publish records, and let the web process see them."""
        publish(records, self.store, self.config, self.folder)
        self.front.cache.refresh()

    def get(self, path: str, **headers: str) -> TestResponse:
        """Get an address; the names of headers may have `_` for `-`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client(self.front).get(path, headers=sent)

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.asked.append(environ["PATH_INFO"].encode("latin-1").decode())
        return self._application(environ, start_response)


@pytest.fixture
def paper(store: Store, config: Config, tmp_path: Path) -> Paper:
    return Paper(store, config, tmp_path)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return settings(tmp_path)


@pytest.fixture
def client(store: Store, config: Config) -> FlaskClient:
    return create_app(store, config).test_client()


@pytest.fixture
def process(store: Store, config: Config) -> Front:
    return front_of(store, config)


@pytest.fixture
def cache(process: Front) -> Cache:
    return process.cache


@pytest.fixture
def front(process: Front) -> Client:
    return Client(process)


@pytest.fixture(scope="session")
def sample_paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The sample newspaper, imported and published once; no test changes it."""
    folder = tmp_path_factory.mktemp("sample")
    config = settings(folder)
    with open_store(config.store) as store:
        load_sample(store, config, datetime.now(UTC))
        assert rank(store, config)
        assert publish_all(store, config)
        yield Client(front_of(store, config))
