"""The log lines of all processes on stderr; a message that repeats is written once."""

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import TextIO

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_SECONDS_BETWEEN_COUNTS = 600.0
_MOST_REMEMBERED = 200


def set_up() -> None:
    """Let this process log to stderr, unless its logging is set up already."""
    logging.basicConfig(handlers=[handler()])


def handler() -> logging.StreamHandler[TextIO]:
    """Make the handler of every process."""
    made = logging.StreamHandler()
    made.setFormatter(logging.Formatter(_FORMAT))
    made.addFilter(_Repeats())
    return made


@dataclass
class _Message:
    """A message: when it came first, when it was written last, and how often it has come."""

    since: str = field(default_factory=lambda: time.strftime("%H:%M"))
    last: float = field(default_factory=time.monotonic)
    times: int = 1


class _Repeats(logging.Filter):
    """Let a message through once, and then every ten minutes with the number of its repeats."""

    def __init__(self) -> None:
        super().__init__()
        self._messages = dict[tuple[str, int, str], _Message]()
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        key = (record.name, record.levelno, message)
        with self._lock:
            known = self._messages.get(key)
            if known is None:
                self._messages[key] = _Message()
                if len(self._messages) > _MOST_REMEMBERED:
                    del self._messages[next(iter(self._messages))]
                return True
            self._messages[key] = self._messages.pop(key)  # the latest come last
            known.times += 1
            if time.monotonic() < known.last + _SECONDS_BETWEEN_COUNTS:
                return False
            known.last = time.monotonic()
        record.msg, record.args = f"{message} ({known.times} times since {known.since})", None
        return True
