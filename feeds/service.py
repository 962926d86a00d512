"""The running service: granian's web processes, and beside them the worker."""

import atexit
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from wsgiref.types import WSGIApplication

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from feeds.config import Config, find, load
from feeds.errors import FeedsError
from feeds.family import (
    become_parent,
    end_by_handler_of_sigterm,
    end_with_parent,
    hold_signals_over_forks,
    stop_once,
)
from feeds.readership import Spool, Visitors
from feeds.storage import Store, open_store
from feeds.web import Beacon, Front, Shelf, answer_of, create_app, keep_days_ready

logger = logging.getLogger(__name__)

_TOKEN = "FEEDS_API_TOKEN"  # noqa: S105 - the name of the variable
_SECONDS_TO_STOP = 10
_SECONDS_BEFORE_RESTART = 1.0
# granian would write to stdout; its warnings belong with all the others, on stderr.
_LOGGING = {"loggers": {"_granian": {"propagate": True}}}


class Service:
    """Runs until SIGTERM or SIGINT, then stops all of its processes.

    The configuration is the one that FEEDS_CONFIG names, so that each process finds the same.
    Raises FeedsError when the port cannot be had.
    """

    def __init__(self, host: str, port: int, workers: int) -> None:
        self._server = Granian(
            "feeds.service:web_application",
            factory=True,
            address=_free_address(host, port),
            port=port,
            workers=workers,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            websockets=False,
            blocking_threads=1,
            log_level=LogLevels.warning,
            log_dictconfig=_LOGGING,
            respawn_failed_workers=True,
        )
        self._publisher = _Publisher()

    def run(self) -> None:
        """Serve; returns when all processes have ended."""
        become_parent(os.environ)
        hold_signals_over_forks()
        self._server.on_startup(self._publisher.start)
        try:
            self._server.serve()
        except SystemExit:
            # An init system tells all processes to stop: one that ends first is no failure then.
            if not self._server.interrupt_signal:
                raise
        finally:
            self._publisher.stop()


class _Publisher:
    """The worker, started again whenever it dies: publishing must not end unnoticed."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)

    def start(self) -> None:
        # Here, not in the thread: a web process forked meanwhile would inherit half of a start.
        self._start_process()
        self._keeper.start()

    def stop(self) -> None:
        with self._starting:
            self._stopping.set()
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _start_process(self) -> None:
        with self._starting:
            if not self._stopping.is_set():
                # Its own group: Ctrl-C is for the main process, which then stops it.
                command = [sys.executable, "-m", "feeds", "worker"]
                self._process = subprocess.Popen(command, process_group=0)  # noqa: S603 - own command

    def _keep(self) -> None:
        while self._process and not self._stopping.is_set():
            code = self._process.wait()
            if not self._stopping.wait(_SECONDS_BEFORE_RESTART):
                logger.error("the worker ended with %s and is started again", code)
                self._start_process()


def web_application() -> WSGIApplication:
    """Build what one web process serves; granian calls this in each."""
    # Ctrl-C is for the main process, which then sends SIGTERM.
    inherited = signal.getsignal(signal.SIGTERM)
    stop_once(partial(end_by_handler_of_sigterm, inherited), signal.SIGTERM)
    end_with_parent(os.environ)
    config = load(find(None, os.environ), os.environ)
    stack = ExitStack()
    atexit.register(stack.close)
    store = stack.enter_context(open_store(config.store))
    shelf = Shelf(store, partial(answer_of, config=config), config.serve.cache_mb * 2**20)
    shelf.watch()
    app = create_app(store, config, os.environ.get(_TOKEN))
    return Front(shelf, counting(app, store, config), config)


def counting(application: WSGIApplication, store: Store, config: Config) -> WSGIApplication:
    """Put the beacon in front of an application, with a spool of this process's own."""
    visitors = Visitors.of(store, config)
    keep_days_ready(visitors.days)
    known = store.articles.known
    return Beacon(
        application, known, visitors, Spool(Path(config.views.spool)), config.views.proxies
    )


def _free_address(host: str, port: int) -> str:
    """Resolve a host, and make sure that nobody listens there.

    granian's sockets would share the port with another service of the same user: each would get
    a part of the requests.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise FeedsError(
            f"cannot listen at {host}:{port}: {error.strerror}; choose another --host or --port"
        ) from error
    return str(address[0])
