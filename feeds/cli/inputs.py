"""The sources that `feeds import` is given: files, addresses, databases, standard input."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias, cast

from feeds.config import Config
from feeds.importers import (
    FORMATS,
    IN_FOLDERS,
    SNIFFED,
    Format,
    Found,
    Item,
    Rejected,
    Source,
    Unread,
    find_files,
    format_of,
    read_pages,
    read_wordpress,
)
from feeds.importers.sql import Query, read_sql

STANDARD_INPUT = "-"
SQL = "sql:"

Advance: TypeAlias = Callable[[int], None]
"""A function that gets the number of bytes that were read."""


@dataclass(frozen=True, slots=True)
class Input:
    """A source: its name in messages, how it is read, and its size in bytes (0 if unknown).

    `read` gets the position up to which the source was read before, if it `goes_on` from there;
    else None. `page` is the file of a page, whose name is the article's id.
    """

    name: str
    read: Callable[[str | None, Advance], Iterator[Item]]
    size: int = 0
    page: Found | None = None
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Inputs:
    """The settings that all sources of an import share; without a `form`, each tells its own."""

    config: Config
    section: str | None
    form: Format | None

    def of(self, places: Sequence[str]) -> list[Input]:
        """Give the inputs of some places: first the files, each once, then the others."""
        others = {place: opened for place in places if (opened := _other(place))}
        paths = [Path(place) for place in places if place not in others]
        suffixes = self.form.suffixes if self.form else IN_FOLDERS
        files = [self._file(each) for each in find_files(paths, suffixes)]
        return files + [opened(self, place) for place, opened in others.items()]

    def _file(self, file: Found | Unread) -> Input:
        if isinstance(file, Unread):
            return _unread(str(file.path), file.reason)
        source = self._source(file.path.name)

        def read(_: str | None, advance: Advance) -> Iterator[Item]:
            try:
                with file.path.open("rb") as stream:
                    yield from _read(stream, source, self.form, advance)
            except OSError as error:
                yield Rejected(0, f"cannot be read: {error.strerror}")

        form = self.form or format_of(file.path.name, b"")
        return Input(str(file.path), read, file.size, file if form and form.is_page else None)

    def web(self, url: str) -> Input:
        """Give a document on the web, and if it is a feed the pages that it goes on with."""
        source = self._source(url)

        def form(body: bytes) -> Format | None:
            return self.form or format_of("", body)

        return Input(url, lambda since, _: read_pages(source, form, since), goes_on=True)

    def wordpress(self, address: str) -> Input:
        """Give the posts of a running WordPress, by the address of its REST API."""
        source = self._source(address)
        return Input(address, lambda since, _: read_wordpress(address, source, since), goes_on=True)

    def standard_input(self, _: str) -> Input:
        """Give standard input."""
        name, source = "standard input", self._source("")
        if self.form and self.form.is_page:
            return _unread(name, "a page must be a file, whose name is the article's id")
        stream = cast("BufferedReader", sys.stdin.buffer)
        return Input(name, lambda _, advance: _read(stream, source, self.form, advance))

    def sql(self, place: str) -> Input:
        """Give a query by its name in the config."""
        name, queries, source = place.removeprefix(SQL), self.config.sql, self._source("")
        if name not in queries:
            advice = f"there are: {', '.join(queries)}" if queries else "write one below sql:"
            return _unread(place, f"the config has no such query ({advice})")
        query = Query(**queries[name].model_dump())
        goes_on = query.newest is not None
        return Input(place, lambda since, _: read_sql(query, source, since), goes_on=goes_on)

    def _source(self, name: str) -> Source:
        site = self.config.site
        return Source(name, site.zone, site.url, self.section)


_OTHERS: Mapping[re.Pattern[str], Callable[[Inputs, str], Input]] = MappingProxyType(
    {
        re.compile(STANDARD_INPUT): Inputs.standard_input,
        re.compile("https?://.+/wp-json/?", re.IGNORECASE): Inputs.wordpress,
        re.compile("https?://.+", re.IGNORECASE): Inputs.web,
        re.compile(f"{SQL}.+"): Inputs.sql,
    }
)
"""How to open a place that is no file, by its form."""


def _other(place: str) -> Callable[[Inputs, str], Input] | None:
    return next((opened for form, opened in _OTHERS.items() if form.fullmatch(place)), None)


def _read(
    stream: BufferedReader, source: Source, form: Format | None, advance: Advance
) -> Iterator[Item]:
    form = form or format_of(source.name, stream.peek(SNIFFED))
    if form is None:
        formats = ", ".join(FORMATS)
        yield Rejected(0, f"its format is unknown; name it with --format ({formats})")
        return
    position = stream.tell if stream.seekable() else int
    before = position()
    for item in form.read(stream, source):
        now = position()
        advance(now - before)
        before = now
        yield item


def _unread(name: str, reason: str) -> Input:
    return Input(name, lambda _since, _advance: iter([Rejected(0, reason)]))
