"""The one address of each feed and page; other ways to write it lead there in one step."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from urllib.parse import quote
from wsgiref.types import WSGIEnvironment

from flask import request

from feeds.catalog import document_url
from feeds.config import Config
from feeds.errors import StoreError
from feeds.formats import FORMATS
from feeds.model import KINDS
from feeds.store import Store
from feeds.text import slug
from feeds.web.response import GONE, Response, moved

_GONE = "gone"
_FILES = {"/", "/feeds.opml"}
_EXTENSIONS = {*FORMATS, "opml"}
# No address is longer; normalizing thousands of accents would take seconds.
_LONGEST = 2000
_AFTER_SLUG = re.compile("[./]")
_UNREADABLE = "\ufffd"  # stands for bytes that are not UTF-8


def redirects(store: Store, config: Config) -> Callable[[], Response | None]:
    """Make a function for `before_request` that sends other spellings on to the one address."""

    def moves() -> Mapping[str, str]:
        try:
            return all_moves(store, config)
        except StoreError:  # an alias leads on while the store is away
            return config.moved

    canonical = Canonical(config.aliases, moves)

    def redirect() -> Response | None:
        meant = canonical.elsewhere(request.environ)
        if meant is None:
            return None
        return GONE if meant == _GONE else moved(config.site.url + quote(meant))

    return redirect


def all_moves(store: Store, config: Config) -> Mapping[str, str]:
    """Give the new paths of moved terms, by the old ones; raises StoreError."""
    return {**store.moves.paths(), **config.moved}


class Canonical:
    """Canonical paths, by a configuration's old addresses and the terms that are moved now."""

    def __init__(self, aliases: Mapping[str, str], moves: Callable[[], Mapping[str, str]]) -> None:
        self._aliases = {_folded(old): _feed(path) for old, path in aliases.items()}
        self._moves = moves

    def elsewhere(self, environ: WSGIEnvironment) -> str | None:
        """Give the canonical path of a request; None if it is the one that is asked for."""
        path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
        meant = self.path(path) if environ["REQUEST_METHOD"] in ("GET", "HEAD") else path
        return None if meant == path else meant

    def path(self, path: str) -> str:
        """Give the canonical form of a request's decoded path; `gone` for an address given up.

        A path that means nothing here stays as it is. So does the id of an article, which may
        hold any characters.
        """
        if len(path) > _LONGEST or not path.isprintable() or _UNREADABLE in path:
            return path
        folded = _folded(path)
        folder, _, rest = path.lstrip("/").partition("/")
        folder = folder.lower()
        if feed := _feed(rest) if folder == "feeds" else self._aliases.get(folded):
            return self._current("/feeds/", feed)
        if folder in KINDS and rest.strip("/"):
            return self._current("/", f"{folder}/{'/'.join(map(slug, _parts(rest)))}")
        if folder == "articles" and rest:
            return f"/articles/{rest}"
        if folded == "/feeds":
            return "/feeds/"
        return folded if folder == "most-read" or folded in _FILES else path

    def _current(self, above: str, path: str) -> str:
        current = moved_to(path, self._moves()) or path
        return current if current == _GONE else above + current


def moved_to(path: str, moves: Mapping[str, str]) -> str | None:
    """Give the present path of a renamed section, author or tag, however often it was renamed.

    The rest of a path below it, as of a feed, stays. `gone` if the term was given up, None if
    nothing was moved, or in a circle.
    """
    folder, _, rest = path.partition("/")
    old = f"{folder}/{_AFTER_SLUG.split(rest, 1)[0]}"
    chain = [old]
    while (new := moves.get(chain[-1])) is not None:
        if new in chain:
            return None
        chain.append(new)
    if chain[-1] == _GONE:
        return _GONE
    return chain[-1] + path[len(old) :] if len(chain) > 1 else None


def where_it_went(path: str, moves: Mapping[str, str], config: Config) -> Response:
    """Give the response for a document that is gone: that it moved, or was given up."""
    new = moved_to(path, moves)
    return GONE if new in (None, _GONE) else moved(document_url(new, config))


def _feed(path: str) -> str:
    """Give the canonical path below `/feeds/`: NFC, names as slugs, no superfluous slashes.

    A path without an extension is the page about a feed.
    """
    parts = _parts(unicodedata.normalize("NFC", path))
    stem, dot, extension = parts.pop().partition(".") if parts else ("", "", "")
    if not stem or (dot and extension.lower() not in _EXTENSIONS):
        return path
    return "/".join(map(slug, [*parts, stem])) + dot + extension.lower()


def _folded(path: str) -> str:
    """Give a path without differences in case, normalization and slashes."""
    return "/" + "/".join(_parts(unicodedata.normalize("NFC", path).casefold()))


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]
