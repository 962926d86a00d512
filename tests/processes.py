"""The `feeds` command in processes of its own, as an engineer runs it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil
import urllib3

T = TypeVar("T")
FEEDS = (sys.executable, "-m", "feeds")

_SECONDS = 30.0
_BYTECODE = Path(__file__).parents[1] / ".pytest_cache" / "bytecode"


def environment(**variables: str) -> dict[str, str]:
    """Give the environment of a command, without the settings of the tests' own."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith("FEEDS_")}
    if ours.pop("PYTHONDONTWRITEBYTECODE", None):
        # Otherwise each of these many processes would compile all its imports.
        ours["PYTHONPYCACHEPREFIX"] = str(_BYTECODE)
    return ours | variables


def feeds(
    folder: Path, *arguments: str | Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end in a folder."""
    return subprocess.run(
        [*FEEDS, *map(str, arguments)],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def imported(folder: Path, *arguments: str | Path) -> None:
    done = feeds(folder, "import", *arguments)
    assert done.returncode == 0, done.stderr


def eventually(what: Callable[[], T | None], seconds: float = _SECONDS) -> T:
    """Call a function until its result is true, and give that; fail after some seconds."""
    until = time.monotonic() + seconds
    while True:
        if answer := what():
            return answer
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(0.02)  # between two looks at a condition


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lives(process: psutil.Process) -> bool:
    """Say whether a process still runs; it may end, and be waited for, between two looks at it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@dataclass(frozen=True)
class Running:
    """A service that runs in a folder; `errors` is the file of its stderr."""

    url: str
    port: int
    folder: Path
    process: psutil.Popen
    errors: Path

    def get(self, path: str, **headers: str) -> urllib3.BaseHTTPResponse:
        """Get a page over a connection of its own."""
        with urllib3.PoolManager(retries=False, timeout=10) as pool:
            return pool.request("GET", self.url + path, headers=headers, redirect=False)

    def published(self, path: str) -> bytes:
        """Wait for a document, and give its bytes."""
        return eventually(lambda: self.found(path)).data

    def all_know(self, *paths: str) -> bool:
        """Say whether all web processes have documents; one may learn of them before another."""
        return all(self.found(path) for path in paths for _ in range(8))

    def found(self, path: str) -> urllib3.BaseHTTPResponse | None:
        response = self.get(path)
        return response if response.status == 200 else None

    def get_status(self, path: str) -> int:
        """Give the status of a page; 0 while nothing answers."""
        try:
            return self.get(path).status
        except urllib3.exceptions.HTTPError:
            return 0

    def children(self) -> list[psutil.Process]:
        return list(self.process.children(recursive=True))

    def worker(self) -> psutil.Process | None:
        """Find the worker among the processes; None while there is none."""
        found = (child for child in self.children() if _command(child)[-1:] == ["worker"])
        return next(found, None)

    def web_processes(self) -> list[psutil.Process]:
        """Give the processes that granian forked: their command is the service's own."""
        return [child for child in self.children() if _command(child) == _command(self.process)]

    def application(self) -> psutil.Process | None:
        """Find the process of the application; None while there is none."""
        found = (child for child in self.children() if _command(child)[1:2] == ["-c"])
        return next(found, None)

    def faults(self) -> list[str]:
        """Give the lines of the log that tell of more than events."""
        lines = self.errors.read_text("utf-8").splitlines()
        return [line for line in lines if " INFO feeds" not in line]

    def has_family(self) -> bool:
        """Say whether two web processes, the worker and the application are there, ready or not."""
        return len(self.children()) == 4

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.errors.read_text("utf-8")
        return self.get_status("/readyz") == 200


def _command(process: psutil.Process) -> list[str]:
    """Give the command of a process, empty if it ended meanwhile."""
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


@contextmanager
def serving(
    folder: Path,
    port: int,
    *options: str,
    until: Callable[[Running], bool] = Running.is_ready,
    **variables: str,
) -> Iterator[Running]:
    """Run `feeds serve` in a folder with a config.yaml; end all its processes."""
    with started([*FEEDS, "serve", "--port", str(port), *options], folder, **variables) as process:
        errors = folder / "errors.txt"
        running = Running(f"http://127.0.0.1:{port}", port, folder, process, errors)
        eventually(lambda: until(running))
        family = running.children()
        try:
            yield running
        finally:
            _end(process, family)


@contextmanager
def started(command: Sequence[str], folder: Path, **variables: str) -> Iterator[psutil.Popen]:
    """Run a command in a folder, its stderr in errors.txt; end it and its children."""
    with (folder / "errors.txt").open("a") as stderr:
        process = psutil.Popen(
            command,
            cwd=folder,
            env=environment(**variables),
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
    try:
        yield process
    finally:
        _end(process, [])


def _end(process: psutil.Popen, family: list[psutil.Process]) -> None:
    """End a process and its children, and those that it had before it ended by itself."""
    children = process.children(recursive=True) if process.is_running() else []
    if process.poll() is None:
        process.terminate()
    _, alive = psutil.wait_procs([process, *children, *family], timeout=15)
    for left in alive:
        left.kill()
    process.wait()
