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
    read_paged_feed,
    read_wordpress,
)
from feeds.importers.sql import Query, read_sql
from feeds.messages import no_such_key

STANDARD_INPUT = "-"

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
class Settings:
    """Settings of all sources of an import; without a `form`, each has its own."""

    config: Config
    section: str | None
    form: Format | None

    def source(self, name: str) -> Source:
        """Describe a source for its reader."""
        site = self.config.site
        return Source(name, site.zone, site.url, self.section)


def inputs_of(places: Sequence[str], settings: Settings) -> list[Input]:
    """Give the inputs of some places: first the files, each once, then the others."""
    others = {place: opened for place in places if (opened := _other(place))}
    paths = [Path(place) for place in places if place not in others]
    suffixes = settings.form.suffixes if settings.form else IN_FOLDERS
    files = [_file(each, settings) for each in find_files(paths, suffixes)]
    return files + [opened(place, settings) for place, opened in others.items()]


def _file(file: Found | Unread, settings: Settings) -> Input:
    if isinstance(file, Unread):
        return _unread(str(file.path), file.reason)

    def read(_: str | None, advance: Advance) -> Iterator[Item]:
        try:
            with file.path.open("rb") as stream:
                yield from _read(stream, file.path.name, settings, advance)
        except OSError as error:
            yield Rejected(0, f"cannot be read: {error.strerror}")

    form = settings.form or format_of(file.path.name, b"")
    return Input(str(file.path), read, file.size, file if form and form.is_page else None)


def _web(url: str, settings: Settings) -> Input:
    source = settings.source(url)

    def form(body: bytes) -> Format | None:
        return settings.form or format_of("", body)

    return Input(url, lambda since, _: read_paged_feed(source, form, since), goes_on=True)


def _wordpress(address: str, settings: Settings) -> Input:
    source = settings.source(address)
    return Input(address, lambda since, _: read_wordpress(address, source, since), goes_on=True)


def _standard_input(_: str, settings: Settings) -> Input:
    name, stream = "standard input", cast("BufferedReader", sys.stdin.buffer)
    if settings.form and settings.form.is_page:
        return _unread(name, "a page must be a file, whose name is the article's id")
    return Input(name, lambda _, advance: _read(stream, "", settings, advance))


def _sql(place: str, settings: Settings) -> Input:
    name, queries, source = place.partition(":")[2], settings.config.sql, settings.source("")
    if name not in queries:
        return _unread(place, f"sql: {no_such_key(name, list(queries))}")
    query = Query(**queries[name].model_dump())
    goes_on = query.newest is not None
    return Input(place, lambda since, _: read_sql(query, source, since), goes_on=goes_on)


_OTHERS: Mapping[re.Pattern[str], Callable[[str, Settings], Input]] = MappingProxyType(
    {
        re.compile(STANDARD_INPUT): _standard_input,
        re.compile("https?://.+/wp-json/?", re.IGNORECASE): _wordpress,
        re.compile("https?://.+", re.IGNORECASE): _web,
        re.compile("sql:.+"): _sql,
    }
)
"""The ways to open a place that is not a file, by its form."""


def _other(place: str) -> Callable[[str, Settings], Input] | None:
    return next((opened for form, opened in _OTHERS.items() if form.fullmatch(place)), None)


def _read(
    stream: BufferedReader, name: str, settings: Settings, advance: Advance
) -> Iterator[Item]:
    form = settings.form or format_of(name, stream.peek(SNIFFED))
    if form is None:
        formats = ", ".join(FORMATS)
        yield Rejected(0, f"its format is unknown; name it with --format ({formats})")
        return
    position = stream.tell if stream.seekable() else int
    before = position()
    for item in form.read(stream, settings.source(name)):
        now = position()
        advance(now - before)
        before = now
        yield item


def _unread(name: str, reason: str) -> Input:
    return Input(name, lambda _since, _advance: iter([Rejected(0, reason)]))
