"""The log lines on stderr when a process repeats a message."""

import fcntl
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from io import StringIO

import pytest

from feeds import logs
from feeds.store import shown_url
from tests.processes import environment

Said = Callable[[], list[str]]


@pytest.fixture
def stderr() -> StringIO:
    return StringIO()


@pytest.fixture
def logger(stderr: StringIO) -> Iterator[logging.Logger]:
    """A logger of events and faults with the handler of every process."""
    made, handler = logging.getLogger("feeds.worker"), logs.Handler()
    handler.setStream(stderr)
    made.addHandler(handler)
    made.setLevel(logging.INFO)
    yield made
    made.setLevel(logging.NOTSET)
    made.removeHandler(handler)


@pytest.fixture
def _as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(logs.VARIABLE, "json")


@pytest.fixture
def said(stderr: StringIO) -> Said:
    """Give the lines that were written."""
    return lambda: stderr.getvalue().splitlines()


def test_each_line_has_a_time_and_a_level(logger: logging.Logger, said: Said) -> None:
    logger.error("the store is %s", "away")
    (line,) = said()
    pattern = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ERROR feeds.worker: the store is away"
    assert re.fullmatch(pattern, line)


@pytest.mark.usefixtures("_as_json")
def test_a_line_of_json_has_the_fields_of_an_event_and_the_traceback_of_a_fault(
    logger: logging.Logger, said: Said
) -> None:
    logs.tell(logger, "published %s", "latest", term="latest", documents=21)
    try:
        json.loads("{")
    except ValueError:
        logger.exception("the worker goes on")
    event, fault = map(json.loads, said())
    assert datetime.fromisoformat(event.pop("time")).tzinfo
    assert event == {
        "level": "INFO",
        "logger": "feeds.worker",
        "message": "published latest",
        "term": "latest",
        "documents": 21,
    }
    assert (fault["level"], fault["message"]) == ("ERROR", "the worker goes on")
    assert fault["traceback"].startswith("Traceback ")


def test_events_are_told_each_time(logger: logging.Logger, said: Said) -> None:
    for _ in range(3):
        logs.tell(logger, "published latest")
    assert len(said()) == 3


def test_no_password_of_a_store_is_logged() -> None:
    assert "secret" not in shown_url("postgresql://kim:secret@db.example/paper?password=secret")
    assert shown_url("postgresql://kim:secret@db.example/paper").endswith("@db.example/paper")


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


LOG_UNREAD = """
import logging, os, sys
from feeds import logs
logs.set_up()
logging.warning("long " * 10_000)
for number in range(998):
    logging.warning("line %d", number)
os.read(int(sys.argv[1]), 8192)
logging.warning("it is read again")
logging.warning("line 997")
"""


def test_a_process_goes_on_while_nobody_reads_what_it_logs() -> None:
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 8192)
    os.write(writer, b"x" * 4096)  # half of it is free
    command = [sys.executable, "-c", LOG_UNREAD, str(reader)]
    how = {"stderr": writer, "pass_fds": [reader], "env": environment(), "timeout": 20}
    subprocess.run(command, check=True, **how)
    os.close(writer)
    said = os.read(reader, 8192).decode()
    os.close(reader)
    assert "\n20" in said
    assert "it is read again (lines lost before this one: 999)\n" in said
    assert said.endswith("line 997\n")


def test_only_the_latest_messages_are_remembered(logger: logging.Logger, said: Said) -> None:
    for n in (*range(1000), 999, 0):
        logger.error("view %d", n)
    assert len(said()) == 1001
    assert said()[-1].endswith("view 0")
