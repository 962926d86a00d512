"""A process that serves, while its store is away, hangs, or is not ready yet."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from psutil import Process

from feeds.errors import StoreError, StoreFault
from feeds.model import LATEST
from feeds.store import Store, open_store, serving_store
from feeds.store.schema import VERSION
from tests.processes import eventually
from tests.store.samples import NOW, article, save

GIVES_UP_SECONDS = 20
on_postgresql = pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)


def taken(server: socket.socket) -> int:
    """Count the connections that wait at a server."""
    server.settimeout(0)
    number = 0
    with suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            number += 1
    return number


@contextmanager
def frozen(url: str) -> Iterator[None]:
    """Stop all processes of a PostgreSQL server, which then holds its connections in silence."""
    with psycopg.connect(url) as connection:
        backend = Process(connection.execute("SELECT pg_backend_pid()").fetchone()[0])  # type: ignore[index]
        server = backend.parent()
    assert server
    family = [server, *server.children(recursive=True)]
    stopped = [process for process in family if process.is_running() and process != backend]
    for process in stopped:
        process.suspend()
    try:
        yield
    finally:
        for process in stopped:
            process.resume()


def refusal(act: Callable[[], object]) -> str:
    """Give the message of the StoreError that an act ends with, instead of hanging."""
    pool = ThreadPoolExecutor(1)
    done = pool.submit(act)
    pool.shutdown(wait=False)
    error = done.exception(GIVES_UP_SECONDS)
    assert isinstance(error, StoreError)
    return str(error)


def test_a_store_that_is_not_there_is_found_when_it_comes(store_url: str, tmp_path: Path) -> None:
    with serving_store(store_url) as serving:
        with pytest.raises(StoreError):
            serving.documents.version()
        assert not list(tmp_path.iterdir())
        with open_store(store_url) as store:
            save(store, article())
        eventually(lambda: _newest(serving) == ["1"])


def test_tables_of_another_version_are_named_and_left_alone(store: Store, store_url: str) -> None:
    with store._database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    with serving_store(store_url) as serving:
        with pytest.raises(StoreError, match="version 0001"):
            serving.documents.version()
        with store._database.writing() as connection:
            change = "UPDATE alembic_version SET version_num = '{}' WHERE version_num = '0001'"
            assert connection.exec_driver_sql(change.format(VERSION)).rowcount == 1
        eventually(lambda: _newest(serving) == [])


def test_a_server_that_says_nothing_is_given_up_and_hardly_asked_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://feeds@127.0.0.1:{silent.getsockname()[1]}/news"
        with serving_store(url) as serving:
            assert "no connection within 1 seconds" in refusal(serving.documents.version)
            for _ in range(100):
                with pytest.raises(StoreError, match="no connection within"):
                    serving.documents.version()
        assert 1 <= taken(silent) < 5


@on_postgresql
def test_a_server_that_hangs_is_given_up_and_found_again(store: Store, store_url: str) -> None:
    save(store, article())
    with serving_store(store_url) as serving:
        assert _newest(serving) == ["1"]
        with frozen(store_url):
            assert "postgresql" in refusal(serving.documents.version)
            assert refusal(serving.documents.version)
        eventually(lambda: _newest(serving) == ["1"])


@on_postgresql
def test_a_statement_that_takes_too_long_is_given_up_and_others_go_on(
    store: Store, store_url: str
) -> None:
    with serving_store(store_url) as serving:
        with pytest.raises(StoreError), serving._database.reading() as connection:
            connection.exec_driver_sql("SELECT pg_sleep(60)")
        assert _newest(serving) == []


def test_a_writer_that_holds_its_lock_keeps_no_reader_waiting(store: Store, store_url: str) -> None:
    with serving_store(store_url) as serving, store._database.writing():
        assert refusal(lambda: serving.rankings.unblock("1"))
        assert refusal(lambda: serving.rankings.unblock("1"))
        assert _newest(serving) == []


@on_postgresql
def test_connections_that_a_server_ended_are_replaced(store: Store, store_url: str) -> None:
    with serving_store(store_url) as serving:
        serving.documents.version()
        with psycopg.connect(store_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        eventually(lambda: _newest(serving) == [])


@pytest.mark.parametrize(
    "statement",
    ["INSERT INTO blocks VALUES ('1', 'k', 1, 'x'), ('1', 'k', 1, 'x')", "SELECT nothing"],
)
def test_a_faulty_statement_is_told_from_a_store_that_is_away(
    store: Store, store_url: str, statement: str
) -> None:
    with serving_store(store_url) as serving:
        with pytest.raises(StoreFault), serving._database.writing() as connection:
            connection.exec_driver_sql(statement)
        assert not serving.rankings.unblock("1")


def test_a_file_that_is_no_database_is_a_store_that_is_away(tmp_path: Path) -> None:
    path = tmp_path / "newsroom.db"
    path.write_bytes(b"no database" * 1000)
    with serving_store(f"sqlite:///{path}") as serving, pytest.raises(StoreError) as caught:
        serving.documents.version()
    assert not isinstance(caught.value, StoreFault)


def _newest(store: Store) -> list[str]:
    try:
        return [one.id for one in store.articles.newest(LATEST, NOW, 9)]
    except StoreError:
        return ["away"]
