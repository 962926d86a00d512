"""Which files an import reads, and which of them would be one article without being one."""

import os
import stat
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from feeds.importers.page import page_id
from feeds.text import one_line


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read; `size` in bytes."""

    path: Path
    size: int

    def name(self, folders: int) -> str:
        """Give the file's name with so many of the folders above it.

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

    What is reached twice is read once.
    """
    found: dict[tuple[str, str], Found | Unread] = {}
    real = cache(os.path.realpath)
    for path in paths:
        for each in _reached(path, suffixes):
            # The real folder, but a link's own name: links to one file may be several articles.
            found.setdefault((real(each.path.parent), each.path.name), each)
    return list(found.values())


class PageIds:
    """The ids that pages get from their files' names and so many folders above them."""

    def __init__(self, pages: Iterable[Found], folders: int) -> None:
        self._folders = folders
        self._pages: dict[str, list[Found]] = defaultdict(list)
        for page in pages:
            self._pages[_id(page, folders)].append(page)

    def doubt(self, file: Found, article_id: str) -> str | None:
        """Say which page has the id of an article of another file too, and what to do."""
        same = self._pages.get(article_id, ())
        other = next((page.path for page in same if page != file), None)
        if other is None:
            return None
        return f'id: "{article_id}" is the id of {other} too; {self._advice({*same, file})}'

    def _advice(self, same: Collection[Found]) -> str:
        deepest = max(len(page.path.absolute().parts) for page in same)
        for folders in range(self._folders + 1, deepest):
            if len({_id(page, folders) for page in same}) == len(same):
                return f"rename one, or give all pages ids with their folders (--folders {folders})"
        return "rename one, or import it alone"


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
            # Unlike Path.is_symlink it does not raise where os.walk is to refuse.
            waiting.extend(each for each in below if os.path.islink(each))  # noqa: PTH114
            found += (Path(here, name) for name in names if Path(name).suffix.lower() in suffixes)
    if not found:
        yield Unread(folder, f"has no file in it to read; there are {', '.join(suffixes)}")
    yield from unread
    for path in sorted(found):
        yield from _reached(path, suffixes)


def _id(page: Found, folders: int) -> str:
    """Give a page's id as the store knows it."""
    return one_line(page_id(page.name(folders)))
