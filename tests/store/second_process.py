"""Another process that uses the same store."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Leases and idle transactions end after 3 seconds instead of 15.
_SOON = """
from feeds.store import postgres
postgres._LEASE_SECONDS, postgres._SECONDS_BETWEEN_RENEWALS = 3, 0.5
postgres._VANISHED_MILLISECONDS = 3_000
"""
WRITE_UNDER_THE_LOCK = f"""{_SOON}
import sys
from feeds.errors import StoreError
from feeds.model import LATEST
from feeds.store import Touched, open_store
with open_store(sys.argv[1]) as store, store.lock("publishing") as held:
    print(held, flush=True)
    sys.stdin.readline()
    try:
        for touched in store.changes.touched(9):
            store.changes.settle(touched)
    except StoreError as error:
        print(error, flush=True)
"""
WRITE_FOR_EVER = f"""{_SOON}
import sys
from feeds.store import open_store
with open_store(sys.argv[1]) as store, store._database.writing():
    print("writing", flush=True)
    sys.stdin.readline()
"""
OPEN_WHEN_TOLD = """
import sys
from feeds.store import open_store
print("ready", flush=True)
sys.stdin.readline()
with open_store(sys.argv[1]) as store:
    print(store.articles.is_empty(), flush=True)
"""
SAVE_WHEN_TOLD = """
import sys
from feeds.store import open_store
from tests.store.samples import article, save
with open_store(sys.argv[1]) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    for n in range(20):
        save(store, *(article(str(i), tags=(f"{sys.argv[2]} {n}",)) for i in range(10)))
    print("saved", flush=True)
"""

Process = subprocess.Popen[str]


@contextmanager
def run(script: str, *arguments: str) -> Iterator[Process]:
    """Run a script, and kill it in the end."""
    command = [sys.executable, "-c", script, *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def heard(process: Process) -> str:
    """Wait for the next line that the process says."""
    assert process.stdout
    return process.stdout.readline().strip()


def tell(process: Process) -> None:
    """Let the process go on."""
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()
