"""The files that an import reads, and the patches that it reads from them."""

import os
import re
import stat
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import BinaryIO, NoReturn, TypeAlias
from unicodedata import normalize

from feeds.errors import ArticleError
from feeds.model import Patch
from feeds.text import article_id_of, quoted


@dataclass(frozen=True, slots=True)
class Source:
    """Where articles come from, as far as it changes how they are read.

    `name` is the file's, or the address of a document on the web. `timezone` is the zone of dates
    without an offset; relative addresses are resolved against `base_url`. `section` goes to
    articles that name none.
    """

    name: str
    timezone: tzinfo
    base_url: str
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A patch, the line of its record (from 1), and the changes that made the record fit.

    The line is 0 in a source without lines. `position` is how far a source that can go on from
    there has been read with this record.
    """

    patch: Patch
    line: int
    notes: tuple[str, ...] = ()
    position: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line (from 1) that gave no patch, with the fault and the advice.

    The line is 0 where the whole source is at fault, or has no lines. `position` is as in
    `Accepted`.
    """

    line: int
    reason: str
    position: str | None = None


@dataclass(frozen=True, slots=True)
class NextPage:
    """The address of a feed's next page; one that is a guess need not exist."""

    url: str
    is_guess: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A record that is no article for readers, such as a draft; the reason is a word for it.

    `id` is the article's, which is withdrawn if it is known: it was one for readers before. It is
    empty where the record was never an article. `line` and `position` are as in `Accepted`.
    """

    line: int
    reason: str
    id: str = ""
    position: str | None = None


Item: TypeAlias = Accepted | LeftOut | Rejected
Stored: TypeAlias = Mapping[str, tuple[str, datetime]]
"""Articles by id: the title, and when it was published."""
Reader: TypeAlias = Callable[[BinaryIO, Source], Iterator[Item]]


def named(item: Item, name: str) -> Item:
    """Name a rejected record by more than its line, before the reason."""
    return replace(item, reason=f"{name}: {item.reason}") if isinstance(item, Rejected) else item


@contextmanager
def seekable(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Give a stream that can be read again: a pipe is copied into a temporary file."""
    if stream.seekable():
        yield stream
        return
    with TemporaryFile() as copy:
        copyfileobj(stream, copy)
        copy.seek(0)
        yield copy


@dataclass(frozen=True, slots=True)
class Format:
    """A format of files: its reader, its suffixes, and a sign in the first bytes that tells it.

    A page is one article, whose id is the name of its file. `next_page` looks for the page after a
    document that has the given address.
    """

    read: Reader
    suffixes: tuple[str, ...] = ()
    sign: re.Pattern[bytes] | None = None
    is_page: bool = False
    next_page: Callable[[bytes, str], NextPage | None] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read; `size` in bytes. `depth` folders lie between it and the folder named."""

    path: Path
    size: int
    depth: int = 0

    @property
    def names(self) -> list[str]:
        """Its name without the extension, and the same after one folder above it, after two, ….

        They are the same whichever of these folders was named, so that a page keeps its id.
        """
        path = Path(os.path.normpath(self.path.absolute()))
        parts = [*path.parts[1:-1], path.stem]
        return [normalize("NFC", "/".join(parts[at:])) for at in reversed(range(len(parts)))]


@dataclass(frozen=True, slots=True)
class Unread:
    """A file or folder that nothing is read from, and why."""

    path: Path
    reason: str


def find_files(paths: Iterable[Path], suffixes: Collection[str]) -> list[Found | Unread]:
    """Give files as they are named, and of folders those with one of the suffixes, sorted.

    A file that is reached twice is read once.
    """
    found: dict[tuple[str, str], Found | Unread] = {}
    real = cache(os.path.realpath)
    for path in paths:
        for each in _reached(path, suffixes):
            # The real folder, but a link's own name: links to one file may be several articles.
            found.setdefault((real(each.path.parent), each.path.name), each)
    return list(found.values())


class PageIds:
    """The ids of the pages of an import.

    A new page has the name of its file as its id, or, if several pages have that name, its path
    below the folder that was named. A page is a stored article if that has its name, or its name
    after folders above it, and the same date. `stored` gives the title and the date of articles.
    """

    def __init__(self, pages: Iterable[Found], stored: Callable[[Collection[str]], Stored]) -> None:
        self._stored = stored
        self._pages: dict[str, list[Found]] = {}
        for page in pages:
            for name in {page.names[0], page.names[page.depth]}:
                self._pages.setdefault(name, []).append(page)

    def identified(self, page: Found | None, item: Item) -> Item:
        """Give an item its page's id; reject it if it can have none, or has the id of a page."""
        try:
            if page and isinstance(item, Accepted):
                return replace(item, patch=self._named(page, item.patch))
            if isinstance(item, Accepted) and item.patch.id in self._pages:
                self._refuse(item.patch.id, None)
        except ArticleError as error:
            return Rejected(item.line, str(error), item.position)
        return item

    def _named(self, page: Found, patch: Patch) -> Patch:
        names = [name for name in page.names if article_id_of(name)]
        name, stored = patch.id, self._stored(names)
        published, title = patch.given["published"], patch.given["title"]
        known = [one for one in names if one in stored and stored[one][1] == published]
        if not known:
            return replace(patch, id=self._new(page, name, stored))
        if known[-1] == name and self._is_shared(name) and stored[name][0] != title:
            self._refuse(name, page)
        return replace(patch, id=known[-1])

    def _new(self, page: Found, name: str, stored: Stored) -> str:
        below = page.names[page.depth]
        new = below if self._is_shared(name) or name in stored else name
        if others := sorted(stored.keys() - ({name} - {new})):
            raise ArticleError(
                f'id: "{others[0]}" is the id of "{stored[others[0]][0]}", which was published at'
                " another time; rename this page, or import the folder above its own"
            )
        if self._is_shared(new):
            self._refuse(new, page)
        if not article_id_of(new):
            raise ArticleError(f"id: {quoted(new)} cannot be an id; take blanks out of its folders")
        return new

    def _is_shared(self, name: str) -> bool:
        return len(self._pages.get(name, ())) > 1

    def _refuse(self, name: str, page: Found | None) -> NoReturn:
        other = next(each.path for each in self._pages[name] if each != page)
        advice = "rename one, or import the folder above both" if page else "rename the page"
        raise ArticleError(f'id: "{name}" is the id of {other} too; {advice}')


def _reached(path: Path, suffixes: Collection[str], depth: int = 0) -> Iterator[Found | Unread]:
    try:
        state = path.stat()
    except OSError as error:
        yield Unread(path, f"cannot be read: {error.strerror}")
    else:
        if stat.S_ISDIR(state.st_mode):
            yield from _below(path, suffixes)
        elif stat.S_ISREG(state.st_mode):
            yield Found(path, state.st_size, depth)
        else:
            yield Unread(path, "is not a regular file; pipes, sockets and devices are not read")


def _below(folder: Path, suffixes: Collection[str]) -> Iterator[Found | Unread]:
    """Search a folder; links to folders are followed last, so that a file's folder is its own."""
    found, unread = list[Path](), list[Unread]()

    def refuse(error: OSError) -> None:
        unread.append(Unread(Path(error.filename), f"cannot be read: {error.strerror}"))

    seen, waiting = set[str](), deque([folder])
    while waiting:
        for here, folders, names in os.walk(waiting.popleft(), onerror=refuse):
            real = os.path.realpath(here)
            if real in seen:
                folders.clear()
                continue
            seen.add(real)
            below = (Path(here, name) for name in sorted(folders))
            # Unlike Path.is_symlink it does not raise for a folder that os.walk refuses later.
            waiting.extend(each for each in below if os.path.islink(each))  # noqa: PTH114
            found += (Path(here, name) for name in names if Path(name).suffix.lower() in suffixes)
    if not found:
        yield Unread(
            folder, f"has no {' or '.join(suffixes)} file in it; name other files one by one"
        )
    yield from unread
    for path in sorted(found):
        yield from _reached(path, suffixes, len(path.parts) - len(folder.parts) - 1)
