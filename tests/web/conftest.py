"""A paper whose pages and documents are asked for through Flask's test client, and over WSGI."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client

from feeds.config import Config
from feeds.sample.loading import load_sample
from feeds.store import Store, open_store
from feeds.web import Front, Shelf, answer_of, create_app
from feeds.worker import publish_all, rank
from tests.paper import settings

ALIASES = {"/rss/allArticle.xml": "latest.rss", "/rss/S1N1.xml": "sections/지역.rss"}


def shelf_of(store: Store, config: Config, most_bytes: int = 2**30) -> Shelf:
    """A shelf as a web process has it, which has looked at the store once."""
    shelf = Shelf(store, partial(answer_of, config=config), most_bytes)
    shelf.refresh()
    return shelf


def front_of(store: Store, config: Config) -> Front:
    """What a web process serves."""
    return Front(shelf_of(store, config), create_app(store, config))


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return settings(tmp_path, aliases=ALIASES)


@pytest.fixture
def client(store: Store, config: Config) -> FlaskClient:
    return create_app(store, config).test_client()


@pytest.fixture
def shelf(store: Store, config: Config) -> Shelf:
    return shelf_of(store, config)


@pytest.fixture
def front(shelf: Shelf, store: Store, config: Config) -> Client:
    return Client(Front(shelf, create_app(store, config)))


@pytest.fixture(scope="session")
def sample_paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """The sample newspaper, imported and published once; no test changes it."""
    folder = tmp_path_factory.mktemp("sample")
    config = settings(folder)
    with open_store(config.store) as store:
        load_sample(store, config, datetime.now(UTC))
        assert rank(store, config)
        assert publish_all(store, config)
        yield create_app(store, config).test_client()
