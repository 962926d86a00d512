"""PostgreSQL: connections that give up on a server that does not answer, and leases of tasks."""

import logging
import secrets
import select
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, ClassVar

import psycopg
import sqlalchemy as sa
from psycopg.abc import RV, PQGen
from sqlalchemy.dialects.postgresql import insert

from feeds.errors import StoreError
from feeds.store.database import Database, Patience, Task
from feeds.store.metadata import get_metadata
from feeds.store.schema import notes

logger = logging.getLogger(__name__)

# "feee": one number for all nodes that share a database.
_WRITER_LOCK = 0x66656565
# Both ends notice within 15 seconds that the other machine vanished.
_PROBES = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 5}
_VANISHED_MILLISECONDS = 15_000
# SQLSTATE classes of errors in the statement itself, which would be refused again: features,
# cardinality, data, integrity, syntax and names, limits. All others are about the server.
_FAULTS = {"0A", "21", "22", "23", "42", "54"}
# The server gives up a statement before the client does, which shows that it answers.
_SERVER_SHARE = 0.8
_LONG_SECONDS = 86_400.0

_LEASE_SECONDS = 15
_SECONDS_BETWEEN_RENEWALS = 4.0
_NOW = sa.extract("epoch", sa.func.clock_timestamp())
_UNTIL = sa.cast(sa.func.split_part(notes.c.value, " ", 2), sa.Double)
_IS_OVER = sa.case((notes.c.value.regexp_match(r"^\w+ [\d.]+$"), _UNTIL < _NOW), else_=True)


class _Connection(psycopg.Connection[Any]):
    """A connection with a time limit: the server's own timeouts do not help while it hangs."""

    seconds = 1.0

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for the server, or close the connection: a late answer would be the next one's."""
        try:
            return super().wait(gen, interval, timeout or self.seconds)
        except psycopg.OperationalError as error:
            if error.sqlstate is None:  # it does not come from the server
                self.close()
            raise


class Postgres(Database):
    """A PostgreSQL database."""

    # One writer at a time, as in SQLite, so that two with the same new article or the same
    # migration cannot collide; a reader keeps its view.
    begin: ClassVar = {
        "read": ("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",),
        "write": ("BEGIN", f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})"),
    }

    def make_engine(self) -> sa.Engine:
        """Make connections that give up, and refuse those that the server has ended."""
        if self.url.drivername == "postgresql":
            self.url = self.url.set(drivername="postgresql+psycopg")
        # A connection costs the server a process: all that were needed at once are kept.
        engine = sa.create_engine(
            self.url, pool_size=15, max_overflow=0, pool_timeout=self.patience.lock
        )
        sa.event.listen(engine, "do_connect", self._connect)
        sa.event.listen(engine, "checkout", _refuse_ended)
        return engine

    def is_fault(self, error: BaseException | None) -> bool:
        """Say whether an error concerns one statement, not the server."""
        state = getattr(error, "sqlstate", None)
        return state is not None and state[:2] in _FAULTS

    @contextmanager
    def task_lock(self, task: Task) -> Iterator[bool]:
        """Hold the lease of a task and keep renewing it."""
        lease = _Lease(self, task)
        if not lease.take():
            yield False
            return
        released = threading.Event()
        threading.Thread(target=lease.keep, args=(released,), daemon=True).start()
        try:
            with self.fenced(lease.check):
                yield True
        finally:
            released.set()
            lease.release()

    def wait_long(self, connection: sa.Connection) -> None:
        """Let statements take hours; the connection is used for nothing else afterwards."""
        driver: Any = connection.connection.driver_connection
        driver.seconds = _LONG_SECONDS
        connection.detach()
        for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
            connection.exec_driver_sql(f"SET LOCAL {name} = 0")

    def _connect(self, _dialect: object, _record: object, args: Any, options: Any) -> _Connection:
        made = Future[_Connection]()

        def attempt() -> None:
            try:
                made.set_result(_connected(self.patience, args, options))
            except Exception as error:  # noqa: BLE001 - raised again by the waiting thread
                made.set_exception(error)

        # In a thread: resolving a name has no timeout, and psycopg's own is two seconds at least.
        threading.Thread(target=attempt, daemon=True).start()
        try:
            return made.result(self.patience.connection)
        except TimeoutError:
            made.add_done_callback(_close)
            raise psycopg.OperationalError(
                f"no connection within {self.patience.connection:g} seconds"
            ) from None


class _Lease:
    """The permission for a task, held by one process of several nodes.

    It is a row of the metadata, `<holder> <until>`, by the clock of the database. It ends 15
    seconds after its process ended, froze or lost the server; a process that lost it cannot write.

    Only writers take it and check it, one at a time, so that nobody takes it between a check and
    the commit. Renewals do not wait for writers.
    """

    def __init__(self, database: Database, task: Task) -> None:
        self._database = database
        self._key = f"lease of {task}"
        self._holder = f"{secrets.token_hex(8)} "
        self._value: Any = sa.func.concat(self._holder, _NOW + _LEASE_SECONDS)
        self._is_own = sa.and_(notes.c.key == self._key, notes.c.value.startswith(self._holder))

    def take(self) -> bool:
        """Take the lease if it is free."""
        is_held = sa.select(notes.c.key).where(notes.c.key == self._key, sa.not_(_IS_OVER))
        if self._database.scalar(is_held):  # keeps no writer waiting
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
        while not released.wait(_SECONDS_BETWEEN_RENEWALS) and self._change(renewal):
            pass

    def check(self, connection: sa.Connection) -> None:
        """Raise StoreError, within the transaction of a writer, if another process has it."""
        if not (get_metadata(connection, self._key) or "").startswith(self._holder):
            raise StoreError(f"the {self._key} was lost; another process goes on")

    def release(self) -> None:
        """Free the lease."""
        self._change(sa.delete(notes).where(self._is_own))

    def _change(self, statement: sa.UpdateBase) -> bool:
        """Renew or free the lease; False if it was lost. It ends by itself if the store is away."""
        try:
            with self._database.mapped_errors(), self._database.engine.begin() as connection:
                return bool(connection.execute(statement).rowcount)
        except StoreError as error:
            logger.warning("the %s cannot be changed: %s", self._key, error)
            return True


def _connected(patience: Patience, args: Any, options: Any) -> _Connection:
    probes = {**_PROBES, "tcp_user_timeout": _VANISHED_MILLISECONDS}
    # The driver starts no transaction; Database does.
    connection = _Connection.connect(*args, **{**probes, **options}, autocommit=True)
    settings = {
        **{f"tcp_{name}": value for name, value in _PROBES.items()},
        "tcp_user_timeout": _VANISHED_MILLISECONDS,
        "statement_timeout": int(patience.statement * _SERVER_SHARE * 1000),
        "lock_timeout": int(patience.lock * 1000),
        # A process that freezes while it writes must not keep all others from writing.
        "idle_in_transaction_session_timeout": _VANISHED_MILLISECONDS,
        # A plan for any term reads a million listings to find ten: terms differ too much in size.
        "plan_cache_mode": "force_custom_plan",
    }
    connection.execute("; ".join(f"SET {name} = {n}" for name, n in settings.items()).encode())
    connection.seconds = patience.statement
    return connection


def _close(made: Future[_Connection]) -> None:
    if made.exception() is None:
        made.result().close()


def _refuse_ended(connection: psycopg.Connection[Any], _record: object, _proxy: object) -> None:
    """Refuse a pooled connection that the server ended; without a round trip to the server."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        raise sa.exc.DisconnectionError("the server closed the connection")
