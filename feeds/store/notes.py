"""Single values that the store remembers."""

import sqlalchemy as sa

from feeds.store.database import Database
from feeds.store.schema import notes


def note(connection: sa.Connection, key: str) -> str | None:
    """Give a value; None if it was never set."""
    return connection.scalar(sa.select(notes.c.value).where(notes.c.key == key))


def set_note(database: Database, connection: sa.Connection, key: str, value: str) -> None:
    """Set a value within a transaction."""
    connection.execute(database.upsert(notes, "value"), {"key": key, "value": value})
