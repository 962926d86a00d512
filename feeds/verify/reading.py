"""What a reader gets out of a document: one plain value per field that the format carries.

The tables of fields say what the gate compares: a field that is not in a format's table is one
that the format cannot carry.
"""

import calendar
import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.sax import SAXParseException

import feedparser

Fields = Mapping[str, object]
Table = Mapping[str, Callable[[Any], object]]


@dataclass(frozen=True, slots=True)
class Reading:
    """A parsed document: its channel and its entries in their order, field by field.

    `by_feedparser` says that some rare texts are not as they stand in the document.
    """

    channel: Fields
    entries: tuple[Fields, ...]
    by_feedparser: bool


class Unreadable(Exception):
    """A strict reader gives up on the document; `line` is where, if that is known."""

    def __init__(self, what: str, line: int | None = None) -> None:
        super().__init__(what)
        self.line = line


def parse_xml(body: bytes, media_type: str) -> Any:
    """Parse RSS or Atom as feedparser's users do, but without rewriting its HTML.

    Raises Unreadable where feedparser would have to guess (its "bozo" bit).
    """
    parsed = feedparser.parse(
        body,
        response_headers={"content-type": media_type},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if parsed.bozo:
        raise _unreadable(parsed.bozo_exception, body)
    return parsed


def _unreadable(error: Exception, body: bytes) -> Unreadable:
    if not isinstance(error, SAXParseException):
        return Unreadable(str(error))
    # feedparser puts a declaration before a document that has none, in a line of its own.
    is_added = b"<?xml" not in body[:200].replace(b"\0", b"")
    line, column = (error.getLineNumber() or 1) - is_added, error.getColumnNumber()
    return Unreadable(
        f"not well-formed XML in line {line}, column {column}: {error.getMessage()}", line
    )


def read_xml(body: bytes, media_type: str, channel: Table, entry: Table) -> Reading:
    """Read the fields of two tables out of an RSS or Atom document; raises Unreadable."""
    parsed = parse_xml(body, media_type)
    return Reading(
        channel=_fields(channel, parsed.feed),
        entries=tuple(_fields(entry, item) for item in parsed.entries),
        by_feedparser=True,
    )


def instant(parsed: Any) -> datetime | None:
    """Give feedparser's UTC time tuple as an aware datetime."""
    return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None


def number(text: object) -> int | None:
    """Give the number that a text spells, None if it spells none or is no text."""
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() else None


def _fields(table: Table, item: Any) -> Fields:
    return {name: read(item) for name, read in table.items()}


def _enclosure(entry: Any) -> tuple[object, ...] | None:
    for enclosure in entry.get("enclosures", ()):
        # RSS says "0" where it does not know.
        length = number(enclosure.get("length")) or None
        return (enclosure.get("href"), enclosure.get("type"), length)
    return None


def _media(entry: Any) -> tuple[object, ...] | None:
    for media in entry.get("media_content", ()):
        sizes = (number(media.get(name)) for name in ("filesize", "width", "height"))
        return (media.get("url"), media.get("type"), *sizes)
    return None


def _plain_description(entry: Any) -> str | None:
    """Give the text of an RSS description, which is HTML."""
    summary = entry.get("summary")
    return None if summary is None else html.unescape(summary)


def _content(entry: Any) -> str | None:
    return next((str(part.value) for part in entry.get("content", ())), None)


def _links(feed: Any) -> frozenset[tuple[str, str]]:
    return frozenset((link.rel, link.href) for link in feed.get("links", ()))


def _names(entry: Any) -> tuple[str | None, ...]:
    return tuple(author.get("name") for author in entry.get("authors", ()))


def _bylines(entry: Any) -> tuple[tuple[str | None, ...], ...]:
    # Without e-mail addresses: feedparser cuts some, and hands them on to the next author.
    return tuple((author.get("name"), author.get("href")) for author in entry.get("authors", ()))


def _credit(entry: Any) -> str | None:
    return next((credit.get("content") for credit in entry.get("media_credit", ())), None)


_XML_CHANNEL: Table = {
    "title": lambda feed: feed.get("title"),
    "description": lambda feed: feed.get("subtitle"),
    "link": lambda feed: feed.get("link"),
    "updated": lambda feed: instant(feed.get("updated_parsed")),
    "links": _links,
    "ranked": lambda feed: feed.get("cf_treatas") == "list",
}
RSS_CHANNEL: Table = {
    **_XML_CHANNEL,
    "language": lambda feed: feed.get("language"),
    "image": lambda feed: feed.get("image", {}).get("href"),
}
ATOM_CHANNEL: Table = {
    **_XML_CHANNEL,
    "id": lambda feed: feed.get("id"),
    "author": _names,
    "icon": lambda feed: feed.get("icon"),
    "logo": lambda feed: feed.get("logo"),
    "language": lambda feed: feed.get("title_detail", {}).get("language"),
}

_XML_ENTRY: Table = {
    "id": lambda entry: entry.get("id"),
    "link": lambda entry: entry.get("link"),
    "title": lambda entry: entry.get("title"),
    "published": lambda entry: instant(entry.get("published_parsed")),
    # dict.get, because feedparser's own takes `published` where there is no `updated`.
    "updated": lambda entry: instant(dict.get(entry, "updated_parsed")),
    "subtitle": lambda entry: entry.get("dcterms_alternative"),
    "content": _content,
    "categories": lambda entry: tuple((t.term, t.scheme) for t in entry.get("tags", ())),
    "enclosure": _enclosure,
    "image": _media,
    "image credit": _credit,
    "rank": lambda entry: number(entry.get("re_rank")),
}
RSS_ENTRY: Table = {
    **_XML_ENTRY,
    "summary": _plain_description,
    "authors": _names,
    "comments": lambda entry: number(entry.get("slash_comments")),
    "language": lambda entry: entry.get("language"),
}
ATOM_ENTRY: Table = {
    **_XML_ENTRY,
    "summary": lambda entry: entry.get("summary"),
    "bylines": _bylines,
    "comments": lambda entry: number(entry.get("thr_total")),
    "entry language": lambda entry: entry.get("title_detail", {}).get("language"),
}
