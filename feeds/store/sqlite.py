"""SQLite: connections, a watch on the file, and locks of the file system."""

import fcntl
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa

from feeds.errors import StoreError
from feeds.store.database import Database, Task

# secure_delete: a destroyed salt has to be gone from free pages too, which FAST leaves alone.
_PRAGMAS = ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
_SECONDS_BETWEEN_TRIES = 0.01
_FORGETTING_MILLISECONDS = 2_000
# Result codes of errors in the statement itself, which would be refused again: syntax, size,
# constraint, type, misuse, parameter. All others are about the file or its locks.
_FAULTS = {1, 18, 19, 20, 21, 25}


class _GoneError(sqlite3.OperationalError):
    """The file is not there."""


class Sqlite(Database):
    """A SQLite file.

    When the file is moved away or replaced, SQLite goes on in the old one, and creates an empty
    one for a new connection. So the file is checked before each use, and created only once.
    """

    # A transaction that starts by reading and then writes can fail at once with SQLITE_BUSY;
    # IMMEDIATE waits for its turn.
    begin: ClassVar = {"read": ("BEGIN",), "write": ("BEGIN IMMEDIATE",)}

    def __init__(self, url: sa.URL, *how: Any) -> None:
        self._path = Path(url.database or "")
        self.mark = Path(f"{url.database}.made")
        super().__init__(url, *how)

    def make_engine(self) -> sa.Engine:
        """Open connections here, and check the file before each use of one."""
        self._mode = "rwc" if self.creates else "rw"
        engine = sa.create_engine(self.url, creator=self._connect, pool_timeout=self.patience.lock)
        sa.event.listen(engine, "checkout", self._refuse_other_file)
        return engine

    def is_fault(self, error: BaseException | None) -> bool:
        """Say whether an error concerns one statement, not the file."""
        code = getattr(error, "sqlite_errorcode", None)
        if code is None:  # of this module, or of the driver: text that is not UTF-8
            return not isinstance(error, _GoneError)
        return code & 0xFF in _FAULTS

    @contextmanager
    def task_lock(self, task: Task) -> Iterator[bool]:
        """Hold a lock of the file system, which ends with its process."""
        path = Path(f"{self._path}.{task}.lock")
        try:
            file = path.open("w")
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror}") from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def forget_deleted(self) -> bool:
        """Empty the write-ahead log, which holds old pages; False while another process reads."""
        with self.mapped_errors(), self.engine.connect() as connection:
            connection.detach()  # its short timeout is for this alone: all writers wait meanwhile
            connection.exec_driver_sql(f"PRAGMA busy_timeout={_FORGETTING_MILLISECONDS}")
            is_busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
        return not is_busy

    def _connect(self) -> sqlite3.Connection:
        if self._mode == "rw" and not self._path.exists():
            raise _GoneError(self.missing)
        connection = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode={self._mode}",
            uri=True,
            timeout=self.patience.lock,
            isolation_level=None,  # the driver starts no transaction; Database does
            check_same_thread=False,
        )
        self._mode = "rw"
        _write_ahead(connection, self.patience.lock)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def _refuse_other_file(self, _connection: object, record: Any, _proxy: object) -> None:
        now = self._identity()
        if record.info.setdefault("file", now) != now:
            raise sa.exc.DisconnectionError("the file is not the one that was opened")

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return (found.st_dev, found.st_ino)


def _write_ahead(connection: sqlite3.Connection, seconds: float) -> None:
    """Turn on the write-ahead log, which lets readers and a writer work beside each other.

    When two connections turn it on in a new file at the same moment, SQLite fails one of them
    without waiting, whatever its timeout.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_SECONDS_BETWEEN_TRIES)
        else:
            return
