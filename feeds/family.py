"""How the processes of one service end: each with the one that started it, and at once when told.

A parent that is killed cannot stop its children, and orphans would hold its port and its store.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable, MutableMapping
from functools import partial

logger = logging.getLogger(__name__)

_VARIABLE = "FEEDS_PARENT"
_TO_STOP = (signal.SIGINT, signal.SIGTERM)
_SECONDS_BETWEEN_LOOKS = 0.5
_SECONDS_TO_STOP = 10


def become_parent(environ: MutableMapping[str, str]) -> None:
    """Make this process the one that processes started with `environ` end with."""
    environ[_VARIABLE] = str(os.getpid())


def end_with_parent(environ: MutableMapping[str, str]) -> None:
    """End this process once its parent is gone; without a parent in `environ`, never."""
    parent = environ.pop(_VARIABLE, None)
    if parent is not None:
        threading.Thread(target=_watch, args=(int(parent),), name="parent", daemon=True).start()


def hold_signals_over_forks() -> None:
    """Let a process forked from this one meet its signals to stop in `stop_once`, not before.

    Until then it has its parent's handlers, which would take a signal and do nothing.
    """
    os.register_at_fork(
        before=partial(signal.pthread_sigmask, signal.SIG_BLOCK, _TO_STOP),
        after_in_parent=partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, _TO_STOP),
    )


def stop_once(stop: Callable[[], object], *signals: signal.Signals) -> None:
    """Call `stop` in a thread when the first of some signals comes; ignore SIGINT and SIGTERM else.

    To be called in the main thread before it starts others. A handler would interrupt the main
    thread anywhere, also in a wait that holds the very lock which waking it up takes: then the
    process never ends. That happens when a terminal or an init system signals all processes of a
    service, and the main one then signals each again.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _TO_STOP)

    def wait() -> None:
        signal.sigwait(signals)
        stop()

    threading.Thread(target=wait, name="stop", daemon=True).start()


def end_by_handler_of_sigterm(inherited: object) -> None:
    """End as the handler of SIGTERM does, once it is not the parent's; or else by SIGKILL.

    A forked process has its parent's handler until it sets its own.
    """
    pause = threading.Event()
    while (handler := signal.getsignal(signal.SIGTERM)) is inherited:
        pause.wait(0.01)
    if callable(handler):
        handler(signal.SIGTERM, None)
    _end_at_last()


def _watch(parent: int) -> None:
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(_SECONDS_BETWEEN_LOOKS)
    os.kill(os.getpid(), signal.SIGTERM)
    _end_at_last()


def _end_at_last() -> None:
    threading.Event().wait(_SECONDS_TO_STOP)
    logger.error("this process did not stop within %s s and ends as it is", _SECONDS_TO_STOP)
    os.kill(os.getpid(), signal.SIGKILL)
