"""The import of access logs: each line counts once, however often its file is imported."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from gzip import GzipFile
from hashlib import sha256
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from feeds.config import Config
from feeds.errors import LogError
from feeds.store import Position, Store, View
from feeds.views.log_line import read_line
from feeds.views.spool import whole_lines
from feeds.views.url_patterns import UrlPatterns
from feeds.views.visitors import Visitors

_BATCH_BYTES = 2**22
_GZIP = b"\x1f\x8b"


@dataclass
class LogTally:
    """How many lines were read, each of one kind.

    `left_out` counts the `views` that do not come from readers. `first_fault` says what is wrong
    with the first of the `unreadable` lines.
    """

    lines: int = 0
    views: int = 0
    left_out: int = 0
    other_pages: int = 0
    unknown_articles: int = 0
    unreadable: int = 0
    first_fault: str = ""


class _Part:
    """The part of a log that was read."""

    def __init__(self) -> None:
        self.position = Position()
        self.lines = 0
        self._hash = sha256()

    def add(self, content: bytes) -> None:
        """Add the bytes that were read next."""
        self._hash.update(content)
        self.position = Position(self.position.at + len(content), self._hash.hexdigest())
        self.lines += content.count(b"\n")


class LogImport:
    """Imports the access logs of a paper, and tallies their lines."""

    def __init__(self, store: Store, config: Config) -> None:
        self.tally = LogTally()
        self._store = store
        self._visitors = Visitors(config, store.visits.salt)
        self._patterns = UrlPatterns(config.views.addresses)

    def run(self, path: Path, progress: Callable[[int], object]) -> None:
        """Import a log, plain or gzip; `progress` is told the bytes of the file as they are read.

        A log is known by its first line and a hash of everything read of it. So a log that was
        renamed or compressed, or has grown, goes on where its last import ended; one that was cut,
        changed or put together from others is a new log. A last line without its end is left for
        the next import. Raises LogError if the log cannot be read, and StoreError.
        """
        try:
            # One open file: a rotation may give its name to another one at any moment.
            with path.open("rb") as file:
                log: BinaryIO = file
                if file.peek(2).startswith(_GZIP):
                    log = BufferedReader(GzipFile(fileobj=file))
                first = log.readline()
                if not first.endswith(b"\n"):  # a part of it would be the name of another log
                    return
                name, position, read = self._known(first, log)
                told = 0
                for lines in whole_lines(log, _BATCH_BYTES):
                    views = self._views(lines, f"{path}", read.lines)
                    read.add(b"".join(lines))
                    if not self._store.visits.fold(name, position, read.position, views):
                        raise LogError(f"{path}: another process is importing it")
                    position = read.position
                    progress(file.tell() - told)
                    told = file.tell()
        except (OSError, EOFError, zlib.error) as error:
            reason = getattr(error, "strerror", None) or error
            raise LogError(f"{path}: cannot be read: {reason}") from error

    def _known(self, first: bytes, log: BinaryIO) -> tuple[str, Position, _Part]:
        """Find the name that a log had in its last import, and read it up to where that ended.

        Logs that share their first line, as those of several servers may, have numbered names.
        """
        # Earlier versions took a line whose end was still missing.
        line, number = sha256(first.rstrip(b"\r\n")).hexdigest(), 1
        while True:
            name = f"log {line} {number}"
            position, read = self._store.visits.position(name), _Part()
            log.seek(0)
            while piece := log.read(min(_BATCH_BYTES, position.at - read.position.at)):
                read.add(piece)
            # Positions of earlier versions have more hashes behind the first.
            digest = position.digest and position.digest.partition(" ")[0]
            if read.position == Position(position.at, digest):
                return name, position, read
            number += 1

    def _views(self, lines: Sequence[bytes], file: str, before: int) -> list[View]:
        """Make the views of some lines of a file, which has so many lines before them."""
        hits, tally = [], self.tally
        for number, line in enumerate(lines, before + 1):
            if line.isspace():
                continue
            tally.lines += 1
            try:
                hit = read_line(line, self._patterns)
            except ValueError as fault:
                tally.unreadable += 1
                tally.first_fault = tally.first_fault or f"{file}:{number}: {fault}"
                continue
            if hit:
                hits.append(hit)
            else:
                tally.other_pages += 1
        known = self._store.articles.known({hit.article_id for hit in hits})
        views = [self._visitors.view(hit) for hit in hits if hit.article_id in known]
        tally.views += len(views)
        tally.left_out += sum(view.left_out != "" for view in views)
        tally.unknown_articles += len(hits) - len(views)
        return views
