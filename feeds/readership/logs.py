"""Access logs into the store: streamed, and each line once, however often its file is imported."""

import gzip
import hashlib
import io
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from feeds.errors import LogError
from feeds.model import View
from feeds.readership.accesslog import read_line
from feeds.readership.addresses import ArticleAddresses
from feeds.readership.opened import Opened
from feeds.readership.visitors import Visitors
from feeds.storage import Position, Store

_BATCH_BYTES = 2**22
_GZIP = b"\x1f\x8b"
_FUTURE = "its time has not come yet; is the clock of that server right?"
_NO_ADDRESSES = ArticleAddresses(())


@dataclass
class LogTally:
    """What came of the lines of a log: each is a view or something else.

    `first_fault` says what was wrong with the first of the `unreadable`.
    """

    lines: int = 0
    views: int = 0
    other_pages: int = 0
    unknown_articles: int = 0
    unreadable: int = 0
    first_fault: str = ""


@dataclass(frozen=True, slots=True)
class LogImport:
    """Imports logs into a store; `progress` is told how many bytes of a file are read."""

    store: Store
    visitors: Visitors
    addresses: ArticleAddresses
    progress: Callable[[int], object] = int

    def run(self, path: Path, tally: LogTally) -> None:
        """Import a file, plain or gzip; raises LogError when it cannot be read, StoreError.

        A file is known by its first line and by the digest of what was read of it, so that one that
        was renamed, compressed or has grown goes on where its last import ended.
        """
        try:
            name, position = self._known(path)
            with _opened(path) as log:
                digest = hashlib.sha256()
                number = 1 + _skip(log.stream, position.at, digest).line_ends
                for lines in _batches(log.stream):
                    digest.update(b"".join(lines))
                    after = Position(position.at + sum(map(len, lines)), digest.hexdigest())
                    views = self._views(lines, path, number, tally)
                    if not self.store.visits.fold(name, position, after, views):
                        raise LogError(f"{path}: another process imports it at this moment")
                    position, number = after, number + len(lines)
                    self.progress(log.file.tell())
                log.raise_fault()
        except (OSError, EOFError, zlib.error) as error:
            raise LogError(f"{path}: cannot be read further: {error}") from error

    def _known(self, path: Path) -> tuple[str, Position]:
        """Find under which name a file was imported before, and how far."""
        with _opened(path) as log:
            # Its end may come later than the rest of it.
            head = hashlib.sha256(log.stream.readline().rstrip(b"\r\n")).hexdigest()
        names = (f"log {head} {number}" for number in count(1))
        positions = ((name, self.store.visits.position(name)) for name in names)
        return next(each for each in positions if _goes_on(path, each[1]))

    def _views(
        self, lines: Sequence[bytes], path: Path, number: int, tally: LogTally
    ) -> list[View]:
        """Make the views of some lines, the first of which has a number in its file."""
        read = (
            _read(line, self.addresses, f"{path}:{place}", tally)
            for place, line in enumerate(lines, number)
        )
        found = [opened for opened in read if opened]
        known = self.store.articles.known({opened.article_id for opened in found})
        views = [self.visitors.view(each) for each in found if each.article_id in known]
        tally.views += len(views)
        tally.unknown_articles += len(found) - len(views)
        return views


@dataclass(frozen=True, slots=True)
class _Skipped:
    """What was passed over: whether it was as long as wanted, and how many lines ended in it."""

    whole: bool
    line_ends: int


@dataclass(frozen=True, slots=True)
class _Log:
    """An open log: its content, and the file itself, which knows how far it is read."""

    stream: BinaryIO
    file: BinaryIO
    unzipped: "_Unzipped | None" = None

    def raise_fault(self) -> None:
        """Raise what ended the content before its time."""
        if self.unzipped and self.unzipped.fault:
            raise self.unzipped.fault


class _Unzipped(io.RawIOBase):
    """What can be unpacked of a gzip file; `fault` is why that is not all."""

    def __init__(self, file: BinaryIO) -> None:
        self._content = gzip.GzipFile(fileobj=file)
        self.fault: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            piece = self._content.read1(len(buffer))
        except (OSError, EOFError, zlib.error) as fault:
            # Raised here, it would take along what was read just before.
            self.fault = fault
            return 0
        buffer[: len(piece)] = piece
        return len(piece)


def _read(line: bytes, addresses: ArticleAddresses, place: str, tally: LogTally) -> Opened | None:
    if not line.strip():  # the end of a line that was there already, or nothing
        return None
    tally.lines += 1
    try:
        opened = read_line(line, addresses)
        fault = _FUTURE if opened and opened.moment > time.time() else ""
    except ValueError as error:
        opened, fault = None, str(error)
    if fault:
        tally.unreadable += 1
        tally.first_fault = tally.first_fault or f"{place}: {fault}"
        return None
    tally.other_pages += opened is None
    return opened


def _goes_on(path: Path, position: Position) -> bool:
    """Say whether a file begins with what was read up to a position, or is a part of that."""
    digest = hashlib.sha256()
    with _opened(path) as log:
        whole = _skip(log.stream, position.at, digest).whole
    return not whole or position.digest in (None, digest.hexdigest())


def _skip(stream: BinaryIO, length: int, digest: "hashlib._Hash") -> _Skipped:
    """Read over a number of bytes."""
    line_ends = 0
    while length and (piece := stream.read(min(length, _BATCH_BYTES))):
        digest.update(piece)
        length -= len(piece)
        line_ends += piece.count(b"\n")
    return _Skipped(not length, line_ends)


def _batches(stream: BinaryIO) -> Iterator[list[bytes]]:
    """Give lines by the megabyte; a last one that is still being written is left for next time."""
    while lines := stream.readlines(_BATCH_BYTES):
        if not lines[-1].endswith(b"\n") and not _is_whole(lines[-1]):
            lines.pop()
        if lines:
            yield lines


def _is_whole(line: bytes) -> bool:
    try:
        read_line(line, _NO_ADDRESSES)
    except ValueError:
        return False
    return True


@contextmanager
def _opened(path: Path) -> Iterator[_Log]:
    with path.open("rb") as file:
        if file.peek(2).startswith(_GZIP):
            unzipped = _Unzipped(file)
            yield _Log(io.BufferedReader(unzipped, _BATCH_BYTES), file, unzipped)
        else:
            yield _Log(file, file)
