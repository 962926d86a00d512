"""The connection: transactions, locks, and all that differs between SQLite and PostgreSQL."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from feeds.errors import StoreError
from feeds.storage.locks import Task, task_lock
from feeds.storage.sqlitefile import SqliteFile, configure

# "feee": one number for all nodes that share a PostgreSQL database.
_WRITER_LOCK = 0x66656565

_KINDS = "write sqlite:///newsroom.db or postgresql://user@host/newsroom"

# How a transaction starts. SQLite: one that starts as a reader and then writes can fail at once
# with SQLITE_BUSY, IMMEDIATE waits for its turn. PostgreSQL: one writer at a time as well, so that
# two with the same new article or the same migration cannot collide; and a reader keeps its view.
_STARTS = {
    "sqlite": {"read": "BEGIN", "write": "BEGIN IMMEDIATE"},
    "postgresql": {
        "read": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        "write": f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})",
    },
}

Merged = Callable[[sa.ColumnElement[Any], sa.ColumnElement[Any]], sa.ColumnElement[Any]]

_SQLITE: dict[str, Any] = {"connect_args": {"timeout": 30}}
_FORGETTING_MILLISECONDS = 2_000
# A server that went away without a word is given up after seconds, not after minutes.
_POSTGRESQL: dict[str, Any] = {
    "pool_pre_ping": True,
    "connect_args": {"connect_timeout": 3, "tcp_user_timeout": 5000},
}


Item = TypeVar("Item")


def pieces(items: Iterable[Item], size: int = 5_000) -> Iterator[list[Item]]:
    """Cut what a query asks for into pieces: SQLite takes 32,766 values at once."""
    rest = iter(items)
    while piece := list(islice(rest, size)):
        yield piece


class Database:
    """One database, by its URL: `sqlite:////path/newsroom.db` or `postgresql://…`."""

    def __init__(self, url: str) -> None:
        self.url = _read_url(url)
        self.engine = _create_engine(self.url)
        self._reads = self.engine.execution_options(purpose="read")
        self._writes = self.engine.execution_options(purpose="write")

    @property
    def name(self) -> str:
        """The URL as it can be shown: without its password."""
        return _shown(self.url)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection for one consistent look; raises StoreError."""
        with _mapped_errors(self.url), self._reads.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a connection for one transaction, all or nothing; raises StoreError."""
        with _mapped_errors(self.url), self._writes.begin() as connection:
            yield connection

    @contextmanager
    def task_lock(self, task: Task) -> Iterator[bool]:
        """Hold the one permission for a task, across processes and nodes; False if another has it.

        It ends with the process that holds it, however that process ends.
        """
        with _mapped_errors(self.url), task_lock(self.engine, task) as held:
            yield held

    def upsert(self, table: sa.Table, *changing: str) -> Any:
        """Insert a row, or set its `changing` columns where the primary key is there already."""
        return self.merge(table, **dict.fromkeys(changing, _take_new))

    def merge(self, table: sa.Table, **columns: Merged) -> Any:
        """Insert a row, or merge columns where the primary key is there already.

        Each function gets the stored and the new value of its column, and gives what to store.
        """
        insert = (sqlite if self.engine.dialect.name == "sqlite" else postgresql).insert(table)
        merged = {name: how(table.c[name], insert.excluded[name]) for name, how in columns.items()}
        keys = list(table.primary_key.columns)
        if not merged:
            return insert.on_conflict_do_nothing(index_elements=keys)
        return insert.on_conflict_do_update(index_elements=keys, set_=merged)

    def forget_deleted(self) -> bool:
        """Leave nothing in SQLite's files of what was deleted: its log holds pages as they were.

        False if somebody was reading for seconds: then it has to be asked for again. PostgreSQL
        overwrites in its own time what VACUUM gave free.
        """
        if self.engine.dialect.name != "sqlite":
            return True
        with _mapped_errors(self.url), self.engine.connect() as connection:
            connection.detach()  # its patience is for this alone: all writers wait meanwhile
            connection.exec_driver_sql(f"PRAGMA busy_timeout={_FORGETTING_MILLISECONDS}")
            is_busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
        return not is_busy

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def added(old: sa.ColumnElement[Any], new: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Merge a column by adding the new value to the stored one."""
    return old + new


def _take_new(_old: sa.ColumnElement[Any], new: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return new


def _read_url(text: str) -> sa.URL:
    try:
        url = sa.make_url(text)
    except sa.exc.ArgumentError:
        raise StoreError(f"The store's address is no URL; {_KINDS}") from None
    if url.get_backend_name() not in _STARTS:
        raise StoreError(f"{_shown(url)}: no such kind of store; {_KINDS}")
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


def _shown(url: sa.URL) -> str:
    return url.difference_update_query(["password"]).render_as_string(hide_password=True)


def _create_engine(url: sa.URL) -> sa.Engine:
    on_sqlite = url.get_backend_name() == "sqlite"
    options = _SQLITE if on_sqlite else _POSTGRESQL
    try:
        engine = sa.create_engine(url, **options)
    except ModuleNotFoundError as error:
        raise StoreError(f"{_shown(url)}: {error}; install feeds[postgres]") from error
    if on_sqlite:
        SqliteFile(Path(url.database or "")).watch(engine)
        sa.event.listen(engine, "connect", configure)
    sa.event.listen(engine, "begin", _start)
    return engine


def _start(connection: sa.Connection) -> None:
    purpose = connection.get_execution_options().get("purpose")
    if purpose:
        connection.exec_driver_sql(_STARTS[connection.dialect.name][purpose])


@contextmanager
def _mapped_errors(url: sa.URL) -> Iterator[None]:
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise StoreError(f"{_shown(url)}: {error.orig}") from error
