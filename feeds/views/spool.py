"""Spool files: accepted views wait there, one a line, until they are folded into the store.

Each process writes to a file of its own and holds a lock on it while it may write more. The kernel
releases the lock however the process ends, so a file that can be locked is complete.
"""

import errno
import fcntl
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from feeds.errors import SpoolError
from feeds.store import Position, Store, View

logger = logging.getLogger(__name__)

_SUFFIX = ".views"
_MOST_BYTES = 2**24  # of a file; then the next one is begun, and this one can be folded away
_BATCH_BYTES = 2**20
_CLOSED = -1
# Looking at the file before each view would cost as much as writing it. Views written to a file
# that was deleted meanwhile are lost, like those written before.
_SECONDS_BETWEEN_LOOKS = 0.001


class Spool:
    """The file that one process appends views to; it and its folder are made when needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writing = threading.Lock()
        self._file = _CLOSED
        self._size = 0
        self._looked = 0.0

    def append(self, view: View) -> None:
        """Write a view, or raise SpoolError and leave nothing of it.

        A written view survives the end of this process, whatever ends it.
        """
        line = _line(view)
        with self._writing:
            try:
                while not self._is_usable():
                    self._open()
                if os.write(self._file, line) < len(line):
                    os.ftruncate(self._file, self._size)
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # noqa: TRY301 - as the next write would
                self._size += len(line)
            except OSError as error:
                raise SpoolError(
                    f"{self._folder}: views cannot be saved: {error.strerror}"
                ) from error

    def close(self) -> None:
        """Write no more to the present file, so that it can be folded to its end."""
        if self._file != _CLOSED:
            os.close(self._file)
            self._file = _CLOSED

    def _is_usable(self) -> bool:
        """Say whether the present file is open, not full, and was not deleted."""
        if self._file == _CLOSED or self._size >= _MOST_BYTES:
            return False
        now = time.monotonic()
        if now - self._looked < _SECONDS_BETWEEN_LOOKS:
            return True
        self._looked = now
        return os.fstat(self._file).st_nlink > 0

    def _open(self) -> None:
        """Begin a file. A fold may still find it unlocked, and delete it."""
        self.close()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{int(time.time())}-{os.getpid()}-{secrets.token_hex(8)}{_SUFFIX}"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
        self._file = os.open(self._folder / name, flags, 0o600)
        self._size, self._looked = 0, 0.0
        fcntl.flock(self._file, fcntl.LOCK_EX)


def fold_all(folder: Path, store: Store, stopped: Callable[[], bool] = lambda: False) -> bool:
    """Fold all spool files of a folder into the store, oldest first, each view exactly once.

    Returns whether all of them are folded. If another process folds the folder, it is left to that
    process: both would read the same views, and the slower could store them after the faster had
    deleted the file and its position, as new ones. Raises StoreError; everything folded until then
    stays folded.
    """
    try:
        with _locked(folder) as is_ours:
            files = sorted(folder.glob(f"*{_SUFFIX}")) if is_ours else []
            folded = [not stopped() and _fold(path, store) for path in files]
            return is_ours and all(folded)
    except OSError as error:
        return _is_gone(folder, error)


def unwritable(folder: Path) -> str:
    """Say why a spool could not write to a folder now; empty if it could."""
    try:
        there = next(each for each in (folder, *folder.parents) if each.exists())
        with TemporaryFile(dir=there) as file:
            file.write(b"\n")
    except OSError as error:
        return f"{folder}: {error.strerror}"
    return ""


def waiting_since(folder: Path, store: Store) -> int | None:
    """Give the moment of the oldest view that is not folded; None if all are. Raises StoreError."""
    moments = (_first_left(path, store) for path in folder.glob(f"*{_SUFFIX}"))
    return min(filter(None, moments), default=None)


def _first_left(path: Path, store: Store) -> int | None:
    position = store.visits.position(path.name)  # at first: a file that is folded is soon gone
    try:
        with path.open("rb") as file:
            file.seek(position.at)
            lines = next(whole_lines(file, 1), [])
    except OSError:
        return None
    return next((view.moment for view in _views(lines, path)), None)


def _fold(path: Path, store: Store) -> bool:
    """Fold one file as far as it goes, and delete it once it is complete; others do not suffer."""
    try:
        with _locked(path) as is_complete, path.open("rb") as file:
            position = store.visits.position(path.name)
            file.seek(position.at)
            for lines in whole_lines(file, _BATCH_BYTES):
                after = Position(position.at + sum(map(len, lines)))
                if not store.visits.fold(path.name, position, after, _views(lines, path)):
                    return False  # another process folded it meanwhile
                position = after
            if is_complete:
                path.unlink()
                store.visits.forget_spool(path.name)
    except OSError as error:
        return _is_gone(path, error)
    return True


def _is_gone(path: Path, error: OSError) -> bool:
    """Say whether a path is gone, so that nothing is left to fold; log any other fault."""
    if isinstance(error, FileNotFoundError):
        return True
    logger.error("%s: its views cannot be counted: %s", path, error.strerror)
    return False


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Lock a file or folder for a while; False if another process holds the lock."""
    opened, is_locked = os.open(path, os.O_RDONLY), False
    try:
        with suppress(BlockingIOError):
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_locked = True
        yield is_locked
    finally:
        os.close(opened)


def whole_lines(file: BinaryIO, size: int) -> Iterator[list[bytes]]:
    """Read lines in batches of about `size` bytes; the last one is left if its end is missing."""
    # Not file.readlines(): while another process writes a line, it gives the two parts of that line
    # as two lines.
    while lines := BytesIO(file.read(size) + file.readline()).readlines():
        is_torn = not lines[-1].endswith(b"\n")
        if is_torn:
            lines.pop()
        if lines:
            yield lines
        if is_torn:  # the rest of it may have been written meanwhile
            return


def _line(view: View) -> bytes:
    numbers = f"{view.day}\t{view.moment}\t{view.visitor}\t{view.network}"
    return f"{numbers}\t{view.left_out}\t{view.article_id}\n".encode()


def _views(lines: Iterable[bytes], path: Path) -> Iterator[View]:
    for line in lines:
        try:
            yield _view(line[:-1].decode())
        except ValueError:
            logger.warning("%s: a line that is not a view is ignored: %r", path, line[:100])


def _view(line: str) -> View:
    """Read a line back; ValueError if it is not a view.

    After a power failure it may contain NULs, which PostgreSQL would refuse again and again.
    """
    day, moment, visitor, network, left_out, article_id = line.split("\t")
    if not article_id or not line.replace("\t", "").isprintable():
        raise ValueError(line)
    return View(int(moment), int(day), article_id, int(visitor), int(network), left_out)
