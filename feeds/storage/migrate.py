"""Bring the tables up to date at start; refuse a store from the future."""

import sqlalchemy as sa

from feeds.errors import SchemaTooNew
from feeds.storage.database import Database
from feeds.storage.schema import VERSION


def migrate(database: Database) -> None:
    """Run the missing migrations in one transaction; raises SchemaTooNew, StoreError."""
    current = _version(database)
    if current != VERSION:
        _upgrade(database, current)


def _version(database: Database) -> str | None:
    """Read the version that Alembic noted, None in an empty database."""
    noted = sa.table("alembic_version", sa.column("version_num", sa.String))
    with database.reading() as connection:
        if not sa.inspect(connection).has_table(noted.name):
            return None
        return connection.scalar(sa.select(noted.c.version_num))


def _upgrade(database: Database, current: str | None) -> None:
    # Here, because nearly every start finds its tables as they should be, and this takes a while.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "feeds:storage/migrations")
    scripts = ScriptDirectory.from_config(config)
    if current and current not in {script.revision for script in scripts.walk_revisions()}:
        raise SchemaTooNew(
            f"{database.name}: its tables have version {current}, which this "
            f"version of feeds does not know. Install the version that wrote it, or a newer one."
        )
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
