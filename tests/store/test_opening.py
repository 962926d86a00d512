"""Opening a store, and the message when it cannot be opened."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from feeds.errors import SchemaTooNew, StoreError
from feeds.store import Create, connect, open_store
from feeds.store.database import Database
from feeds.store.migrations import migrate
from feeds.store.schema import metadata
from tests.store.samples import FULL, save

on_sqlite = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


@pytest.fixture
def database(store_url: str) -> Iterator[Database]:
    opened = connect(store_url)
    yield opened
    opened.close()


def tables(database: Database) -> list[str]:
    with database.reading() as connection:
        return sorted(sa.inspect(connection).get_table_names())


def refusal(url: str, create: Create = "first") -> str:
    """Give the message of the StoreError that opening a store ends with."""
    with pytest.raises(StoreError) as caught, open_store(url, create):
        pytest.fail("opened")
    return str(caught.value)


def test_tables_that_cannot_all_be_made_leave_none(database: Database) -> None:
    last = list(metadata.tables)[-1]
    with database.writing() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {last} (mine INTEGER)")
    with pytest.raises(StoreError, match=last):
        migrate(database)
    assert tables(database) == [last]


def test_a_newer_store_is_refused_and_not_touched(database: Database, store_url: str) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('9999')")
    with pytest.raises(SchemaTooNew, match=r"9999.*newer"), open_store(store_url):
        pytest.fail("opened")
    assert tables(database) == ["alembic_version"]


@pytest.mark.parametrize(
    ("url", "named"),
    [
        (
            "postgresql://feeds:secret@127.0.0.1:1/none",
            "postgresql+psycopg://feeds:***@127.0.0.1:1/none",
        ),
        ("postgresql://127.0.0.1:1/none?password=secret", "127.0.0.1:1/none"),
        ("sqlite:///{directory}/missing/newsroom.db", "{directory}/missing/newsroom.db"),
        ("oracle://feeds:secret@127.0.0.1/none", "oracle://feeds:***@127.0.0.1/none"),
        ("newsroom.db?secret", "sqlite:///"),
    ],
)
def test_a_store_that_cannot_be_opened_is_named_without_its_password(
    tmp_path: Path, url: str, named: str
) -> None:
    message = refusal(url.format(directory=tmp_path))
    assert named.format(directory=tmp_path) in message
    assert "secret" not in message


def test_a_store_without_its_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "install feeds[postgres]" in refusal("postgresql://feeds@127.0.0.1/news")


def test_a_lock_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "newsroom.db.publishing.lock").mkdir()
    with (
        open_store(f"sqlite:///{tmp_path / 'newsroom.db'}") as store,
        pytest.raises(StoreError, match=r"newsroom\.db\.publishing\.lock"),
        store.lock("publishing"),
    ):
        pytest.fail("locked")


@on_sqlite
@pytest.mark.parametrize("create", ["never", "first"])
def test_a_store_that_was_there_and_is_gone_is_not_replaced_by_an_empty_one(
    store_url: str, tmp_path: Path, create: Create
) -> None:
    with open_store(store_url) as store:
        save(store, FULL)
    (tmp_path / "newsroom.db").rename(tmp_path / "away.db")
    message = refusal(store_url, create)
    assert "gone" in message
    assert "--new-store" in message
    assert not (tmp_path / "newsroom.db").exists()
    with open_store(store_url, "anew") as store:
        assert store.articles.is_empty()
    (tmp_path / "newsroom.db").write_bytes(b"")
    assert "gone" in refusal(store_url)


def test_a_command_that_only_reads_makes_no_store(store_url: str, tmp_path: Path) -> None:
    assert "no store yet" in refusal(store_url, "never")
    assert not list(tmp_path.iterdir())
