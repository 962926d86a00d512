"""Spool files: where accepted views wait, each in one line, until they are folded into counts.

A process writes to a file of its own and holds a lock on it while it may write more; the kernel
takes that back however the process ends. So a file whose lock is free is complete.
"""

import errno
import fcntl
import logging
import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from feeds.errors import SpoolError
from feeds.model import View

logger = logging.getLogger(__name__)

SUFFIX = ".views"
_MOST_BYTES = 2**24  # then the process goes on in another file, and this one can be folded away
_PIECE_BYTES = 2**20
_DAYS = range(1, date.max.toordinal() + 1)
_MOMENTS = range(2**40)
_KEYS = range(-(2**63), 2**63)
# To ask for the file before each of very many views costs more than to write them. What is written
# to a file that was taken away meanwhile is lost as if it had been written before.
_SECONDS_BETWEEN_LOOKS = 0.001


class Spool:
    """The file that one process appends to, in a folder that is made when the first view comes.

    Not again later: where a disk was taken away, views would be written below it and be lost.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._has_folder = False
        self._writing = threading.Lock()
        self._path: str | None = None
        self._inode = 0
        self._file = -1
        self._size = 0
        self._looked = 0.0

    def append(self, view: View) -> None:
        """Write a view in one piece, or raise SpoolError and leave nothing of it.

        What is written survives the end of this process, whatever ends it.
        """
        line = _line(view)
        with self._writing:
            try:
                if not self._can_go_on():
                    self.close()
                    self._open()
                self._write(line)
            except OSError as error:
                raise SpoolError(
                    f"{self._folder}: views cannot be kept: {error.strerror}"
                ) from error

    def close(self) -> None:
        """Write no more to the present file, so that it can be folded to its end."""
        if self._path is not None:
            os.close(self._file)
            self._path = None

    def _can_go_on(self) -> bool:
        if self._path is None or self._size >= _MOST_BYTES:
            return False
        now = time.monotonic()
        if now - self._looked < _SECONDS_BETWEEN_LOOKS:
            return True
        self._looked = now
        return self._is_there(self._path)

    def _is_there(self, path: str) -> bool:
        """Say whether a path leads to the present file."""
        try:
            return os.stat(path).st_ino == self._inode  # noqa: PTH116 - a Path takes twice as long
        except OSError:  # what else may be wrong, a new file meets as well
            return False

    def _open(self) -> None:
        if not self._has_folder:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._has_folder = True
        name = f"{int(time.time())}-{os.getpid()}-{secrets.token_hex(8)}{SUFFIX}"
        path = str(self._folder / name)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        self._path, self._inode, self._size = path, os.fstat(self._file).st_ino, 0
        fcntl.flock(self._file, fcntl.LOCK_EX)
        if not self._is_there(path):  # whoever folds saw it before the lock, and took it away
            self.close()
            self._open()

    def _write(self, line: bytes) -> None:
        try:
            _write_whole(self._file, line, self._size)
            self._size += len(line)
        except OSError:
            path = self._path
            self.close()
            if path and not self._size:  # or a full disk would soon hold very many empty ones
                Path(path).unlink(missing_ok=True)
            raise


@dataclass(frozen=True, slots=True)
class Piece:
    """The views in a part of a file; `end` is where the next part begins."""

    views: tuple[View, ...]
    end: int


def read_pieces(file_path: Path, start: int) -> Iterator[Piece]:
    """Read whole lines from a position on, in pieces of about a megabyte.

    A last line without its end was never acknowledged: it stays unread. A line that is no view, as
    after a power failure, is reported and passed over.
    """
    with file_path.open("rb") as file:
        file.seek(start)
        while chunk := file.read(_PIECE_BYTES):
            length = chunk.rfind(b"\n") + 1
            if not length:
                if len(chunk) < _PIECE_BYTES:
                    return
                length = len(chunk)  # no line is as long as that
            start += length
            file.seek(start)
            yield Piece(tuple(_views(chunk[:length], file_path)), start)


@contextmanager
def claimed(file_path: Path) -> Iterator[bool]:
    """Say whether nobody writes to a file any more, and keep it so for a while."""
    with file_path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _write_whole(file: int, line: bytes, size: int) -> None:
    """Write a line at the end of a file, which is at `size`, or take back what there is of it."""
    if os.write(file, line) < len(line):
        os.ftruncate(file, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _line(view: View) -> bytes:
    numbers = f"{view.day}\t{view.moment}\t{view.visitor}\t{view.network}"
    return f"{numbers}\t{view.left_out}\t{view.article_id}\n".encode()


def _views(lines: bytes, path: Path) -> Iterator[View]:
    for line in lines.splitlines():
        try:
            yield _view(line.decode())
        except ValueError:
            logger.warning("%s: a line that is no view is left out: %r", path, line[:100])


def _view(line: str) -> View:
    """Read a line back; ValueError when no view was written so.

    Within it a power failure leaves NULs, which PostgreSQL refuses again and again.
    """
    day, moment, visitor, network, left_out, article_id = line.split("\t")
    view = View(int(moment), int(day), article_id, int(visitor), int(network), left_out)
    is_text = article_id and line.replace("\t", "").isprintable()
    is_time = view.day in _DAYS and view.moment in _MOMENTS
    if not (is_text and is_time and view.visitor in _KEYS and view.network in _KEYS):
        raise ValueError(line)
    return view
