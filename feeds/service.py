"""The running service: the main process, the processes that it starts, and how all of them end."""

import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from resource import RLIMIT_NOFILE, getrlimit
from typing import Any, TextIO

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import MPServer

from feeds.errors import FeedsError

logger = logging.getLogger(__name__)

SOCKET = "FEEDS_APPLICATION_SOCKET"
"""The variable that says where the application process listens."""
WAITING = 164
"""How many threads of a web process may wait; one more answers from memory."""

_PARENT = "FEEDS_PARENT"  # the variable with the process that another one ends with
_TO_STOP = (signal.SIGINT, signal.SIGTERM)
_SECONDS_TO_STOP = 10
_SECONDS_BEFORE_RESTART = 1.0
_SECONDS_BETWEEN_LOOKS = 0.5
# Of a web process, idle ones included, which end after 30 s; all others would wait meanwhile.
_MOST_CONNECTIONS = 8192
_OTHER_FILES = 256  # that a web process may have open
# granian would write to stdout; its warnings belong with all the others, on stderr.
_LOGGING = {
    "handlers": {"stderr": {"()": "feeds.logs.Handler"}},
    "root": {"handlers": ["stderr"]},
    "loggers": {"_granian": {"propagate": True}},
}


class Service:
    """Runs until SIGTERM or SIGINT, then stops all its processes: web, application and worker.

    Each of them reads the configuration that FEEDS_CONFIG names. Raises FeedsError if it cannot
    listen at the port.
    """

    def __init__(self, host: str, port: int, workers: int) -> None:
        address, self._port_lock = _lock_port(host, port)
        self._server = _Server(
            "feeds.processes:web_application",
            factory=True,
            address=address,
            port=port,
            workers=workers,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            websockets=False,
            blocking_threads=WAITING + 1,
            # granian's own import has set the limit to the highest that is allowed.
            backpressure=min(_MOST_CONNECTIONS, getrlimit(RLIMIT_NOFILE)[0] - _OTHER_FILES),
            log_level=LogLevels.error,  # it warns of the many threads, most of which are parked
            log_dictconfig=_LOGGING,
            respawn_failed_workers=True,
        )
        application = "from feeds.processes import serve_application; serve_application()"
        self._children = (
            _Child("worker", "-m", "feeds", "worker"),
            _Child("application process", "-c", application),
        )

    def run(self) -> None:
        """Serve; returns when all processes have ended. Raises FeedsError."""
        os.environ[_PARENT] = str(os.getpid())
        _hold_signals_over_forks()
        with ExitStack() as stack:
            stack.callback(self._port_lock.close)
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="feeds-"))
            os.environ[SOCKET] = f"{folder}/application"
            for child in self._children:
                self._server.on_startup(child.start)
                stack.callback(child.stop)
            try:
                self._server.serve()
            except SystemExit:
                # An init system may tell all processes to stop: the first to end did not fail.
                if not self._server.interrupt_signal:
                    raise


class _Child(threading.Thread):
    """A process that is started again whenever it ends."""

    def __init__(self, name: str, *arguments: str) -> None:
        super().__init__(name=name, daemon=True)
        self._command = [sys.executable, *arguments]
        self._starting = threading.Lock()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # Not in the thread: a web process forked meanwhile would inherit half of a start.
        self._start_process()
        super().start()

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
                # In its own group: Ctrl-C is for the main process, which then stops this one.
                self._process = subprocess.Popen(self._command, process_group=0)  # noqa: S603 - ours

    def run(self) -> None:
        while self._process and not self._stopping.is_set():
            code = self._process.wait()
            if not self._stopping.wait(_SECONDS_BEFORE_RESTART):
                logger.error("the %s ended with %s and is started again", self.name, code)
                _start(self.name, self._start_process)


class _Server(MPServer):
    """granian's main process, which goes on while web processes end often or cannot be started."""

    def _spawn_worker(self, *arguments: Any, **options: Any) -> Any:
        # By these times it would end all processes once one of them ended twice within 5.5 s.
        self.respawned_wrks.clear()
        made: Any = super()._spawn_worker(*arguments, **options)
        made.start = partial(_start, "web process", made.start, self._end_if_told)
        return made

    def _end_if_told(self) -> None:
        if self.interrupt_signal:
            self.shutdown(1)  # type: ignore[no-untyped-call] # it raises SystemExit


def _start(name: str, start: Callable[[], None], between: Callable[[], object] = object) -> None:
    """Start a process; try again while the machine has no memory, processes or files for it."""
    while True:
        try:
            return start()
        except OSError as error:
            logger.error("the %s cannot be started: %s", name, error.strerror)  # noqa: TRY400 - it says all
            time.sleep(_SECONDS_BEFORE_RESTART)
            between()


def _lock_port(host: str, port: int) -> tuple[str, TextIO]:
    """Resolve a host, and make sure that no other service listens there or is about to.

    granian's sockets would share the port with another service of the same user, and each would get
    a part of the requests. The port is locked as long as the file is open.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
        name = f"{tempfile.gettempdir()}/feeds-{os.getuid()}-{address[0]}-{port}.lock"
        # Others can write to this folder: a link of theirs must not be followed.
        lock = os.fdopen(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600), "w")
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        fault = "another service is there" if isinstance(error, BlockingIOError) else error.strerror
        raise FeedsError(
            f"cannot listen at {host}:{port}: {fault}; choose another --host or --port"
        ) from error
    return str(address[0]), lock


def _hold_signals_over_forks() -> None:
    """Hold signals to stop back from a process forked from this one until it calls `stop_once`.

    Until then it has its parent's handlers, which would take a signal and do nothing.
    """
    os.register_at_fork(
        before=partial(signal.pthread_sigmask, signal.SIG_BLOCK, _TO_STOP),
        after_in_parent=partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, _TO_STOP),
    )


def stop_once(stop: Callable[[], object], *signals: signal.Signals) -> None:
    """Call `stop` in a thread when the first of some signals comes; ignore other signals to stop.

    A process that has not ended ten seconds later is killed. One that a service started also stops
    once the service is gone: a service that is killed cannot stop it, and it would hold the port
    and the store.

    To be called in the main thread before it starts others. A handler would interrupt the main
    thread anywhere, also in a wait that holds the very lock needed to wake it up: then the process
    never ends. That happens when a terminal or an init system signals all processes of a service,
    and the main one then signals each again.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _TO_STOP)

    def wait() -> None:
        signal.sigwait(signals)
        threading.Thread(target=_end_at_last, daemon=True).start()
        stop()

    threading.Thread(target=wait, name="stop", daemon=True).start()
    parent = os.environ.pop(_PARENT, None)
    if parent is not None:
        watch = partial(_end_with, int(parent))
        threading.Thread(target=watch, name="parent", daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process once it has another parent, as an orphan has."""
    while os.getppid() == parent:
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    os.kill(os.getpid(), signal.SIGTERM)


def _end_at_last() -> None:
    time.sleep(_SECONDS_TO_STOP)
    logger.error("this process did not stop within %s s and is killed", _SECONDS_TO_STOP)
    os.kill(os.getpid(), signal.SIGKILL)
