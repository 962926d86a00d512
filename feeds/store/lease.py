"""A lease: the permission for a task, held by one process of several nodes (PostgreSQL).

It is a row of the metadata, `<holder> <until>`, by the clock of the database. It ends 15 seconds
after its process ended, froze or lost the server. A process that lost its lease cannot write.
"""

import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from feeds.errors import StoreError
from feeds.store.database import Database, Task
from feeds.store.metadata import get_metadata
from feeds.store.schema import notes

logger = logging.getLogger(__name__)

_SECONDS = 15
_SECONDS_BETWEEN_RENEWALS = 4.0

_NOW = sa.extract("epoch", sa.func.clock_timestamp())
_IS_OVER = sa.cast(sa.func.split_part(notes.c.value, " ", 2), sa.Double) < _NOW


@contextmanager
def lease(database: Database, task: Task) -> Iterator[bool]:
    """Hold the lease of a task and keep renewing it; False if another process has it."""
    held = _Lease(database, task)
    if not held.take():
        yield False
        return
    released = threading.Event()
    threading.Thread(target=held.keep, args=(released,), name=f"{task} lease", daemon=True).start()
    try:
        with database.fenced(held.check):
            yield True
    finally:
        released.set()
        held.release()


class _Lease:
    """The lease of a task, for one holder.

    Only writers take it and check it, one at a time, so that nobody takes it between a check and
    the commit. Renewals do not wait for writers.
    """

    def __init__(self, database: Database, task: Task) -> None:
        self._database = database
        self._task = task
        self._key = f"lease of {task}"
        self._holder = f"{secrets.token_hex(8)} "
        self._value: Any = sa.func.concat(self._holder, _NOW + _SECONDS)
        self._is_own = sa.and_(notes.c.key == self._key, notes.c.value.startswith(self._holder))

    def take(self) -> bool:
        """Take the lease if it is free."""
        is_held = sa.select(notes.c.key).where(notes.c.key == self._key, sa.not_(_IS_OVER))
        with self._database.reading() as connection:  # which keeps no writer waiting
            if connection.scalar(is_held):
                return False
        new = insert(notes).values(key=self._key, value=self._value)
        # The holder may renew it, late, at this very moment.
        upsert = new.on_conflict_do_update(
            index_elements=[notes.c.key], set_={"value": new.excluded.value}, where=_IS_OVER
        )
        with self._database.writing() as connection:
            return bool(connection.execute(upsert).rowcount)

    def keep(self, released: threading.Event) -> None:
        """Renew the lease until it is released, or lost."""
        renewal = sa.update(notes).where(self._is_own).values(value=self._value)
        while not released.wait(_SECONDS_BETWEEN_RENEWALS):
            try:
                with self._database.mapped_errors(), self._database.engine.begin() as connection:
                    if not connection.execute(renewal).rowcount:
                        return
            except StoreError as error:
                logger.warning("the lease of %s cannot be renewed: %s", self._task, error)

    def check(self, connection: sa.Connection) -> None:
        """Raise StoreError, within the transaction of a writer, if another process has it."""
        if not (get_metadata(connection, self._key) or "").startswith(self._holder):
            raise StoreError(f"the lease of {self._task} was lost; another process goes on")

    def release(self) -> None:
        """Free the lease; it runs out by itself if the store is away."""
        try:
            with self._database.mapped_errors(), self._database.engine.begin() as connection:
                connection.execute(sa.delete(notes).where(self._is_own))
        except StoreError as error:
            logger.warning("the lease of %s runs out by itself: %s", self._task, error)
