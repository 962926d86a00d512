"""The files that an import reads, and the patches that it reads from them."""

import os
import re
import stat
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from functools import cache
from pathlib import Path, PurePath
from typing import BinaryIO, TypeAlias

from feeds.model import Patch
from feeds.text import one_line


@dataclass(frozen=True, slots=True)
class Source:
    """Where articles come from, as far as it changes how they are read.

    `name` is the file's, after those of its folders that are part of a page's id, or the address of
    a document on the web. `timezone` is
    the zone of dates without an offset; relative addresses are resolved against `base_url`.
    `section` goes to articles that name none.
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
Reader: TypeAlias = Callable[[BinaryIO, Source], Iterator[Item]]


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
    """A file to read; `size` in bytes."""

    path: Path
    size: int

    def name(self, folders: int) -> str:
        """Give the file's name after so many of the folders above it.

        It is the same whichever of these folders was named, so that a page keeps its id.
        """
        parts = Path(os.path.normpath(self.path.absolute())).parts[1:]
        return "/".join(parts[-1 - folders :])


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


def page_id(name: str) -> str:
    """Give the id of a page by the name of its file, which may begin with folders."""
    return PurePath(name).with_suffix("").as_posix()


class PageIds:
    """The ids of pages: their files' names after so many of the folders above them."""

    def __init__(self, pages: Iterable[Found], folders: int) -> None:
        self._folders = folders
        self._pages: dict[str, list[Found]] = defaultdict(list)
        for page in pages:
            self._pages[_stored_id(page, folders)].append(page)

    def doubt(self, page: Found | None, article_id: str) -> str | None:
        """Say which page has the id of an article of elsewhere too, and what to do."""
        same = self._pages.get(article_id, ())
        other = next((each.path for each in same if each != page), None)
        if other is None:
            return None
        return f'id: "{article_id}" is the id of {other} too; {self._advice(same)}'

    def _advice(self, same: Collection[Found]) -> str:
        deepest = max(len(page.path.absolute().parts) for page in same)
        for folders in range(self._folders + 1, deepest):
            if len({_stored_id(page, folders) for page in same}) == len(same):
                return f"rename one, or give all pages ids with their folders (--folders {folders})"
        return "rename one, or import it alone"


def _stored_id(page: Found, folders: int) -> str:
    return one_line(page_id(page.name(folders)))


def _reached(path: Path, suffixes: Collection[str]) -> Iterator[Found | Unread]:
    try:
        state = path.stat()
    except OSError as error:
        yield Unread(path, f"cannot be read: {error.strerror}")
    else:
        if stat.S_ISDIR(state.st_mode):
            yield from _below(path, suffixes)
        elif stat.S_ISREG(state.st_mode):
            yield Found(path, state.st_size)
        else:
            yield Unread(path, "is no regular file; pipes, sockets and devices are not read")


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
        yield Unread(folder, f"has no file in it to read; there are {', '.join(suffixes)}")
    yield from unread
    for path in sorted(found):
        yield from _reached(path, suffixes)
