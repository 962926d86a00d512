"""What SQLite needs: settings of each connection, and an eye on the file."""

import sqlite3
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

# secure_delete: a salt that was destroyed has to be gone, also from pages that are free now, which
# FAST leaves as they were.
_PRAGMAS = ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
_PATIENCE_SECONDS = 30.0
_SECONDS_BETWEEN_TRIES = 0.01


class SqliteFile:
    """Sees that the file under open connections was moved away or replaced.

    SQLite would go on in the old file, and make an empty one where a new connection finds none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._was_there = False

    def watch(self, engine: sa.Engine) -> None:
        """Look whenever a connection is made or used."""
        sa.event.listen(engine, "do_connect", self._before_connecting)
        sa.event.listen(engine, "connect", self._connected)
        sa.event.listen(engine, "checkout", self._before_use)

    def _before_connecting(self, *_: object) -> None:
        if self._was_there and not self._path.exists():
            raise sqlite3.OperationalError("its file is gone")

    def _connected(self, _connection: object, record: Any) -> None:
        self._was_there = True
        record.info["file"] = self._identity()

    def _before_use(self, _connection: object, record: Any, _proxy: object) -> None:
        if record.info["file"] != self._identity():
            raise sa.exc.DisconnectionError("the file is not the one that was opened")

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return (found.st_dev, found.st_ino)


def configure(connection: Any, _record: object) -> None:
    """Make a new connection of the driver ready."""
    connection.isolation_level = None  # the driver starts no transaction; Database does
    _write_ahead(connection)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: Any) -> None:
    """Let readers and a writer go on beside each other: SQLite's write-ahead log.

    Two that turn it on at once, in a new file, are in each other's way, and SQLite lets neither
    wait, whatever its timeout is: one fails at once.
    """
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_SECONDS_BETWEEN_TRIES)
        else:
            return
