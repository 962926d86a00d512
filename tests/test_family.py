"""How a process is told to stop, and that it does not outlive its parent."""

import os
import subprocess
import sys

import psutil
import pytest

from feeds.family import become_parent
from tests.processes import environment, eventually, lives

# A main thread that is never out of a wait, which a handler would interrupt.
COUNT_STOPS = """
import os, signal, sys, threading
from feeds.family import stop_once
stops, stop, numbers = [], threading.Event(), list(map(int, sys.argv[1].split(",")))
def note():
    stops.append(threading.current_thread().name)
    stop.set()
stop_once(note, *map(signal.Signals, numbers))
for _ in range(3):
    for number in (signal.SIGINT, *numbers):
        os.kill(os.getpid(), number)
stop.wait()
print(stops)
"""
# As in a process that granian forks: the parent's handler is there, and then granian's.
STOP_EARLY = """
import os, signal, threading
from functools import partial
from feeds.family import end_by_handler_of_sigterm, stop_once
stop, lost = threading.Event(), []
signal.signal(signal.SIGTERM, lambda *_: lost.append("lost"))
inherited = signal.getsignal(signal.SIGTERM)
stop_once(partial(end_by_handler_of_sigterm, inherited), signal.SIGTERM)
os.kill(os.getpid(), signal.SIGTERM)
signal.signal(signal.SIGTERM, lambda *_: stop.set())
stop.wait()
print(lost)
"""
WAIT_WITH_PARENT = """
import os, threading
from feeds.family import end_with_parent
end_with_parent(os.environ)
print("ready", flush=True)
threading.Event().wait()
"""
# A parent that does nothing but wait for its child.
PARENT = """
import os, subprocess, sys
from feeds.family import become_parent
become_parent(os.environ)
subprocess.run([sys.executable, "-c", sys.argv[1]])
"""


def said(script: str, *arguments: str) -> str:
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.check_output(command, env=environment(), text=True, timeout=30).strip()


@pytest.mark.parametrize("signals", ["15", "15,2"])
def test_a_process_that_is_told_often_stops_once_outside_the_main_thread(signals: str) -> None:
    assert said(COUNT_STOPS, signals) == "['stop']"


def test_a_signal_that_comes_before_the_handler_is_not_lost() -> None:
    assert said(STOP_EARLY) == "[]"


def test_a_process_ends_with_its_parent() -> None:
    command = [sys.executable, "-c", PARENT, WAIT_WITH_PARENT]
    with psutil.Popen(command, env=environment(), stdout=subprocess.PIPE) as parent:
        assert parent.stdout.readline() == b"ready\n"
        (child,) = parent.children()
        parent.kill()
        eventually(lambda: not lives(child))


def test_a_parent_is_named_by_its_process() -> None:
    environ: dict[str, str] = {}
    become_parent(environ)
    assert environ == {"FEEDS_PARENT": str(os.getpid())}
