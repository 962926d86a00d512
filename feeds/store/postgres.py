"""What PostgreSQL needs: connections that give up on a server which does not answer."""

import select
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.abc import RV, PQGen

from feeds.store.patience import Patience

# A machine that vanished is noticed within 15 seconds, by both ends that have such a setting.
_KEEPALIVES = {
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 5,
    "tcp_user_timeout": 15_000,
}
# A process that froze while it wrote must not keep all others from writing.
_SERVER_SETTINGS = (
    "SET statement_timeout = {statement}; SET lock_timeout = {lock};"
    " SET idle_in_transaction_session_timeout = 15000;"
    " SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 5;"
    " SET tcp_user_timeout = 15000"
)
# SQLSTATE classes of what a statement asks for, and would be refused again: cardinality, data,
# integrity, syntax and names, limits, features. All others say that the server cannot just now.
_FAULTS = {"0A", "21", "22", "23", "42", "54"}
# The server gives up a statement first: then it is known to be there.
_SERVER_SHARE = 0.8
_LONG_SECONDS = 86_400.0


class _Connection(psycopg.Connection[Any]):
    """Waits no longer than its patience; the server's own timeouts do not help while it hangs."""

    patience: float = 1.0

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for the server, or close the connection: nobody knows what comes on it later."""
        try:
            return super().wait(gen, interval, timeout or self.patience)
        except psycopg.OperationalError as error:
            if error.sqlstate is None:  # it does not come from the server
                self.close()
            raise


def prepare(engine: sa.Engine, patience: Patience) -> None:
    """Let an engine make such connections, and use none that the server has ended."""
    sa.event.listen(engine, "do_connect", _connect_with(patience))
    sa.event.listen(engine, "checkout", _drop_if_closed)


def is_fault(error: BaseException | None) -> bool:
    """Say whether an error is about one statement, and not about the server."""
    state = getattr(error, "sqlstate", None)
    return state is not None and state[:2] in _FAULTS


def wait_long(connection: sa.Connection) -> None:
    """Let the statements of a connection take hours; it is used for nothing else."""
    driver: Any = connection.connection.driver_connection
    driver.patience = _LONG_SECONDS
    connection.detach()
    for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connection.exec_driver_sql(f"SET LOCAL {name} = 0")


def _connect_with(patience: Patience) -> Callable[..., psycopg.Connection[Any]]:
    """Give what SQLAlchemy asks for a connection (`do_connect`)."""

    def connect(_dialect: object, _record: object, args: Any, options: Any) -> _Connection:
        made = Future[_Connection]()
        attempt = (made, patience, args, {**_KEEPALIVES, **options})
        # In a thread, as names may take a resolver's time, and psycopg waits two seconds at least.
        threading.Thread(target=_attempt, args=attempt, daemon=True).start()
        try:
            return made.result(patience.connection)
        except TimeoutError:
            made.add_done_callback(_close)
            raise psycopg.OperationalError(
                f"no connection within {patience.connection:g} seconds"
            ) from None

    return connect


def _attempt(made: Future[_Connection], patience: Patience, args: Any, options: Any) -> None:
    try:
        connection = _Connection.connect(*args, **options)
        limits = {"statement": patience.statement * _SERVER_SHARE, "lock": patience.lock}
        milliseconds = {name: int(seconds * 1000) for name, seconds in limits.items()}
        connection.execute(_SERVER_SETTINGS.format(**milliseconds).encode())
        connection.commit()
        connection.patience = patience.statement
    except Exception as error:  # noqa: BLE001 - raised again where somebody waits for it
        made.set_exception(error)
    else:
        made.set_result(connection)


def _close(made: Future[_Connection]) -> None:
    if made.exception() is None:
        made.result().close()


def _drop_if_closed(connection: psycopg.Connection[Any], _record: object, _proxy: object) -> None:
    """See that a server which restarted ended a pooled connection; asks it nothing, waits never."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        raise sa.exc.DisconnectionError("the server closed the connection")
