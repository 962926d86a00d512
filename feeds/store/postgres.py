"""PostgreSQL: connections that give up on a server which does not answer."""

import select
import threading
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import psycopg
import sqlalchemy as sa
from psycopg.abc import RV, PQGen

from feeds.store.database import Database, Patience, Task
from feeds.store.lease import lease

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
        "read": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        "write": f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})",
    }

    def make_engine(self) -> sa.Engine:
        """Make connections that give up, and refuse those that the server has ended."""
        if self.url.drivername == "postgresql":
            self.url = self.url.set(drivername="postgresql+psycopg")
        engine = sa.create_engine(self.url, pool_timeout=self.patience.lock)
        sa.event.listen(engine, "do_connect", self._connect)
        sa.event.listen(engine, "checkout", _refuse_ended)
        return engine

    def is_fault(self, error: BaseException | None) -> bool:
        """Say whether an error concerns one statement, not the server."""
        state = getattr(error, "sqlstate", None)
        return state is not None and state[:2] in _FAULTS

    def task_lock(self, task: Task) -> AbstractContextManager[bool]:
        """Hold a lease."""
        return lease(self, task)

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


def _connected(patience: Patience, args: Any, options: Any) -> _Connection:
    probes = {**_PROBES, "tcp_user_timeout": _VANISHED_MILLISECONDS}
    connection = _Connection.connect(*args, **{**probes, **options})
    settings = {
        **{f"tcp_{name}": value for name, value in _PROBES.items()},
        "tcp_user_timeout": _VANISHED_MILLISECONDS,
        "statement_timeout": int(patience.statement * _SERVER_SHARE * 1000),
        "lock_timeout": int(patience.lock * 1000),
        # A process that freezes while it writes must not keep all others from writing.
        "idle_in_transaction_session_timeout": _VANISHED_MILLISECONDS,
    }
    connection.execute("; ".join(f"SET {name} = {n}" for name, n in settings.items()).encode())
    connection.commit()
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
