"""The running service: granian's web processes, and beside them the worker."""

import atexit
import os
import subprocess
import sys
import threading
from contextlib import ExitStack
from wsgiref.types import WSGIApplication

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from feeds.config import find, load
from feeds.storage import open_store
from feeds.web import Front, Shelf, create_app

_SECONDS_TO_STOP = 10
_SECONDS_BEFORE_RESTART = 1.0


class Service:
    """Runs until SIGTERM or SIGINT, then stops all of its processes.

    The configuration is the one that FEEDS_CONFIG names, so that each process finds the same.
    """

    def __init__(self, host: str, port: int, workers: int) -> None:
        self._server = Granian(
            "feeds.service:web_application",
            factory=True,
            address=host,
            port=port,
            workers=workers,
            interface=Interfaces.WSGI,
            websockets=False,
            blocking_threads=1,
            log_level=LogLevels.warning,
            respawn_failed_workers=True,
        )
        self._stopping = threading.Event()
        self._worker: subprocess.Popen[bytes] | None = None
        self._keeper = threading.Thread(target=self._keep_worker, name="keeper")

    def run(self) -> None:
        """Serve; returns when all processes have ended."""
        self._server.on_startup(self._keeper.start)
        self._server.on_shutdown(self._stop_worker)
        try:
            self._server.serve()
        finally:
            self._stop_worker()

    def _keep_worker(self) -> None:
        """Start the worker, and again whenever it dies: publishing must not end unnoticed."""
        while not self._stopping.is_set():
            with subprocess.Popen([sys.executable, "-m", "feeds", "worker"]) as self._worker:
                self._worker.wait()
            self._stopping.wait(_SECONDS_BEFORE_RESTART)

    def _stop_worker(self) -> None:
        self._stopping.set()
        if self._worker is not None:
            self._worker.terminate()
        if self._keeper.is_alive():
            self._keeper.join(_SECONDS_TO_STOP)


def web_application() -> WSGIApplication:
    """Build what one web process serves; granian calls this in each."""
    config = load(find(None, os.environ))
    stack = ExitStack()
    atexit.register(stack.close)
    store = stack.enter_context(open_store(config.store))
    shelf = Shelf(store)
    shelf.watch()
    return Front(shelf, create_app(store, config))
