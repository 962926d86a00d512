"""Spool files: an accepted view is folded once, whatever happens to file, disk or process."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from io import BufferedReader, FileIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.store import Position, Store
from feeds.store.schema import visits
from feeds.store.visits import View, Visits
from feeds.views import Spool, fold_all, spool
from tests.processes import environment

VIEW = View(moment=1_772_409_600, day=739_677, article_id="1", visitor=-5, network=7)

IDS = (
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=200)
    .filter(str.isprintable)
    .map(lambda text: text[:200])
)
NUMBERS = st.integers(-(2**63), 2**63 - 1)
VIEWS = st.builds(
    View,
    moment=st.integers(0, 2**40 - 1),
    day=st.integers(1, 3_652_059),
    article_id=IDS,
    visitor=NUMBERS,
    network=NUMBERS,
    left_out=st.just(""),
)

# A disk that is full after so many bytes of a file: the write that would cross the limit is cut
# short there, and the next one writes nothing (EFBIG, where a disk says ENOSPC).
ON_A_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from feeds.errors import SpoolError
from feeds.views import Spool
from tests.views.test_spool import VIEW
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder, limit = Path(sys.argv[1]), int(sys.argv[2])
spool, outcomes = Spool(folder), []
def append(name):
    try:
        spool.append(VIEW._replace(article_id=name))
    except SpoolError as error:
        outcomes.append(f"{name} refused: {error}")
    else:
        outcomes.append(f"{name} kept")
append("before")
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
for number in range(6):
    append("full")
left = len(list(folder.iterdir()))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
append("after")
print("\\n".join(outcomes))
print(left, "files")
"""


def named(article_id: str) -> View:
    return VIEW._replace(article_id=article_id)


def write(folder: Path, *names: str, close: bool = True) -> Spool:
    writer = Spool(folder)
    for name in names:
        writer.append(named(name))
    if close:
        writer.close()
    return writer


def times(store: Store) -> dict[str, int]:
    """How often the store has the view of each article."""
    with store._database.reading() as connection:
        return {row.article_id: row.times for row in connection.execute(visits.select())}


def the_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where no view was kept yet."""
    return tmp_path / "kept" / "views"


@pytest.fixture
def writer(folder: Path) -> Iterator[Spool]:
    """The spool of a web process."""
    opened = Spool(folder)
    yield opened
    opened.close()


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(VIEWS, min_size=1, max_size=20))
def test_whatever_is_appended_is_folded(
    store: Store, tmp_path_factory: pytest.TempPathFactory, views: list[View]
) -> None:
    folder, pieces = tmp_path_factory.mktemp("spool"), []

    def fold(*piece: Any) -> bool:
        pieces.append(list(piece[-1]))
        return True

    folding = copy(store)
    vars(folding)["visits"] = SimpleNamespace(position=lambda _: Position(), fold=fold)
    writer = Spool(folder)
    for view in views:
        writer.append(view)
    assert fold_all(folder, folding)
    assert pieces == [views]
    writer.close()


def test_it_says_whether_everything_is_folded(store: Store, folder: Path) -> None:
    write(folder, "1")
    assert not fold_all(folder, store, lambda: True)
    assert times(store) == {}
    with spool._locked(folder):  # as another process that folds
        assert not fold_all(folder, store)
    (folder / "0.views").mkdir()
    assert not fold_all(folder, store)
    assert times(store) == {"1": 1}
    (folder / "0.views").rmdir()
    assert fold_all(folder, store)


def test_a_file_that_is_written_to_is_folded_as_far_as_it_goes_and_stays(
    store: Store, writer: Spool, folder: Path
) -> None:
    for name in "123":
        writer.append(named(name))
        assert fold_all(folder, store)
        assert times(store)[name] == 1
        assert the_file(folder).exists()
    writer.close()
    assert fold_all(folder, store)
    assert times(store) == {"1": 1, "2": 1, "3": 1}
    assert list(folder.iterdir()) == []
    writer.append(named("4"))
    assert fold_all(folder, store)
    assert times(store)["4"] == 1


class Slow(Visits):
    """The visits of a store, for a worker that another overtakes when it has read a piece."""

    def __init__(self, store: Store, overtake: Callable[[], object]) -> None:
        super().__init__(store._database)
        self._overtake = overtake

    def fold(self, *piece: Any) -> bool:
        self._overtake()
        return super().fold(*piece)


def test_a_slow_worker_brings_nothing_that_another_folded_and_deleted(
    store: Store, folder: Path
) -> None:
    writer = write(folder, "1", "2", close=False)

    def overtake() -> None:
        writer.close()
        fold_all(folder, store)

    slow = copy(store)
    slow.visits = Slow(store, overtake)
    fold_all(folder, slow)
    fold_all(folder, store)
    assert times(store) == {"1": 1, "2": 1}
    assert list(folder.iterdir()) == []


def test_only_the_owner_can_read_folder_and_file(writer: Spool, folder: Path) -> None:
    assert not folder.parent.exists()
    writer.append(VIEW)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert the_file(folder).stat().st_mode & 0o777 == 0o600


def test_after_a_deletion_a_new_file_and_folder_are_made(
    store: Store, writer: Spool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "_SECONDS_BETWEEN_LOOKS", 0.0)
    writer.append(named("gone"))
    the_file(folder).unlink()
    writer.append(named("gone too"))
    the_file(folder).unlink()
    folder.rmdir()
    writer.append(named("kept"))
    writer.append(named("also kept"))
    assert fold_all(folder, store)
    assert times(store) == {"kept": 1, "also kept": 1}


@pytest.mark.parametrize("room", [1, 40])  # bytes; a line has about 30
def test_on_a_full_disk_views_are_refused_and_never_half_counted(
    store: Store, folder: Path, room: int
) -> None:
    command = [sys.executable, "-c", ON_A_FULL_DISK, str(folder), str(room)]
    root = Path(__file__).parents[2]
    said = subprocess.check_output(command, text=True, cwd=root, env=environment())
    before, *full, after, left = said.splitlines()
    assert (before, after, left) == ("before kept", "after kept", "1 files")
    assert len(full) == 6
    reasons = {one.partition(f"{folder}: views cannot be saved: ")[2] for one in full}
    assert reasons <= {"File too large", "No space left on device"}
    assert fold_all(folder, store)
    assert times(store) == {"before": 1, "after": 1}


def test_a_torn_last_line_is_never_read(store: Store, folder: Path) -> None:
    writer = write(folder, "1", close=False)
    os.write(writer._file, b"739677\t17724")
    assert fold_all(folder, store)
    assert the_file(folder).exists()
    writer.close()  # as the kernel does when the process is killed
    assert fold_all(folder, store)
    assert times(store) == {"1": 1}
    assert list(folder.iterdir()) == []


class Growing(FileIO):
    """A file whose writer adds `rest` just after a reader has met the end."""

    def __init__(self, path: Path, rest: bytes) -> None:
        super().__init__(path)
        self._path, self._rest = path, rest

    def readinto(self, buffer: Any) -> int | None:
        read = super().readinto(buffer)
        if not read:
            with self._path.open("ab") as file:
                file.write(self._rest)
            self._rest = b""
        return read


@pytest.mark.parametrize("size", [6, 100])
@pytest.mark.parametrize("cut", range(15))
def test_a_line_that_is_being_written_is_read_whole_or_not_at_all(
    tmp_path: Path, cut: int, size: int
) -> None:
    path, lines = tmp_path / "1.views", [b"first\n", b"second\n", b"3\n"]
    written = b"".join(lines)
    path.write_bytes(written[:cut])
    with BufferedReader(Growing(path, written[cut:])) as file:
        read = [line for batch in spool.whole_lines(file, size) for line in batch]
    assert read == lines[: len(read)]
    assert len(read) >= written[:cut].count(b"\n")


@pytest.mark.parametrize(
    "garbage",
    [
        pytest.param(b"\0" * 3_000_000, id="NULs"),
        pytest.param(b"739677\t1\t2\t3\t\t\xff\xfe", id="no UTF-8"),
        pytest.param(b"739677\t1\t2\t3\t\t", id="no id"),
        pytest.param(b"739677\t1\t2\t3\t1", id="a field short"),
        pytest.param(b"739677\t1\tx\t3\t\t1", id="no number"),
        pytest.param(b"739677\t1\t2\t3\t\tab\0\0\0cd", id="NULs within an id"),
    ],
)
def test_garbage_is_reported_and_ignored(
    store: Store, folder: Path, caplog: pytest.LogCaptureFixture, garbage: bytes
) -> None:
    write(folder, "1")
    path = the_file(folder)
    line = path.read_bytes()
    path.write_bytes(line + garbage + b"\n" + line.replace(b"1\n", b"2\n"))
    with caplog.at_level(logging.WARNING):
        assert fold_all(folder, store)
    assert times(store) == {"1": 1, "2": 1}
    assert f"{path}: a line that is not a view" in caplog.text


def test_threads_share_files_which_do_not_grow_without_limit(
    store: Store, writer: Spool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "_MOST_BYTES", 2_000)
    together = threading.Barrier(4)

    def write(thread: int) -> None:
        together.wait()
        for number in range(200):
            writer.append(named(f"{thread}-{number}"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert max(path.stat().st_size for path in folder.iterdir()) < 2_000 + 50
    assert fold_all(folder, store)
    expected = {f"{thread}-{number}": 1 for thread in range(4) for number in range(200)}
    assert times(store) == expected
    assert the_file(folder).stat().st_size < 2_000 + 50
