"""How the processes of one service end: each with the one that started it, and at once when told.

A parent that is killed cannot stop its children, and orphans would hold its port and its store.
"""

import os
import signal
import threading
from collections.abc import MutableMapping

_VARIABLE = "FEEDS_PARENT"
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


def stop_at_first_sigterm() -> None:
    """Call the handler of SIGTERM once, in a thread; ignore SIGINT. Before any thread starts.

    For a child whose parent sends SIGTERM, whatever a terminal or an init system sends to all at
    the same time. granian's handler, when a second signal interrupts it, waits for itself; and
    until granian has set it, there is the parent's, which would do nothing here.
    """
    inherited = signal.getsignal(signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    threading.Thread(target=_stop, args=(inherited,), name="stop", daemon=True).start()


def _watch(parent: int) -> None:
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(_SECONDS_BETWEEN_LOOKS)
    os.kill(os.getpid(), signal.SIGTERM)
    pause.wait(_SECONDS_TO_STOP)
    os.kill(os.getpid(), signal.SIGKILL)


def _stop(inherited: object) -> None:
    signal.sigwait((signal.SIGTERM,))
    pause = threading.Event()
    while (handler := signal.getsignal(signal.SIGTERM)) is inherited:
        pause.wait(0.01)
    if callable(handler):
        handler(signal.SIGTERM, None)
