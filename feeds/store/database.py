"""Transactions, errors and time limits; `sqlite` and `postgres` hold the differences."""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from feeds.errors import StoreError, StoreFault

_GONE = "the store is gone; put it back, or begin an empty one with --new-store"
_NONE_YET = "there is no store yet; `feeds import` and `feeds serve` make one"
_SECONDS_BETWEEN_PROBES = 1.0

Create = Literal["never", "first", "anew"]
"""When an empty store may be made: never, where there never was one, also where one is gone."""

Task = Literal["publishing", "ranking", "pages", "pushing"]

Row = sa.Row[*tuple[Any, ...]]

Check = Callable[[sa.Connection], None]

Values = Sequence[Mapping[str, Any]]
"""Rows to store: the values of columns by name."""

_MERGED: dict[str, Callable[[Any, Any], sa.ColumnElement[Any]]] = {
    "new": lambda _old, new: new,
    "sum": lambda old, new: old + new,
    "least": lambda old, new: sa.case((new < old, new), else_=old),
    "most": lambda old, new: sa.case((new > old, new), else_=old),
}
_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Patience:
    """The longest waits for a connection, another process's lock, and a statement, in seconds.

    The defaults are for the worker and the commands, which keep no reader waiting.
    """

    connection: float = 5.0
    lock: float = 30.0
    statement: float = 120.0


WORKING = Patience()


def pieces(items: Iterable[Item], size: int = 5_000) -> Iterator[list[Item]]:
    """Cut the values of a query into pieces: SQLite takes at most 32,766 in one query."""
    rest = iter(items)
    while piece := list(islice(rest, size)):
        yield piece


def without_password(url: sa.URL) -> str:
    """Give a URL without its password."""
    return url.difference_update_query(["password"]).render_as_string(hide_password=True)


class Database(ABC):
    """A database of either kind."""

    begin: ClassVar[dict[str, tuple[str, ...]]]
    """The statements that start a transaction, by its purpose: `read` or `write`."""

    mark: Path | None = None
    """A file that tells that a store was once made in this place."""

    def __init__(
        self, url: sa.URL, patience: Patience, check: Check | None, create: Create
    ) -> None:
        self.url = url
        self.patience = patience
        self.creates = create == "anew" or (create == "first" and not self._was_made())
        self._check = check
        self.engine = self.make_engine()
        self._own = threading.local()
        self._outages = {purpose: _Outage() for purpose in self.begin}

    @property
    def name(self) -> str:
        """The URL as it can be shown: without its password."""
        return without_password(self.url)

    @property
    def missing(self) -> str:
        """Why there is no store, and what to do."""
        return _GONE if self._was_made() else _NONE_YET

    def _was_made(self) -> bool:
        return self.mark is not None and self.mark.exists()

    def mark_as_made(self) -> None:
        """Remember that there is a store in this place."""
        if self.mark and not self.mark.exists():
            with suppress(OSError):  # a user who cannot write here creates no empty store either
                self.mark.touch()

    @abstractmethod
    def make_engine(self) -> sa.Engine:
        """Make the engine and set up its connections."""

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Give a connection for one consistent look; raises StoreError, StoreFault."""
        return self._transaction("read")

    def querying(self) -> AbstractContextManager[sa.Connection]:
        """Give a connection whose queries need no common look; raises StoreError, StoreFault.

        A transaction would ask a server twice more: to begin it, and to end it.
        """
        return self._transaction("read", begins=False)

    def rows(self, query: sa.Select[*tuple[Any, ...]]) -> Sequence[Row]:
        """Give all rows of a query; raises StoreError, StoreFault."""
        with self.querying() as connection:
            return connection.execute(query).all()

    def scalar(self, query: sa.Select[Any]) -> Any:
        """Give the first value of a query, or None; raises StoreError, StoreFault."""
        with self.querying() as connection:
            return connection.scalar(query)

    def readable(self, query: sa.Select[Any], make: Callable[[Row], Item]) -> list[Item]:
        """Make an object of each row; none if a row cannot be read, as after a change by hand."""
        with self.querying() as connection:
            try:
                return [make(row) for row in connection.execute(query)]
            except Exception as fault:
                if not self.is_of_a_row(fault):
                    raise
                return []

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """Give a connection for one transaction, all or nothing; raises StoreError, StoreFault."""
        return self._transaction("write")

    @contextmanager
    def _transaction(self, purpose: str, *, begins: bool = True) -> Iterator[sa.Connection]:
        outage = self._outages[purpose]
        outage.refuse()
        try:
            with self.mapped_errors(), self.engine.begin() as connection:
                for statement in self.begin[purpose] if begins else ():
                    connection.exec_driver_sql(statement)
                if self._check and not connection.info.get("checked"):
                    self._check(connection)
                    connection.info["checked"] = True
                if purpose == "write" and (fence := getattr(self._own, "fence", None)):
                    fence(connection)
                yield connection
        except StoreError as error:
            if self._check:
                outage.note(None if _is_reachable(error) else error)
            raise
        outage.note(None)

    @contextmanager
    def mapped_errors(self) -> Iterator[None]:
        """Turn the errors of SQLAlchemy and the driver into StoreError and StoreFault."""
        try:
            yield
        except sa.exc.DBAPIError as error:
            kind = StoreFault if self.is_fault(error.orig) else StoreError
            raise kind(f"{self.name}: {error.orig}") from error
        except sa.exc.TimeoutError as error:
            raise StoreError(f"{self.name}: all connections are in use") from error

    @abstractmethod
    def is_fault(self, error: BaseException | None) -> bool:
        """Say whether a driver's error concerns one statement, not the whole database."""

    def is_of_a_row(self, error: Exception) -> bool:
        """Say whether an error in a transaction concerns the rows read, not the whole database."""
        return not isinstance(error, sa.exc.DBAPIError) or self.is_fault(error.orig)

    @abstractmethod
    def task_lock(self, task: Task) -> AbstractContextManager[bool]:
        """Hold the only permission for a task; False if another process has it."""

    @contextmanager
    def fenced(self, check: Check) -> Iterator[None]:
        """Begin each write transaction of this thread with `check`, until the block ends."""
        outer, self._own.fence = getattr(self._own, "fence", None), check
        try:
            yield
        finally:
            self._own.fence = outer

    def wait_long(self, connection: sa.Connection) -> None:  # noqa: B027 - SQLite has no limit
        """Let the statements of this transaction take hours, as a migration may."""

    def forget_deleted(self) -> bool:
        """Erase deleted rows from the disk; False if this has to be tried again.

        PostgreSQL overwrites the pages that VACUUM freed in its own time.
        """
        return True

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


class Part:
    """A part of the store: what it keeps of one subject."""

    def __init__(self, database: Database) -> None:
        self._database = database


class _Outage:
    """Refuses callers while a store cannot be reached, except one a second, which tries again."""

    def __init__(self) -> None:
        self._error: StoreError | None = None
        self._next_probe = 0.0
        self._changing = threading.Lock()

    def refuse(self) -> None:
        """Raise the StoreError that was noted, unless it is time to try again."""
        with self._changing:
            if self._error and time.monotonic() < self._next_probe:
                raise StoreError(str(self._error))
            self._next_probe = time.monotonic() + _SECONDS_BETWEEN_PROBES

    def note(self, error: StoreError | None) -> None:
        """Note why the store cannot be reached, or None when it can."""
        with self._changing:
            self._error = error
            self._next_probe = time.monotonic() + _SECONDS_BETWEEN_PROBES


def _is_reachable(error: StoreError) -> bool:
    """Say whether the store answered, if only with an error."""
    cause = getattr(error.__cause__, "orig", None)
    # SQLSTATE query_canceled: the server is there, and gave up a statement.
    return isinstance(error, StoreFault) or getattr(cause, "sqlstate", None) == "57014"


def upsert(connection: sa.Connection, table: sa.Table, rows: Values, *columns: str) -> None:
    """Insert rows; set `columns`, or all columns, of those whose primary key exists."""
    if rows:
        names = columns or [name for name in rows[0] if name not in table.primary_key.columns]
        merge_rows(connection, table, rows, **dict.fromkeys(names, "new"))


def merge_rows(
    connection: sa.Connection, table: sa.Table, rows: Values | sa.Select[Any], **columns: str
) -> None:
    """Insert rows, or those of a query; merge columns of those whose primary key exists.

    A column keeps the `new` value, or the `sum`, the `least` or the `most` of it and the stored
    one.
    """
    insert = _INSERTS[connection.dialect.name](table)
    keys = list(table.primary_key.columns)
    merged = {
        name: _MERGED[how](table.c[name], insert.excluded[name]) for name, how in columns.items()
    }
    if merged:
        insert = insert.on_conflict_do_update(index_elements=keys, set_=merged)
    else:
        insert = insert.on_conflict_do_nothing(index_elements=keys)
    if isinstance(rows, sa.Select):
        connection.execute(insert.from_select(table.columns.keys(), rows))
    elif rows:
        connection.execute(insert, rows)
