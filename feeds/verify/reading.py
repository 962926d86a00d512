"""Read RSS and Atom back: one plain value for each field that the format can carry.

The gate compares exactly the fields that `read_rss` and `read_atom` give.
"""

import calendar
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any
from xml.sax import SAXParseException

import feedparser
from lxml import etree

Fields = Mapping[str, object]

# https://www.w3.org/TR/NOTE-datetime from the day on, which Dublin Core uses in RSS.
_W3C = re.compile(
    r"\d{4}-\d\d-\d\d(?P<time>T\d\d:\d\d(?P<second>:\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?"
)
_MEDIA = "{http://search.yahoo.com/mrss/}"
_TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
_GUESS = "readers show the time when they first saw the entry, or none"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a feed: `where` is the document, the channel, or an entry by id or number.

    `line` is the line of the document, None where it is not known.
    """

    where: str
    what: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A parsed document: its channel and its entries in their order, field by field.

    `by_feedparser` says that some rare texts differ from those in the document.
    """

    channel: Fields
    entries: tuple[Fields, ...]
    by_feedparser: bool = True


class ParseError(Exception):
    """A strict reader gives up on the document; `findings` are its reasons."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("; ".join(f"{each.where}: {each.what}" for each in findings))
        self.findings = findings


def parse(body: bytes, media_type: str) -> Any:
    """Parse RSS or Atom as feedparser's users do, but without rewriting its HTML.

    Raises ParseError where its second parser, for documents that are not well-formed, fails, too.
    """
    try:
        return feedparser.parse(
            BytesIO(body),  # bytes could be the name of a file here
            response_headers={"content-type": media_type},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:
        what = "not well-formed XML: readers refuse the whole feed"
        raise ParseError(Finding("document", what)) from error


def parse_xml(body: bytes, media_type: str) -> Any:
    """Parse RSS or Atom; raises ParseError where feedparser has to guess (its "bozo" bit)."""
    parsed = parse(body, media_type)
    if parsed.bozo:
        raise ParseError(_refusal(parsed.bozo_exception, body))
    return parsed


def _refusal(error: Exception, body: bytes) -> Finding:
    what, line = str(error), None
    if isinstance(error, SAXParseException):
        line, column = line_of(error, body), error.getColumnNumber()
        what = f"not well-formed XML in line {line}, column {column}: {error.getMessage()}"
    return Finding("document", f"{what}: readers refuse the whole feed", line)


def elements_of(body: bytes, entries: int) -> tuple[Any, Sequence[Any]]:
    """Give the elements of the channel and of each entry, for what feedparser drops, as lines.

    They are empty where lxml cannot read the document or counts its entries otherwise.
    """
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        root = etree.Element("feed")
    found = list(root.iter("{*}item", "{*}entry"))
    if len(found) != entries:
        found = [etree.Element("entry") for _ in range(entries)]
    return next(root.iter("{*}channel"), root), found


def line_of(error: SAXParseException, body: bytes) -> int:
    """Give the line of a fault that feedparser found in a body."""
    # It puts an XML declaration, on a line of its own, before a body without one.
    is_added = b"<?xml" not in body[:200].replace(b"\0", b"")
    return max((error.getLineNumber() or 1) - is_added, 1)


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


def number(text: object) -> int | None:
    """Give the number that a text spells; None for anything else, as one of too many digits."""
    return int(text) if isinstance(text, str) and re.fullmatch("[0-9]{1,18}", text) else None


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


def rfc3339_fault(text: str) -> str | None:
    """Say what is wrong with a date of Atom or JSON Feed; None if nothing is."""
    match = _W3C.fullmatch(text.strip())
    moment = iso(text) if match and match["second"] else None
    return _fault(text, moment, "2026-03-02T09:00:00+09:00")


def rss_fault(text: str) -> str | None:
    """Say what is wrong with a date of RSS, by RFC 822 or of Dublin Core; None if nothing is."""
    if match := _W3C.fullmatch(text.strip()):
        moment = iso(text)
        if moment and not match["time"]:
            return None
    else:
        moment = rfc822(text)
    return _fault(text, moment, "Mon, 02 Mar 2026 09:00:00 +0900")


def iso(text: str) -> datetime | None:
    """Give the moment that a text says by ISO 8601; None if it says none."""
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def rfc822(text: str) -> datetime | None:
    """Read a date as e-mail readers do; without a time zone if they do not know its name."""
    try:
        # "-0000" is UTC whose origin is not told (RFC 2822, 3.3); Python gives it no time zone.
        return parsedate_to_datetime(text.replace("-0000", "+0000"))
    except (ValueError, OverflowError):
        return None


def _fault(text: str, moment: datetime | None, example: str) -> str | None:
    if not text.strip():
        return f"is empty: {_GUESS}"
    if moment is None:
        return f'is not a date such as {example}, but "{text}": {_GUESS}'
    if moment.tzinfo is None:
        return f'has no time zone such as +0900, "{text}": readers take it for UTC'
    return None
