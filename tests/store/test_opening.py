"""Opening a store: migrations, and what is said when it cannot be opened."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from feeds.errors import SchemaTooNew, StoreError
from feeds.store import Create, open_store
from feeds.store.database import Database
from feeds.store.migrate import migrate
from feeds.store.schema import VERSION, metadata
from tests.store.samples import FULL, HOST, save

# What each database itself says about its tables and indexes.
DEFINITIONS = {
    "sqlite": """
        SELECT tbl_name, name, sql FROM sqlite_master
        WHERE tbl_name <> 'alembic_version' AND type = 'index'
        UNION SELECT m.name, c.name, c.type || c."notnull" || coalesce(c.dflt_value, '') || c.pk
        FROM sqlite_master m JOIN pragma_table_info(m.name) c
        WHERE m.name <> 'alembic_version' AND m.type = 'table'
    """,
    "postgresql": """
        SELECT tablename, indexname, indexdef FROM pg_indexes
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
        UNION SELECT table_name, column_name,
            concat(data_type, is_nullable, column_default, collation_name)
        FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name <> 'alembic_version'
    """,
}


@pytest.fixture
def database(store_url: str) -> Iterator[Database]:
    opened = Database(store_url)
    yield opened
    opened.close()


def definitions(database: Database) -> list[tuple[str, ...]]:
    with database.reading() as connection:
        rows = connection.exec_driver_sql(DEFINITIONS[database.engine.dialect.name])
        return sorted(tuple(str(cell) for cell in row) for row in rows)


def tables(database: Database) -> list[str]:
    with database.reading() as connection:
        return sorted(sa.inspect(connection).get_table_names())


def test_migrations_lead_to_the_tables_of_the_schema(database: Database) -> None:
    migrate(database)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    assert tables(database) == sorted(["alembic_version", *metadata.tables])


def test_the_schema_knows_its_newest_migration(database: Database) -> None:
    migrate(database)
    with database.reading() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == VERSION


def test_migrations_lead_to_the_very_columns_and_indexes_of_the_schema(database: Database) -> None:
    migrate(database)
    migrated = definitions(database)
    with database.writing() as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
    assert migrated == definitions(database)
    assert {"listings_newest", "listings_most_read"} <= {name for _, name, _ in migrated}


def test_a_store_that_is_opened_again_keeps_what_it_has(store_url: str) -> None:
    for _ in range(2):
        with open_store(store_url) as store:
            save(store, FULL)
    with open_store(store_url) as store:
        assert store.articles.save([FULL], HOST).unchanged == 1


def test_migrations_that_fail_leave_nothing(database: Database) -> None:
    last = list(metadata.tables)[-1]
    with database.writing() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {last} (mine INTEGER)")
    with pytest.raises(StoreError, match=last):
        migrate(database)
    assert tables(database) == [last]


def test_a_newer_store_is_refused_and_not_touched(database: Database, store_url: str) -> None:
    migrate(database)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = definitions(database)
    with (
        pytest.raises(SchemaTooNew, match=r"9999.*newer"),
        open_store(store_url),
    ):
        pytest.fail("opened")
    assert definitions(database) == before


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
    ],
)
def test_a_store_that_cannot_be_opened_is_named_without_its_password(
    tmp_path: Path, url: str, named: str
) -> None:
    with (
        pytest.raises(StoreError) as caught,
        open_store(url.format(directory=tmp_path)),
    ):
        pytest.fail("opened")
    assert named.format(directory=tmp_path) in str(caught.value)
    assert "secret" not in str(caught.value)


def test_what_is_no_url_is_a_store_error_without_repeating_it() -> None:
    with pytest.raises(StoreError) as caught, open_store("newsroom.db?secret"):
        pytest.fail("opened")
    assert "secret" not in str(caught.value)
    assert "sqlite:///" in str(caught.value)


def test_a_store_without_its_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    url = "postgresql://feeds:secret@127.0.0.1/news"
    with pytest.raises(StoreError, match=r"install feeds\[postgres\]"), open_store(url):
        pytest.fail("opened")


def test_a_lock_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "newsroom.db.publishing.lock").mkdir()
    with (
        open_store(f"sqlite:///{tmp_path / 'newsroom.db'}") as store,
        pytest.raises(StoreError, match=r"newsroom\.db\.publishing\.lock"),
        store.publishing_lock(),
    ):
        pytest.fail("locked")


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("create", ["never", "first"])
def test_a_store_that_was_there_and_is_gone_is_not_replaced_by_an_empty_one(
    store_url: str, tmp_path: Path, create: Create
) -> None:
    with open_store(store_url) as store:
        save(store, FULL)
    (tmp_path / "newsroom.db").rename(tmp_path / "away.db")
    with pytest.raises(StoreError, match=r"gone.*--new-store"), open_store(store_url, create):
        pytest.fail("opened")
    assert not (tmp_path / "newsroom.db").exists()
    with open_store(store_url, "anew") as store:
        assert store.articles.is_empty()


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_an_empty_file_in_the_place_of_a_store_is_none(store_url: str, tmp_path: Path) -> None:
    with open_store(store_url):
        pass
    (tmp_path / "newsroom.db").write_bytes(b"")
    with pytest.raises(StoreError, match=r"gone.*--new-store"), open_store(store_url):
        pytest.fail("opened")


def test_who_only_reads_makes_no_store(store_url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store yet"), open_store(store_url, "never"):
        pytest.fail("opened")
    assert not list(tmp_path.iterdir())
