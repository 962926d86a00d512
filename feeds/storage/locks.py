"""Locks of tasks that one process at a time does, across processes and nodes."""

import fcntl
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from feeds.errors import StoreError

Task = Literal["publishing", "ranking"]

# "feed" and "feef": one number each for all nodes that share a PostgreSQL database.
_NUMBERS = {"publishing": 0x66656564, "ranking": 0x66656566}


def task_lock(engine: sa.Engine, task: Task) -> AbstractContextManager[bool]:
    """Hold the lock of a task; False if another process has it."""
    lock = _file_lock if engine.dialect.name == "sqlite" else _advisory_lock
    return lock(engine, task)


@contextmanager
def _file_lock(engine: sa.Engine, task: Task) -> Iterator[bool]:
    path = Path(f"{engine.url.database}.{task}.lock")
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
def _advisory_lock(engine: sa.Engine, task: Task) -> Iterator[bool]:
    # Bound to a transaction, so that the server lets go of it together with the connection.
    with engine.begin() as connection:
        held = connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_NUMBERS[task])))
        yield bool(held)
