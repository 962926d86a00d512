"""A store that an earlier version of this software made is brought up to date."""

from feeds.store import Clock, Store, open_store
from feeds.store.database import Database
from feeds.store.schema import VERSION
from tests.store.samples import fold, settle_views, tally, totals, view

# The columns and indexes of all tables, as each database describes them.
DEFINITIONS = {
    "sqlite": """
        SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index'
        UNION SELECT m.name, c.name, c.type || c."notnull" || coalesce(c.dflt_value, '') || c.pk
        FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'
    """,
    "postgresql": """
        SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION SELECT table_name, column_name,
            concat(data_type, is_nullable, column_default, collation_name)
        FROM information_schema.columns WHERE table_schema = 'public'
    """,
}


def definitions(database: Database) -> list[tuple[str, ...]]:
    with database.reading() as connection:
        found = connection.exec_driver_sql(DEFINITIONS[database.engine.dialect.name])
        return sorted(tuple(str(cell) for cell in row) for row in found)


def version(store: Store) -> str:
    with store._database.reading() as connection:
        (found,) = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars()
    return str(found)


def take_back(database: Database) -> None:
    """Make a store into the one that version 0004 would have made: days had a version."""
    with database.writing() as connection:
        column = "version BIGINT NOT NULL DEFAULT 1"
        connection.exec_driver_sql(f"ALTER TABLE days ADD COLUMN {column}")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0004'")


def test_migrations_lead_to_the_same_columns_and_indexes_as_a_new_store(store_url: str) -> None:
    with open_store(store_url) as store:
        new = definitions(store._database)
        assert version(store) == VERSION
        take_back(store._database)
        assert definitions(store._database) != new
    with open_store(store_url) as store:
        assert definitions(store._database) == new
        assert {"listings_newest", "listings_most_read"} <= {name for _, name, _ in new}
        assert version(store) == VERSION


def test_an_open_day_of_version_0004_is_counted_further(store_url: str) -> None:
    with open_store(store_url) as store:
        fold(store, view())
        settle_views(store)
        take_back(store._database)
    with open_store(store_url) as store:
        assert totals(store) == {24: {"1": 1}}
        fold(store, view(1), view(1, visitor=2))
        settle_views(store, 1)
        readers = {(0, "reader", "1"): 1, (1, "reader", "1"): 1}
        assert tally(store) == readers | {(0, "repeat", "1"): 1}
        assert totals(store) == {24: {"1": 2}}


def test_the_readings_of_a_clock_that_version_0005_saved_are_understood(store: Store) -> None:
    with store._database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO notes VALUES ('clock', '[1, 2, 3]')")
    assert store.readers.clock() == Clock(since=2, seen=3)
