"""Access logs into the store: streamed, and each line once, however often its file is imported."""

import hashlib
import io
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import BinaryIO

from feeds.errors import LogError
from feeds.model import View
from feeds.store import Position, Store
from feeds.views.accesslog import read_line
from feeds.views.addresses import ArticleAddresses
from feeds.views.beginning import Beginning
from feeds.views.opened import Opened
from feeds.views.unzipped import Log, open_log
from feeds.views.visitors import Visitors

_BATCH_BYTES = 2**22
_LONGEST_LINE = 2**16  # bytes; servers refuse the request of a longer one
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
        for content in _batches(log.stream):
            views = self._views(content, path, beginning, tally)
            beginning.add(content)
            if not self.store.visits.fold(name, position, beginning.position, views):
                raise LogError(f"{path}: another process imports it at this moment")
            position = beginning.position
            self.progress(log.tell())

    def _known(self, log: Log) -> tuple[str, Position, Beginning]:
        """Find under which name a log was imported before, and how far; read it up to there."""
        # The end of its first line may come later than the rest of it.
        head = hashlib.sha256(log.stream.readline(_LONGEST_LINE).rstrip(b"\r\n")).hexdigest()
        names = (f"log {head} {number}" for number in count(1))
        return next(found for name in names if (found := self._read_again(log, name)))

    def _read_again(self, log: Log, name: str) -> tuple[str, Position, Beginning] | None:
        position = self.store.visits.position(name)
        log.rewind()
        beginning = Beginning.read_again(log.stream, position)
        return (name, position, beginning) if beginning else None

    def _views(
        self, content: bytes, path: Path, beginning: Beginning, tally: LogTally
    ) -> list[View]:
        """Make the views of the lines that follow a beginning of their file."""
        found = list(self._opened(content, path, beginning, tally))
        known = self.store.articles.known({opened.article_id for opened in found})
        views = [self.visitors.view(each) for each in found if each.article_id in known]
        tally.views += len(views)
        tally.left_out += sum(view.left_out != "" for view in views)
        tally.unknown_articles += len(found) - len(views)
        return views

    def _opened(
        self, content: bytes, path: Path, beginning: Beginning, tally: LogTally
    ) -> Iterator[Opened]:
        """Read lines; those that are no requests for articles are only added to the tally."""
        lines = io.BytesIO(content)  # which gives them one by one, however short they are
        if not beginning.ends_a_line:  # the rest of a line that was read, or was too long for that
            lines.readline()
        for line in lines:
            if line.isspace():
                continue
            tally.lines += 1
            try:
                opened = _read(line, self.addresses)
            except ValueError as fault:
                tally.unreadable += 1
                if not tally.first_fault:
                    before = content.count(b"\n", 0, lines.tell() - len(line))
                    place = beginning.line_ends + before + 1
                    tally.first_fault = f"{path}:{place}: {fault}"
                continue
            if opened:
                yield opened
            else:
                tally.other_pages += 1


def _read(line: bytes, addresses: ArticleAddresses) -> Opened | None:
    """Read a line as `read_line` does; ValueError also when its time cannot be believed."""
    if len(line) >= _LONGEST_LINE:
        raise ValueError(f"not a line of a log: it has {_LONGEST_LINE} bytes or more")
    opened = read_line(line, addresses)
    if opened and not 0 <= opened.moment <= time.time():
        reason = "lies before 1970" if opened.moment < 0 else "has not come yet"
        raise ValueError(f"its time {reason}; is the clock of that server right?")
    return opened


def _batches(stream: BinaryIO) -> Iterator[bytes]:
    """Give lines by the megabyte; a last one that is still being written is left for next time.

    Of one that is too long the parts are given as they come.
    """
    while content := stream.read(_BATCH_BYTES):
        if not content.endswith(b"\n"):
            content += stream.readline(_LONGEST_LINE)
        last = content[content.rfind(b"\n") + 1 :]
        is_torn = 0 < len(last) < _LONGEST_LINE and not _is_whole(last)
        if is_torn:
            content = content[: -len(last)]
        if content:
            yield content
        if is_torn:  # the rest of it may be there by now
            return


def _is_whole(line: bytes) -> bool:
    try:
        read_line(line, _NO_ADDRESSES)
    except ValueError:
        return False
    return True
