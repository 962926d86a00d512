"""Bring the tables up to date at start; refuse a store from the future."""

import sqlalchemy as sa

from feeds.errors import SchemaTooNew, StoreError
from feeds.store.database import Database, without_password
from feeds.store.schema import VERSION, metadata


def migrate(database: Database) -> None:
    """Create the tables, or run the missing migrations; raises SchemaTooNew, StoreError."""
    with database.reading() as connection:
        current = _version(connection)
    if current is None and not database.creates:
        raise StoreError(f"{database.name}: {database.missing}")
    if current != VERSION:
        with database.writing() as connection:
            database.wait_long(connection)
            _upgrade(connection)
    database.mark_as_made()


def require_version(connection: sa.Connection) -> None:
    """Raise StoreError unless the tables have the version that this software knows."""
    current = _version(connection)
    if current != VERSION:
        raise StoreError(
            f"{without_password(connection.engine.url)}: its tables have version {current}, and"
            f" {VERSION} is needed; the worker or any command brings them up to date"
        )


def _version(connection: sa.Connection) -> str | None:
    """Read the version that Alembic noted; None in an empty database."""
    noted = sa.table("alembic_version", sa.column("version_num", sa.String))
    if not sa.inspect(connection).has_table(noted.name):
        return None
    return connection.scalar(sa.select(noted.c.version_num))


def _upgrade(connection: sa.Connection) -> None:
    # Here, because nearly every start finds its tables up to date, and this import takes a while.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "feeds:store/migrations")
    current = _version(connection)
    if current is None:
        metadata.create_all(connection, checkfirst=False)
        command.stamp(config, "head")
        return
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise SchemaTooNew(
            f"{without_password(connection.engine.url)}: its tables have version {current}, which"
            " this version of feeds does not know. Install the version that wrote it, or a newer"
            " one."
        ) from error
