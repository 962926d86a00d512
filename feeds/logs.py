"""The log lines of all processes on stderr, as text or JSON; a fault that repeats is told once."""

import json
import logging
import os
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TextIO

from feeds import __version__

FORMATS = ("text", "json")
VARIABLE = "FEEDS_LOG_FORMAT"
"""The variable with the format, which all processes of a service inherit."""

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_SECONDS_BETWEEN_COUNTS = 600.0
_MOST_REMEMBERED = 200
_STDERR = 2
_MILLISECONDS_TO_WAIT = 100
_PIECE = 1000  # characters; a pipe that takes anything in takes 4,096 bytes (PIPE_BUF)


def set_up() -> None:
    """Let this process log to stderr, unless its logging is set up already."""
    logging.basicConfig(handlers=[Handler()])


def is_json() -> bool:
    """Say whether each line is a JSON object."""
    return os.environ.get(VARIABLE) == "json"


def tell(logger: logging.Logger, message: str, *arguments: object, **fields: object) -> None:
    """Log an event that is no fault; its line of JSON has the fields too."""
    logger.info(message, *arguments, extra={"fields": fields})


@contextmanager
def lifetime(process: str, **about: object) -> Iterator[None]:
    """Tell the start and the stop of a process that runs until it is stopped, and its events."""
    logger = logging.getLogger("feeds")
    logger.setLevel(logging.INFO)
    about = {"version": __version__, "pid": os.getpid(), **about}
    shown = ", ".join(f"{key} {value}" for key, value in about.items())
    tell(logger, f"{process} started: {shown}", process=process, **about)
    try:
        yield
    finally:
        tell(logger, f"{process} stopped", process=process, pid=os.getpid())


class _Json(logging.Formatter):
    """One object a line: `time` (RFC 3339), `level`, `logger`, `message`, and further fields."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": time, "level": record.levelname, "logger": record.name}
        line |= {"message": record.getMessage(), **getattr(record, "fields", {})}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


@dataclass
class _Message:
    """A message: when it came first, when it was written last, and how often it has come."""

    since: str = field(default_factory=lambda: time.strftime("%H:%M"))
    last: float = field(default_factory=time.monotonic)
    times: int = 0


class Handler(logging.StreamHandler[TextIO]):
    """Writes to stderr: a fault once, and then every ten minutes with the number of its repeats.

    Lines that nobody takes in are left out: a full pipe would stop this process.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(_Json() if is_json() else logging.Formatter(_FORMAT))
        self._messages = dict[tuple[str, int, str], _Message]()
        self._stderr = select.poll()
        self._stderr.register(_STDERR, select.POLLOUT)
        self._lost = 0
        self._before = ""  # ends a line of which only a part was taken in

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, unless it repeats another one or nobody reads it."""
        if record.levelno >= logging.WARNING and not self._is_due(record):
            return
        if not self._is_taken_in():
            return
        if self._lost:
            record.msg = f"{record.msg} (lines lost before this one: {self._lost})"
            self._lost = 0
        try:
            line, self._before = f"{self._before}{self.format(record)}\n", ""
            for start in range(0, len(line), _PIECE):
                if start and not self._is_taken_in():
                    self._before = "\n"
                    return
                self.stream.write(line[start : start + _PIECE])
                self.flush()
        except Exception:  # noqa: BLE001 - as of any other handler
            self.handleError(record)

    def _is_taken_in(self) -> bool:
        """Say whether stderr takes a piece of a line in; count the line as lost if not."""
        if self._stderr.poll(0 if self._lost else _MILLISECONDS_TO_WAIT):
            return True
        self._lost += 1
        self._messages.clear()  # so that the faults among these lines are told again
        return False

    def _is_due(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        key = (record.name, record.levelno, message)
        known = self._messages[key] = self._messages.pop(key, _Message())  # the latest come last
        if len(self._messages) > _MOST_REMEMBERED:
            del self._messages[next(iter(self._messages))]
        known.times += 1
        if known.times > 1:
            if time.monotonic() < known.last + _SECONDS_BETWEEN_COUNTS:
                return False
            known.last = time.monotonic()
            record.msg, record.args = f"{message} ({known.times} times since {known.since})", None
        return True
