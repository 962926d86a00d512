"""What all processes write to stderr: when, how bad, where from, what; a repeated fault once."""

import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TextIO

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_SECONDS_BETWEEN_COUNTS = 600.0
_MOST_REMEMBERED = 200


def set_up() -> None:
    """Let this process log to stderr, unless its logging is set up already."""
    logging.basicConfig(handlers=[handler()])


def handler() -> logging.StreamHandler[TextIO]:
    """Make the handler that all processes have."""
    made = logging.StreamHandler()
    made.setFormatter(logging.Formatter(_FORMAT))
    made.addFilter(_Repeats())
    return made


@dataclass
class _Told:
    """A message: since when it comes, when it was told last, and how often it has come."""

    since: str
    last: float = field(default_factory=time.monotonic)
    times: int = 1


class _Repeats(logging.Filter):
    """Lets a message through once, and then once in ten minutes, with how often it came."""

    def __init__(self) -> None:
        super().__init__()
        self._told = OrderedDict[tuple[str, int, str], _Told]()
        self._counting = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        key = (record.name, record.levelno, message)
        with self._counting:
            told = self._told.get(key)
            if told is None:
                self._told[key] = _Told(time.strftime("%H:%M", time.localtime(record.created)))
                if len(self._told) > _MOST_REMEMBERED:
                    self._told.popitem(last=False)
                return True
            self._told.move_to_end(key)
            told.times += 1
            if time.monotonic() < told.last + _SECONDS_BETWEEN_COUNTS:
                return False
            told.last = time.monotonic()
        record.msg, record.args = f"{message} ({told.times} times since {told.since})", None
        return True
