"""What SQLite needs: settings of each connection, and an eye on the file."""

import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from feeds.store.patience import Patience

# secure_delete: a salt that was destroyed has to be gone, also from pages that are free now, which
# FAST leaves as they were.
_PRAGMAS = ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
_SECONDS_BETWEEN_TRIES = 0.01
# Result codes of what a statement asks for, and would be refused again: an error in it, too big,
# a constraint, a wrong type, misuse, a parameter. All others are about the file or its locks.
_GONE = "the store is gone; put it back, or begin an empty one with --new-store"
_NONE_YET = "there is no store yet; `feeds import` and `feeds serve` make one"
_FAULTS = {1, 18, 19, 20, 21, 25}


def prepare(engine: sa.Engine, patience: Patience, *, creating: bool) -> None:
    """Set up an engine's connections; a file that is not there is made only if `creating`."""
    SqliteFile(Path(engine.url.database or ""), patience, creating=creating).watch(engine)


def was_made(engine: sa.Engine) -> bool:
    """Say whether there once was a store in this place."""
    return _mark(engine.url.database).exists()


def mark_as_made(engine: sa.Engine) -> None:
    """Remember that there is a store in this place, for when it is gone."""
    with suppress(OSError):  # who may write nothing here makes no empty store either
        _mark(engine.url.database).touch()


def missing(*, was_made: bool) -> str:
    """Say what to do about a store that is not there."""
    return _GONE if was_made else _NONE_YET


def _mark(path: object) -> Path:
    return Path(f"{path}.made")


def is_fault(error: BaseException | None) -> bool:
    """Say whether an error is about one statement, and not about the file."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # of this module, or of the driver: text that is not UTF-8
        return not isinstance(error, _GoneError)
    return code & 0xFF in _FAULTS


class _GoneError(sqlite3.OperationalError):
    """The file that was opened is not there."""


class SqliteFile:
    """Sees that the file under open connections was moved away or replaced.

    SQLite would go on in the old file, and make an empty one where a new connection finds none.
    """

    def __init__(self, path: Path, patience: Patience, *, creating: bool) -> None:
        self._path = path
        self._patience = patience
        self._is_created = creating

    def watch(self, engine: sa.Engine) -> None:
        """Look whenever a connection is made or used."""
        sa.event.listen(engine, "do_connect", self._connect)
        sa.event.listen(engine, "connect", self._connected)
        sa.event.listen(engine, "checkout", self._before_use)

    def _connect(self, _dialect: object, _record: object, _args: Any, options: Any) -> Any:
        if not self._is_created and not self._path.exists():
            raise _GoneError(missing(was_made=_mark(self._path).exists()))
        mode = "rwc" if self._is_created else "rw"
        uri = f"{self._path.absolute().as_uri()}?mode={mode}"
        options = {**options, "timeout": self._patience.lock, "uri": True}
        connection = sqlite3.connect(uri, **options)
        self._is_created = False
        return connection

    def _connected(self, connection: Any, record: Any) -> None:
        record.info["file"] = self._identity()
        configure(connection, self._patience.lock)

    def _before_use(self, _connection: object, record: Any, _proxy: object) -> None:
        if record.info["file"] != self._identity():
            raise sa.exc.DisconnectionError("the file is not the one that was opened")

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return (found.st_dev, found.st_ino)


def configure(connection: Any, patience: float) -> None:
    """Make a new connection of the driver ready, within so many seconds."""
    connection.isolation_level = None  # the driver starts no transaction; Database does
    _write_ahead(connection, patience)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: Any, patience: float) -> None:
    """Let readers and a writer go on beside each other: SQLite's write-ahead log.

    Two that turn it on at once, in a new file, are in each other's way, and SQLite lets neither
    wait, whatever its timeout is: one fails at once.
    """
    until = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_SECONDS_BETWEEN_TRIES)
        else:
            return
