"""Every test of this package that asks for a store runs against every store."""

import shutil
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from feeds.store import open_store
from feeds.store.schema import metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The URL of a store that does not exist yet; of an empty one if a test asks for `store` too.

    Tables are made once a session for those, because migrations take longer than most tests.
    """
    is_asked_for = "store" in request.fixturenames
    if request.param == "sqlite":
        path = request.getfixturevalue("tmp_path") / "newsroom.db"
        if is_asked_for:
            shutil.copy(request.getfixturevalue("empty_file"), path)
        return f"sqlite:///{path}"
    return str(request.getfixturevalue("emptied_url" if is_asked_for else "postgres_url"))


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store without any content."""
    path = tmp_path_factory.mktemp("empty") / "newsroom.db"
    with open_store(f"sqlite:///{path}"):
        return path


@pytest.fixture(scope="session")
def migrated_url(postgres_server: str) -> str:
    """The URL of a second database of the server, with all tables."""
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE migrated")
    url = sa.make_url(postgres_server).set(database="migrated")
    text = url.render_as_string(hide_password=False)
    with open_store(text):
        return text


@pytest.fixture
def emptied_url(migrated_url: str) -> str:
    """The URL of that database, without any content."""
    deletions = "; ".join(f"DELETE FROM {name}" for name in metadata.tables)
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        connection.execute(deletions.encode())
    return migrated_url
