"""How long a process waits for the store, and how one that serves remembers that it is away."""

import threading
import time
from dataclasses import dataclass

from feeds.errors import StoreError

_SECONDS_BETWEEN_PROBES = 1.0


@dataclass(frozen=True, slots=True)
class Patience:
    """The most seconds to wait for a connection, another one's lock, and a statement."""

    connection: float
    lock: float
    statement: float


WORKING = Patience(connection=5.0, lock=30.0, statement=120.0)
"""Of the worker and the commands; nobody waits for them."""


def serving(seconds: float) -> Patience:
    """Give the patience of a process that serves."""
    return Patience(connection=seconds, lock=seconds, statement=seconds)


class Absence:
    """What is known of a store that cannot be reached: who asks meanwhile is refused at once.

    One caller a second is let through, to find it back.
    """

    def __init__(self) -> None:
        self._error: StoreError | None = None
        self._next_probe = 0.0
        self._changing = threading.Lock()

    def refuse(self) -> None:
        """Raise the StoreError that was noted, unless this caller is to try."""
        if self._error is None:
            return
        with self._changing:
            error = self._error
            if error is None or time.monotonic() >= self._next_probe:
                self._next_probe = time.monotonic() + _SECONDS_BETWEEN_PROBES
                return
        raise StoreError(str(error))

    def note(self, error: StoreError) -> None:
        """Note that the store is away, and why."""
        with self._changing:
            self._error = error
            self._next_probe = time.monotonic() + _SECONDS_BETWEEN_PROBES

    def end(self) -> None:
        """Note that the store is there."""
        self._error = None
