"""Read RSS and Atom back: one plain value for each field that the format can carry.

The gate compares exactly the fields that `read_rss` and `read_atom` give.
"""

import calendar
import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from feeds.verify.parsing import iso, number, parse_xml

Fields = Mapping[str, object]

_MEDIA = "{http://search.yahoo.com/mrss/}"
_TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


@dataclass(frozen=True, slots=True)
class Reading:
    """A parsed document: its channel and its entries in their order, field by field.

    `by_feedparser` says that some rare texts differ from those in the document.
    """

    channel: Fields
    entries: tuple[Fields, ...]
    by_feedparser: bool = True


def read_rss(body: bytes) -> Reading:
    """Read the fields that the gate compares in RSS; raises ParseError."""
    parsed = parse_xml(body, "application/rss+xml")
    items = zip(parsed.entries, _root(body).iter("item"), strict=True)
    return Reading(_rss_channel(parsed.feed), tuple(_rss_entry(*pair) for pair in items))


def read_atom(body: bytes) -> Reading:
    """Read the fields that the gate compares in Atom; raises ParseError."""
    parsed, root = parse_xml(body, "application/atom+xml"), _root(body)
    # RFC 6721; feedparser keeps only the last.
    tombstones = tuple(
        (each.get("ref"), iso(each.get("when", ""))) for each in root.iterfind(_TOMBSTONE)
    )
    channel = {**_atom_channel(parsed.feed), "tombstones": tombstones}
    entries = zip(parsed.entries, root.iter("{*}entry"), strict=True)
    return Reading(channel, tuple(_atom_entry(*pair) for pair in entries))


def _channel(feed: Any) -> Fields:
    return {
        "title": feed.get("title"),
        "description": feed.get("subtitle"),
        "link": feed.get("link"),
        "updated": _moment(feed.get("updated_parsed")),
        "links": frozenset((link.rel, link.href) for link in feed.get("links", ())),
        "ranked": feed.get("cf_treatas") == "list",
    }


def _rss_channel(feed: Any) -> Fields:
    return {
        **_channel(feed),
        "language": feed.get("language"),
        "image": feed.get("image", {}).get("href"),
    }


def _atom_channel(feed: Any) -> Fields:
    return {
        **_channel(feed),
        "id": feed.get("id"),
        "author": tuple(author.get("name") for author in feed.get("authors", ())),
        "icon": feed.get("icon"),
        "logo": feed.get("logo"),
        "language": feed.get("title_detail", {}).get("language"),
    }


def _root(body: bytes) -> Any:
    """Parse a sound document for what feedparser does not keep."""
    return etree.fromstring(body, etree.XMLParser(huge_tree=True, resolve_entities=False))


def _entry(entry: Any, element: Any) -> Fields:
    return {
        "id": entry.get("id"),
        "link": entry.get("link"),
        "title": entry.get("title"),
        "published": _moment(entry.get("published_parsed")),
        # dict.get, because feedparser's own takes `published` where there is no `updated`.
        "updated": _moment(dict.get(entry, "updated_parsed")),
        "subtitle": entry.get("dcterms_alternative"),
        "content": next((str(part.value) for part in entry.get("content", ())), None),
        "categories": tuple((tag.term, tag.scheme) for tag in entry.get("tags", ())),
        "media": tuple(map(_media, entry.get("media_content", ()))),
        "media titles": tuple(
            each.findtext(f"{_MEDIA}title") for each in element.iterfind(f"{_MEDIA}content")
        ),
        "image credit": next((c.get("content") for c in entry.get("media_credit", ())), None),
        "rank": number(entry.get("re_rank")),
    }


def _rss_entry(entry: Any, element: Any) -> Fields:
    summary = entry.get("summary")
    return {
        **_entry(entry, element),
        # A description is HTML.
        "summary": None if summary is None else html.unescape(summary),
        "authors": tuple(author.get("name") for author in entry.get("authors", ())),
        # "0" stands for an unknown length.
        "enclosure": tuple(
            (each.get("href"), each.get("type"), number(each.get("length")) or None)
            for each in entry.get("enclosures", ())
        ),
        "comments": number(entry.get("slash_comments")),
        "language": entry.get("language"),
    }


def _atom_entry(entry: Any, element: Any) -> Fields:
    return {
        **_entry(entry, element),
        "summary": entry.get("summary"),
        # Without e-mail addresses: feedparser cuts some, and gives them to the next author.
        "bylines": tuple((a.get("name"), a.get("href")) for a in entry.get("authors", ())),
        "enclosures": tuple(
            (each.get("href"), each.get("type"), number(each.get("length")), each.get("title"))
            for each in entry.get("enclosures", ())
        ),
        "comments": number(entry.get("thr_total")),
        "entry language": entry.get("title_detail", {}).get("language"),
    }


def _media(media: Any) -> tuple[object, ...]:
    numbers = (number(media.get(name)) for name in ("filesize", "width", "height", "duration"))
    return (media.get("url"), media.get("medium"), media.get("type"), *numbers)


def _moment(parsed: Any) -> datetime | None:
    """Give feedparser's UTC time tuple as an aware datetime."""
    return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
