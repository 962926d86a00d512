"""Access logs into the store: streamed, and each line once, however often its file is imported."""

import hashlib
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import BinaryIO

from feeds.errors import LogError
from feeds.model import View
from feeds.readership.accesslog import read_line
from feeds.readership.addresses import ArticleAddresses
from feeds.readership.beginning import Beginning
from feeds.readership.opened import Opened
from feeds.readership.unzipped import Log, open_log
from feeds.readership.visitors import Visitors
from feeds.storage import Position, Store

_BATCH_BYTES = 2**22
_NO_ADDRESSES = ArticleAddresses(())


@dataclass
class LogTally:
    """What came of the lines of a log: each is a view or something else.

    `left_out` are those of the `views` that do not count, as of robots. `first_fault` says what was
    wrong with the first of the `unreadable`.
    """

    lines: int = 0
    views: int = 0
    left_out: int = 0
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

        A file is known by its first line and by what was read of it, so that one that was renamed,
        compressed or has grown goes on where its last import ended, and a part of one has nothing
        new. One that was put together of several, or changed in what was read of it, is another.
        """
        try:
            with open_log(path) as log:
                self._import(log, path, tally)
                log.raise_fault()
        except (OSError, EOFError, zlib.error) as error:
            raise LogError(f"{path}: cannot be read further: {error}") from error

    def _import(self, log: Log, path: Path, tally: LogTally) -> None:
        name, position, beginning = self._known(log)
        if beginning.length < position.at:  # a part; what comes later is no news either
            return
        for lines in _batches(log.stream):
            views = self._views(lines, path, beginning.line_ends + 1, tally)
            beginning.add(b"".join(lines))
            if not self.store.visits.fold(name, position, beginning.position, views):
                raise LogError(f"{path}: another process imports it at this moment")
            position = beginning.position
            self.progress(log.tell())

    def _known(self, log: Log) -> tuple[str, Position, Beginning]:
        """Find under which name a log was imported before, and how far; read it up to there."""
        # The end of its first line may come later than the rest of it.
        head = hashlib.sha256(log.stream.readline().rstrip(b"\r\n")).hexdigest()
        names = (f"log {head} {number}" for number in count(1))
        return next(found for name in names if (found := self._read_again(log, name)))

    def _read_again(self, log: Log, name: str) -> tuple[str, Position, Beginning] | None:
        position = self.store.visits.position(name)
        log.rewind()
        beginning = Beginning.read_again(log.stream, position)
        return (name, position, beginning) if beginning else None

    def _views(
        self, lines: Sequence[bytes], path: Path, number: int, tally: LogTally
    ) -> list[View]:
        """Make the views of some lines, the first of which has a number in its file."""
        found = list(self._opened(lines, path, number, tally))
        known = self.store.articles.known({opened.article_id for opened in found})
        views = [self.visitors.view(each) for each in found if each.article_id in known]
        tally.views += len(views)
        tally.left_out += sum(view.left_out != "" for view in views)
        tally.unknown_articles += len(found) - len(views)
        return views

    def _opened(
        self, lines: Sequence[bytes], path: Path, number: int, tally: LogTally
    ) -> Iterator[Opened]:
        """Read lines; those that are no requests for articles are only added to the tally."""
        for place, line in enumerate(lines, number):
            if line.isspace():  # the end of a line that was there already, or nothing
                continue
            tally.lines += 1
            try:
                opened = _read(line, self.addresses)
            except ValueError as fault:
                tally.unreadable += 1
                tally.first_fault = tally.first_fault or f"{path}:{place}: {fault}"
                continue
            if opened:
                yield opened
            else:
                tally.other_pages += 1


def _read(line: bytes, addresses: ArticleAddresses) -> Opened | None:
    """Read a line as `read_line` does; ValueError also when its time cannot be believed."""
    opened = read_line(line, addresses)
    if opened and not 0 <= opened.moment <= time.time():
        reason = "lies before 1970" if opened.moment < 0 else "has not come yet"
        raise ValueError(f"its time {reason}; is the clock of that server right?")
    return opened


def _batches(stream: BinaryIO) -> Iterator[list[bytes]]:
    """Give lines by the megabyte; a last one that is still being written is left for next time."""
    while lines := stream.readlines(_BATCH_BYTES):
        is_torn = not lines[-1].endswith(b"\n") and not _is_whole(lines[-1])
        if is_torn:
            lines.pop()
        if lines:
            yield lines
        if is_torn:  # the rest of it may be there by now
            return


def _is_whole(line: bytes) -> bool:
    try:
        read_line(line, _NO_ADDRESSES)
    except ValueError:
        return False
    return True
