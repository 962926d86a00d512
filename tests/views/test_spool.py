"""Spool files: what is acknowledged is read back whole, whatever happens to file or disk."""

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.errors import SpoolError
from feeds.model import View
from feeds.views import Spool, spool
from feeds.views.spool import claimed, read_pieces
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
    left_out=st.sampled_from(["", "robot", "feed reader"]),
)

# A disk that is full after so many bytes of a file: the write that would cross the limit is cut
# short there, and the next one writes nothing (EFBIG, where a disk says ENOSPC).
ON_A_FULL_DISK = """
import resource, signal, sys
from dataclasses import replace
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
APPEND_UNTIL_KILLED = """
import os, sys
from pathlib import Path
from feeds.views import Spool
from tests.views.test_spool import VIEW
spool = Spool(Path(sys.argv[1]))
spool.append(VIEW)
os.write(spool._file, b"739677\\t17724")
print("written", flush=True)
sys.stdin.readline()
"""


def views_in(folder: Path) -> list[View]:
    """Read all views of a folder's files, in the order of these."""
    return [
        view
        for path in sorted(folder.iterdir())
        for piece in read_pieces(path, 0)
        for view in piece.views
    ]


def names(views: list[View]) -> list[str]:
    return [view.article_id for view in views]


def the_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "spool"
    path.mkdir()
    return path


@pytest.fixture
def writer(folder: Path) -> Iterator[Spool]:
    """The spool of a web process."""
    opened = Spool(folder)
    yield opened
    opened.close()


def until_it_looks_again() -> None:
    """Wait until the spool asks again whether its file is still there."""
    time.sleep(2 * spool._SECONDS_BETWEEN_LOOKS)


def named(article_id: str) -> View:
    return VIEW._replace(article_id=article_id)


@settings(max_examples=50, deadline=None)
@given(st.lists(VIEWS, min_size=1, max_size=20))
def test_whatever_is_appended_is_read_back_whole(
    tmp_path_factory: pytest.TempPathFactory, views: list[View]
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    spool = Spool(folder)
    for view in views:
        spool.append(view)
    spool.close()
    assert views_in(folder) == views


def test_a_view_is_in_the_file_when_append_returns(writer: Spool, folder: Path) -> None:
    writer.append(VIEW)
    assert views_in(folder) == [VIEW]


def test_a_file_can_be_read_by_its_owner_only(writer: Spool, folder: Path) -> None:
    writer.append(VIEW)
    assert the_file(folder).stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_large_enough_is_left_for_another(
    writer: Spool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "_MOST_BYTES", 200)
    given = [named(str(number)) for number in range(30)]
    for view in given:
        writer.append(view)
    sizes = [path.stat().st_size for path in folder.iterdir()]
    assert len(sizes) > 3
    assert max(sizes) < 200 + 50
    assert sorted(names(views_in(folder)), key=int) == names(given)
    complete = []
    for path in folder.iterdir():
        with claimed(path) as is_complete:
            complete.append(is_complete)
    assert sorted(complete) == [False] + [True] * (len(sizes) - 1)


def test_pieces_begin_where_the_last_one_ended(
    writer: Spool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "_PIECE_BYTES", 100)
    given = [named(str(number)) for number in range(20)]
    for view in given:
        writer.append(view)
    path = the_file(folder)
    pieces = list(read_pieces(path, 0))
    assert len(pieces) > 5
    assert [view for piece in pieces for view in piece.views] == given
    assert pieces[-1].end == path.stat().st_size
    for number, piece in enumerate(pieces):
        rest = [view for later in pieces[number + 1 :] for view in later.views]
        assert [view for one in read_pieces(path, piece.end) for view in one.views] == rest


def test_views_are_refused_while_the_folder_is_gone_and_go_on_in_a_new_file(
    writer: Spool, folder: Path
) -> None:
    writer.append(named("before"))
    elsewhere = folder.rename(folder.with_name("elsewhere"))
    until_it_looks_again()
    for _ in range(3):
        with pytest.raises(SpoolError, match="cannot be kept: No such file or directory"):
            writer.append(named("refused"))
    folder.mkdir()
    writer.append(named("after"))
    assert names(views_in(folder)) == ["after"]
    assert names(views_in(elsewhere)) == ["before"]


def test_the_folder_is_made_for_its_owner_when_the_first_view_comes(tmp_path: Path) -> None:
    folder = tmp_path / "kept" / "views"
    writer = Spool(folder)
    assert not folder.parent.exists()
    writer.append(VIEW)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert views_in(folder) == [VIEW]


def test_a_folder_that_cannot_be_made_is_tried_again_with_each_view(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("")
    writer = Spool(tmp_path / "kept" / "views")
    for _ in range(2):
        with pytest.raises(SpoolError, match="views cannot be kept: Not a directory"):
            writer.append(VIEW)
    (tmp_path / "kept").unlink()
    writer.append(VIEW)
    assert views_in(tmp_path / "kept" / "views") == [VIEW]


def test_a_file_in_the_place_of_the_folder_is_told(writer: Spool, folder: Path) -> None:
    writer.append(named("before"))
    folder.rename(folder.with_name("elsewhere"))
    folder.write_text("")
    until_it_looks_again()
    with pytest.raises(SpoolError, match="Not a directory"):
        writer.append(named("refused"))
    folder.unlink()
    folder.mkdir()
    writer.append(named("after"))
    assert names(views_in(folder)) == ["after"]


def test_a_file_that_was_deleted_is_not_written_to_any_more(writer: Spool, folder: Path) -> None:
    writer.append(named("gone"))
    the_file(folder).unlink()
    until_it_looks_again()
    writer.append(named("kept"))
    writer.append(named("too"))
    assert names(views_in(folder)) == ["kept", "too"]


def test_a_file_that_was_replaced_is_left_alone(writer: Spool, folder: Path) -> None:
    writer.append(named("gone"))
    path = the_file(folder)
    path.rename(folder.with_name("aside"))
    path.write_text("")
    until_it_looks_again()
    writer.append(named("kept"))
    assert path.read_text() == ""
    assert names(views_in(folder)) == ["kept"]


def on_a_full_disk(folder: Path, limit: int) -> list[str]:
    command = [sys.executable, "-c", ON_A_FULL_DISK, str(folder), str(limit)]
    root = Path(__file__).parents[2]
    return subprocess.check_output(command, text=True, cwd=root, env=environment()).splitlines()


@pytest.mark.parametrize("room", [1, 20, 28])  # bytes of a line of 29
def test_on_a_full_disk_views_are_refused_and_never_half_counted(folder: Path, room: int) -> None:
    before, *full, after, left = on_a_full_disk(folder, room)
    assert (before, after) == ("before kept", "after kept")
    assert len(full) == 6
    reasons = {one.partition(f"{folder}: views cannot be kept: ")[2] for one in full}
    assert reasons <= {"File too large", "No space left on device"}
    assert sorted(names(views_in(folder))) == ["after", "before"]
    # One refused view must not leave one more file each.
    assert left == "1 files"


def test_the_torn_last_line_of_a_killed_process_is_never_read(folder: Path) -> None:
    command = [sys.executable, "-c", APPEND_UNTIL_KILLED, str(folder)]
    pipe, root = subprocess.PIPE, Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, cwd=root, env=environment()) as process:
        assert process.stdout
        assert process.stdout.readline() == b"written\n"
        with claimed(the_file(folder)) as is_complete:
            assert not is_complete
        process.kill()
    with claimed(the_file(folder)) as is_complete:
        assert is_complete
    (piece,) = read_pieces(the_file(folder), 0)
    assert piece.views == (VIEW,)
    assert piece.end < the_file(folder).stat().st_size


@pytest.mark.parametrize(
    "garbage",
    [
        pytest.param(b"\0" * 300, id="NULs"),
        pytest.param(b"739677\t1\t2\t3\t\t\xff\xfe", id="no UTF-8"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"739677\t1\t2\t3\t\t", id="no id"),
        pytest.param(b"739677\t1\t2\t3\t1", id="a field short"),
        pytest.param(b"739677\t1\t2\t3\t\t1\t1", id="a field more"),
        pytest.param(b"739677\t1\tx\t3\t\t1", id="no number"),
        pytest.param(b"739677\t1\t" + b"9" * 31 + b"\t3\t\t1", id="no key"),
        pytest.param(b"9999999\t1\t2\t3\t\t1", id="no day"),
        pytest.param(b"739677\t9999999999999\t2\t3\t\t1", id="no time"),
        pytest.param(b"739677\t1\t2\t3\t\tab\0\0\0cd", id="NULs within an id"),
    ],
)
def test_garbage_is_reported_and_passed_over(
    folder: Path, caplog: pytest.LogCaptureFixture, garbage: bytes
) -> None:
    writer = Spool(folder)
    writer.append(named("1"))
    writer.close()
    path = the_file(folder)
    line = path.read_bytes()
    path.write_bytes(line + garbage + b"\n" + line.replace(b"1\n", b"2\n"))
    with caplog.at_level(logging.WARNING):
        assert names(views_in(folder)) == ["1", "2"]
    assert f"{path}: a line that is no view is left out" in caplog.text


def test_a_megabyte_without_a_line_end_is_passed_over(folder: Path) -> None:
    writer = Spool(folder)
    writer.append(named("1"))
    writer.close()
    path = the_file(folder)
    line = path.read_bytes()
    path.write_bytes(line + b"\0" * 2_500_000 + b"\n" + line)
    assert names(views_in(folder)) == ["1", "1"]


def test_threads_do_not_write_into_each_other_s_lines(
    writer: Spool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "_MOST_BYTES", 2_000)
    together = threading.Barrier(4)

    def write(thread: int) -> list[str]:
        together.wait()
        mine = [f"{thread}-{number}" for number in range(200)]
        for name in mine:
            writer.append(named(name))
        return mine

    with ThreadPoolExecutor(4) as pool:
        given = [name for written in pool.map(write, range(4)) for name in written]
    assert sorted(names(views_in(folder))) == sorted(given)


def test_a_file_is_complete_once_nobody_writes_to_it(writer: Spool, folder: Path) -> None:
    writer.append(VIEW)
    with claimed(the_file(folder)) as is_complete:
        assert not is_complete
    writer.close()
    with claimed(the_file(folder)) as is_complete:
        assert is_complete
        with claimed(the_file(folder)) as is_another_s:
            assert not is_another_s
    writer.append(VIEW)
    assert len(list(folder.iterdir())) == 2
