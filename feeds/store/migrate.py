"""Bring the tables up to date at start; refuse a store from the future."""

import sqlalchemy as sa

from feeds.errors import SchemaTooNew, StoreError
from feeds.store.database import Database, shown
from feeds.store.schema import VERSION


def migrate(database: Database) -> None:
    """Run the missing migrations in one transaction; raises SchemaTooNew, StoreError."""
    with database.reading() as connection:
        current = _version(connection)
    if current is None and not database.creates:
        raise StoreError(f"{database.name}: {database.missing}")
    if current != VERSION:
        _upgrade(database, current)
    database.mark_as_made()


def require_version(connection: sa.Connection) -> None:
    """Raise StoreError unless the tables are those that this software knows."""
    current = _version(connection)
    if current != VERSION:
        raise StoreError(
            f"{shown(connection.engine.url)}: its tables have version {current}, and {VERSION} is"
            " needed; the worker or any command brings them up to date"
        )


def _version(connection: sa.Connection) -> str | None:
    """Read the version that Alembic noted, None in an empty database."""
    noted = sa.table("alembic_version", sa.column("version_num", sa.String))
    if not sa.inspect(connection).has_table(noted.name):
        return None
    return connection.scalar(sa.select(noted.c.version_num))


def _upgrade(database: Database, current: str | None) -> None:
    # Here, because nearly every start finds its tables as they should be, and this takes a while.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "feeds:store/migrations")
    scripts = ScriptDirectory.from_config(config)
    if current and current not in {script.revision for script in scripts.walk_revisions()}:
        raise SchemaTooNew(
            f"{database.name}: its tables have version {current}, which this "
            f"version of feeds does not know. Install the version that wrote it, or a newer one."
        )
    with database.writing() as connection:
        database.wait_long(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
