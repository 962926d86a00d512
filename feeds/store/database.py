"""The connection: transactions, locks, and all that differs between SQLite and PostgreSQL."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from typing import Any, Literal, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from feeds.errors import StoreError, StoreFault
from feeds.store import sqlitefile
from feeds.store.patience import WORKING, Absence, Patience

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

Create = Literal["never", "first", "anew"]
"""Whether a store may be made: never, where there never was one, or also where one is gone."""

Merged = Callable[[sa.ColumnElement[Any], sa.ColumnElement[Any]], sa.ColumnElement[Any]]

_FORGETTING_MILLISECONDS = 2_000
_QUERY_CANCELED = "57014"

Item = TypeVar("Item")


def pieces(items: Iterable[Item], size: int = 5_000) -> Iterator[list[Item]]:
    """Cut what a query asks for into pieces: SQLite takes 32,766 values at once."""
    rest = iter(items)
    while piece := list(islice(rest, size)):
        yield piece


class Database:
    """One database, by its URL: `sqlite:////path/newsroom.db` or `postgresql://…`.

    `create` says whether it may be empty, or a SQLite file that is not there. With `check`, as
    where readers wait, a store that is away is not tried again at each call; and each new
    connection is shown to `check`, which raises StoreError if it cannot be used.
    """

    def __init__(
        self,
        url: str,
        patience: Patience = WORKING,
        check: Callable[[sa.Connection], None] | None = None,
        *,
        create: Create = "first",
    ) -> None:
        self.url = _read_url(url)
        self.engine = _create_engine(self.url, patience)
        sa.event.listen(self.engine, "begin", _start)
        self.creates = create == "anew" or (create == "first" and not self._was_made)
        if self.engine.dialect.name == "sqlite":
            sqlitefile.prepare(self.engine, patience, creating=self.creates)
            self._is_fault = sqlitefile.is_fault
        else:
            from feeds.store import postgres  # its driver is an extra

            postgres.prepare(self.engine, patience)
            self._is_fault = postgres.is_fault
        # Made once, not for each transaction.
        self._engines = {
            purpose: self.engine.execution_options(purpose=purpose) for purpose in ("read", "write")
        }
        self._check = check
        self._fences = threading.local()
        self._absences = {"read": Absence(), "write": Absence()}

    @property
    def name(self) -> str:
        """The URL as it can be shown: without its password."""
        return shown(self.url)

    @property
    def missing(self) -> str:
        """Say what to do if the store is not there."""
        return sqlitefile.missing(was_made=self._was_made)

    def mark_as_made(self) -> None:
        """Remember that there is a store in this place."""
        if self.engine.dialect.name == "sqlite" and not self._was_made:
            sqlitefile.mark_as_made(self.engine)

    @property
    def _was_made(self) -> bool:
        # Nothing stands beside a server that could tell.
        return self.engine.dialect.name == "sqlite" and sqlitefile.was_made(self.engine)

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Give a connection for one consistent look; raises StoreError, StoreFault."""
        return self._transaction("read")

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """Give a connection for one transaction, all or nothing; raises StoreError, StoreFault."""
        return self._transaction("write")

    @contextmanager
    def _transaction(self, purpose: str) -> Iterator[sa.Connection]:
        absence = self._absences[purpose]
        absence.refuse()
        try:
            with self._mapped_errors(), self._begun(purpose) as connection:
                yield connection
        except StoreFault:
            absence.end()
            raise
        except StoreError as error:
            if self._check and not _is_slow(error):
                absence.note(error)
            raise
        absence.end()

    @contextmanager
    def _begun(self, purpose: str) -> Iterator[sa.Connection]:
        with self._engines[purpose].begin() as connection:
            if self._check and not connection.info.get("checked"):
                self._check(connection)
                connection.info["checked"] = True
            if purpose == "write":
                for fence in getattr(self._fences, "checks", ()):
                    fence(connection)
            yield connection

    @contextmanager
    def _mapped_errors(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            kind = StoreFault if self._is_fault(error.orig) else StoreError
            raise kind(f"{self.name}: {error.orig}") from error
        except sa.exc.TimeoutError as error:
            raise StoreError(f"{self.name}: all connections are in use") from error

    def is_of_a_row(self, error: Exception) -> bool:
        """Say whether an error within a transaction is about what was read, not about the store."""
        return not isinstance(error, sa.exc.DBAPIError) or self._is_fault(error.orig)

    def wait_long(self, connection: sa.Connection) -> None:
        """Let the statements of a transaction take hours: those of a migration may."""
        if self.engine.dialect.name == "postgresql":
            from feeds.store import postgres

            postgres.wait_long(connection)

    @contextmanager
    def fenced(self, check: Callable[[sa.Connection], None]) -> Iterator[None]:
        """Let `check` look first, in every transaction that this thread writes meanwhile."""
        outer = getattr(self._fences, "checks", ())
        self._fences.checks = (*outer, check)
        try:
            yield
        finally:
            self._fences.checks = outer

    @contextmanager
    def connected(self) -> Iterator[sa.Connection]:
        """Give a connection for a change that waits for no other writer; raises StoreError."""
        with self._mapped_errors(), self.engine.begin() as connection:
            yield connection

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
        with self._mapped_errors(), self.engine.connect() as connection:
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
        raise StoreError(f"{shown(url)}: no such kind of store; {_KINDS}")
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


def shown(url: sa.URL) -> str:
    """Give a URL without its password."""
    return url.difference_update_query(["password"]).render_as_string(hide_password=True)


def _create_engine(url: sa.URL, patience: Patience) -> sa.Engine:
    try:
        return sa.create_engine(url, pool_timeout=patience.lock)
    except ModuleNotFoundError as error:
        raise StoreError(f"{shown(url)}: {error}; install feeds[postgres]") from error


def _start(connection: sa.Connection) -> None:
    purpose = connection.get_execution_options().get("purpose")
    if purpose:
        connection.exec_driver_sql(_STARTS[connection.dialect.name][purpose])


def _is_slow(error: StoreError) -> bool:
    """Say whether a server that is there gave up a statement (SQLSTATE query_canceled)."""
    cause = error.__cause__
    orig = cause.orig if isinstance(cause, sa.exc.DBAPIError) else None
    return getattr(orig, "sqlstate", None) == _QUERY_CANCELED
