"""Tasks that one process at a time does, across processes and nodes."""

import fcntl
import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from feeds.errors import StoreError
from feeds.store.database import Database
from feeds.store.notes import note, set_note
from feeds.store.schema import notes

logger = logging.getLogger(__name__)

Task = Literal["publishing", "ranking"]

_SECONDS = 15
_SECONDS_BETWEEN_RENEWALS = 4.0


def task_lock(database: Database, task: Task) -> AbstractContextManager[bool]:
    """Hold the one permission for a task; False if another process has it. Raises StoreError.

    SQLite: a lock of the file system, which ends with its process. PostgreSQL: a lease, which ends
    15 seconds after its process ended, froze or lost the server. Who lost it cannot write.
    """
    if database.engine.dialect.name == "sqlite":
        return _file_lock(database, task)
    return _lease(database, task)


@contextmanager
def _file_lock(database: Database, task: Task) -> Iterator[bool]:
    path = Path(f"{database.url.database}.{task}.lock")
    with ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("w"))
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror}") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def _lease(database: Database, task: Task) -> Iterator[bool]:
    lease = _Lease(database, task)
    if not lease.take():
        yield False
        return
    released = threading.Event()
    threading.Thread(target=lease.keep, args=(released,), name=f"{task} lease", daemon=True).start()
    try:
        with database.fenced(lease.check):
            yield True
    finally:
        released.set()
        lease.release()


class _Lease:
    """A note of who does a task, and until when by the clock of the database.

    It is taken, and looked at by whoever writes, only by writers, of which there is one at a time:
    so nobody takes it between a look and the commit. It is renewed beside them.
    """

    def __init__(self, database: Database, task: Task) -> None:
        self._database = database
        self._task = task
        self._key = f"lease of {task}"
        self._holder = secrets.token_hex(8)
        self._value = ""
        self._changing = threading.Lock()

    def take(self) -> bool:
        """Take the lease if nobody has it; most often it is seen without writing that one has."""
        with self._database.reading() as connection:
            if self._seen(connection) is None:
                return False
        with self._database.writing() as connection:
            seen = self._seen(connection)
            if seen is None:
                return False
            self._value = self._next(connection)
            if not seen:
                set_note(self._database, connection, self._key, self._value)
                return True
            # Its holder, who was late, may renew it at this moment.
            return connection.execute(self._change(seen, self._value)).rowcount == 1

    def keep(self, released: threading.Event) -> None:
        """Renew the lease until it is released, or lost."""
        while not released.wait(_SECONDS_BETWEEN_RENEWALS):
            try:
                if not self._renew(released):
                    return
            except StoreError as error:
                logger.warning("the lease of %s cannot be renewed: %s", self._task, error)

    def check(self, connection: sa.Connection) -> None:
        """Raise StoreError, within the transaction of a writer, if another one has the lease."""
        if (note(connection, self._key) or "").split(" ")[0] != self._holder:
            raise StoreError(f"the lease of {self._task} was lost; others do what is left")

    def release(self) -> None:
        """Let others have it; if that cannot be told them now, it runs out."""
        with self._changing:
            try:
                with self._database.connected() as connection:
                    connection.execute(sa.delete(notes).where(*self._is(self._value)))
            except StoreError as error:
                logger.warning("the lease of %s runs out by itself: %s", self._task, error)

    def _renew(self, released: threading.Event) -> bool:
        with self._changing:
            if released.is_set():
                return False
            with self._database.connected() as connection:
                value = self._next(connection)
                if connection.execute(self._change(self._value, value)).rowcount != 1:
                    return False
            self._value = value
            return True

    def _seen(self, connection: sa.Connection) -> str | None:
        """Give the lease that ran out, empty if there is none; None if another one has it."""
        value = note(connection, self._key) or ""
        until = float(value.split(" ")[1]) if value else 0.0
        return value if until < _now(connection) else None

    def _next(self, connection: sa.Connection) -> str:
        return f"{self._holder} {_now(connection) + _SECONDS}"

    def _change(self, before: str, after: str) -> sa.Update:
        return sa.update(notes).where(*self._is(before)).values(value=after)

    def _is(self, value: str) -> tuple[sa.ColumnElement[bool], ...]:
        return notes.c.key == self._key, notes.c.value == value


def _now(connection: sa.Connection) -> float:
    return float(connection.execute(_CLOCK).scalar_one())


_CLOCK = sa.text("SELECT extract(epoch FROM clock_timestamp())")
