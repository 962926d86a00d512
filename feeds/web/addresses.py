"""The one address of each feed and page; other ways to write it lead there in one step."""

import unicodedata
from collections.abc import Mapping
from urllib.parse import quote

from flask import Blueprint, Response, request

from feeds.config import Config
from feeds.formats import FORMATS
from feeds.text import slug
from feeds.web.reply import Reply, gone, moved

GONE = "gone"
_EXTENSIONS = {*FORMATS, "opml"}
# Longer than any address here; to compose many thousand accents would take seconds.
_LONGEST = 2000
_UNREADABLE = "\ufffd"  # stands for bytes that are no UTF-8


def addresses(config: Config) -> Blueprint:
    """Build what answers for other ways to write an address."""
    routes = Blueprint("addresses", __name__)
    known = Addresses(config.aliases, config.moved)

    @routes.before_app_request
    def send_on() -> Response | None:
        path = request.environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
        meant = known.meant(path) if request.method in ("GET", "HEAD") else path
        if meant == path:
            return None
        return response_of(gone() if meant == GONE else moved(config.site.url + quote(meant)))

    return routes


class Addresses:
    """The paths that requests mean, by a configuration's old addresses and moved terms."""

    def __init__(self, aliases: Mapping[str, str], moved: Mapping[str, str]) -> None:
        feeds = {old: _feed(path) for old, path in aliases.items()}
        self._aliases = {_folded(old): feed for old, feed in feeds.items()} | feeds
        self._moved = moved

    def meant(self, path: str) -> str:
        """Give the path that a request's decoded path means; `GONE` for what was given up.

        It stays as it is where it means nothing in particular. The id of an article does too:
        it may hold anything.
        """
        if len(path) > _LONGEST or not path.isprintable() or _UNREADABLE in path:
            return path
        folded = _folded(path)
        folder, _, rest = path.lstrip("/").partition("/")
        folder = folder.lower()
        aliased = self._aliases.get(path) or self._aliases.get(folded, "")
        if feed := _feed(rest) if folder == "feeds" else aliased:
            return self._now("/feeds/", feed)
        if folder == "sections" and rest.strip("/"):
            return self._now("/", f"sections/{'/'.join(map(slug, _parts(rest)))}")
        if folder == "articles" and rest:
            return f"/articles/{rest}"
        return folded if folded in ("/", "/feeds.opml") else path

    def _now(self, above: str, path: str) -> str:
        now = moved_to(path, self._moved) or path
        return now if now == GONE else above + now


def moved_to(path: str, moved: Mapping[str, str]) -> str | None:
    """Give what a renamed section, author or tag is called now, however often it was renamed.

    A feed or page of it keeps what follows its name. It is `GONE` where there is nothing any more,
    None where nothing was moved.
    """
    found = None
    for _ in moved:  # no chain of names is longer, and a circle ends
        for old, new in moved.items():
            rest = path.removeprefix(old)
            if rest != path and rest[:1] in ("", ".", "/"):
                if new == GONE:
                    return GONE
                found = path = new + rest
    return found


def _feed(path: str) -> str:
    """Give the path below `/feeds/` that is meant: NFC, slugs as they are made, no odd slashes."""
    parts = _parts(unicodedata.normalize("NFC", path))
    stem, _, extension = parts.pop().rpartition(".") if parts else ("", "", "")
    if not stem or extension.lower() not in _EXTENSIONS:
        return path
    return "/".join(map(slug, [*parts, stem])) + f".{extension.lower()}"


def _folded(path: str) -> str:
    """Give a path without the differences that old addresses are told apart by in vain."""
    return "/" + "/".join(_parts(unicodedata.normalize("NFC", path).casefold()))


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def response_of(reply: Reply) -> Response:
    """Give a reply to Flask."""
    return Response(reply.body, reply.status, reply.headers)
