"""The running service: granian's web processes; beside them the worker and the application."""

import fcntl
import logging
import os
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from typing import TextIO

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from feeds.errors import FeedsError
from feeds.family import become_parent, hold_signals_over_forks
from feeds.processes import SOCKET, WAITING

logger = logging.getLogger(__name__)

_LONGEST_SOCKET = 103  # bytes of a path; macOS and BSD take no more, Linux 107
_SECONDS_TO_STOP = 10
_SECONDS_BEFORE_RESTART = 1.0
# granian would write to stdout; its warnings belong with all the others, on stderr.
_LOGGING = {
    "handlers": {"stderr": {"()": "feeds.logs.handler"}},
    "root": {"handlers": ["stderr"]},
    "loggers": {"_granian": {"propagate": True}},
}


class Service:
    """Runs until SIGTERM or SIGINT, then stops all of its processes.

    The configuration is the one that FEEDS_CONFIG names, so that each process finds the same.
    Raises FeedsError when the port cannot be had.
    """

    def __init__(self, host: str, port: int, workers: int) -> None:
        address, self._taken = _free_address(host, port)
        self._server = Granian(
            "feeds.processes:web_application",
            factory=True,
            address=address,
            port=port,
            workers=workers,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            websockets=False,
            blocking_threads=WAITING + 1,
            log_level=LogLevels.error,  # it warns of the many threads, most of which are parked
            log_dictconfig=_LOGGING,
            respawn_failed_workers=True,
        )
        self._server.respawned_wrks = _NoRestarts()
        application = "from feeds.processes import serve_application; serve_application()"
        self._children = (
            _Child("worker", "-m", "feeds", "worker"),
            _Child("application process", "-c", application),
        )

    def run(self) -> None:
        """Serve; returns when all processes have ended. Raises FeedsError as above."""
        become_parent(os.environ)
        hold_signals_over_forks()
        with ExitStack() as stack:
            stack.callback(self._taken.close)
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="feeds-"))
            os.environ[SOCKET] = f"{folder}/application"
            if len(os.fsencode(os.environ[SOCKET])) > _LONGEST_SOCKET:
                raise FeedsError(
                    f"{folder} is too long a path for a socket; set TMPDIR to a shorter folder"
                )
            for child in self._children:
                self._server.on_startup(child.start)
                stack.callback(child.stop)
            try:
                self._server.serve()
            except SystemExit:
                # An init system tells all processes to stop: one that ends first is no failure.
                if not self._server.interrupt_signal:
                    raise


class _Child:
    """A process that is started again whenever it ends: what it does must not end unnoticed."""

    def __init__(self, name: str, *arguments: str) -> None:
        self._name = name
        self._command = [sys.executable, *arguments]
        self._starting = threading.Lock()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper = threading.Thread(target=self._keep, name=name, daemon=True)

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
                self._process = subprocess.Popen(self._command, process_group=0)  # noqa: S603 - ours

    def _keep(self) -> None:
        while self._process and not self._stopping.is_set():
            code = self._process.wait()
            if not self._stopping.wait(_SECONDS_BEFORE_RESTART):
                logger.error("the %s ended with %s and is started again", self._name, code)
                self._start_process()


class _NoRestarts(dict[int, float]):
    """When granian restarted its processes, always forgotten.

    It would take two ends of one process within 5.5 s for a loop, and end all the others with it.
    """

    def __setitem__(self, process: int, moment: float) -> None:
        pass


def _free_address(host: str, port: int) -> tuple[str, TextIO]:
    """Resolve a host, and make sure that nobody listens there, or is about to.

    granian's sockets would share the port with another service of the same user: each would get
    a part of the requests. The file that comes with the address is locked as long as it is open.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
        name = f"{tempfile.gettempdir()}/feeds-{os.getuid()}-{address[0]}-{port}.lock"
        # Others write to this folder, too: not through a link that one of them laid.
        taken = os.fdopen(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600), "w")
        fcntl.flock(taken, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        fault = error.strerror
        if isinstance(error, BlockingIOError):
            fault = "another service starts there"
        raise FeedsError(
            f"cannot listen at {host}:{port}: {fault}; choose another --host or --port"
        ) from error
    return str(address[0]), taken
