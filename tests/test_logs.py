"""The log lines on stderr when a process repeats a message."""

import logging
import re
from collections.abc import Callable, Iterator
from io import StringIO

import pytest

from feeds import logs

Said = Callable[[], list[str]]


@pytest.fixture
def stderr() -> StringIO:
    return StringIO()


@pytest.fixture
def logger(stderr: StringIO) -> Iterator[logging.Logger]:
    """A logger with the handler of every process."""
    made, handler = logging.getLogger("feeds.worker"), logs.handler()
    handler.setStream(stderr)
    made.addHandler(handler)
    yield made
    made.removeHandler(handler)


@pytest.fixture
def said(stderr: StringIO) -> Said:
    """Give the lines that were written."""
    return lambda: stderr.getvalue().splitlines()


def test_each_line_has_a_time_and_a_level(logger: logging.Logger, said: Said) -> None:
    logger.error("the store is %s", "away")
    (line,) = said()
    pattern = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ERROR feeds.worker: the store is away"
    assert re.fullmatch(pattern, line)


def test_a_message_that_repeats_is_written_once(logger: logging.Logger, said: Said) -> None:
    for _ in range(430):
        logger.error("the store is away")
    logger.error("the store is full")
    logger.warning("the store is away")
    assert len(said()) == 3


def test_a_message_that_goes_on_repeating_is_written_again_with_its_number(
    logger: logging.Logger, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(429):
        logger.error("the store is away")
    monkeypatch.setattr(logs, "_SECONDS_BETWEEN_COUNTS", 0.0)
    logger.error("the store is away")
    assert re.search(r"the store is away \(430 times since \d\d:\d\d\)$", said()[-1])


def test_only_the_latest_messages_are_remembered(logger: logging.Logger, said: Said) -> None:
    for n in (*range(1000), 999, 0):
        logger.error("view %d", n)
    assert len(said()) == 1001
    assert said()[-1].endswith("view 0")
