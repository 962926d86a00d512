"""List the faults of any feed, without knowing the articles it was made from.

The rules are those that break subscriptions in practice: unreadable documents, missing or
repeated ids, dates that readers place in another hour, addresses that lead nowhere.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from feeds.verify.jsonfeed import parse_json
from feeds.verify.parsing import (
    Finding,
    ParseError,
    elements_of,
    number,
    parse_xml,
    rfc3339_fault,
    rss_fault,
)

# A title that also has a bare "&" or "<" was escaped once, and is about an entity.
_TWICE_ESCAPED = re.compile(r"[^&<]*(&(?:amp|lt|gt|quot|#\d+);)(?:[^&<]|&(?:\w+|#\d+);)*")
_PAGE = re.compile(rb"\s*(<!doctype html|<html)", re.IGNORECASE)
_CHARSET = re.compile(r";\s*charset=([\w-]+|\"[\w-]+\")", re.IGNORECASE)
_ABSOLUTE = ("http://", "https://")
# RSS 0.9x and 1.0 have neither dates nor ids of entries, nor the feed's own address.
_OLD_RSS = ("rss09", "rss10")
_DATE_ELEMENTS = {
    "published": ["pubDate", "published", "issued"],
    "updated": ["updated", "date", "modified", "lastBuildDate"],
}
_LAST_LINE = 65_535  # libxml2 does not count beyond it

_Fault = tuple[str, Sequence[str]]
"""What is wrong, and the elements that may be at fault."""


@dataclass(frozen=True, slots=True)
class _Item:
    """An entry to inspect; `date_faults` has each of its dates by name, None for a sound one.

    `bad_enclosures` are addresses. `is_old` marks a format without ids and dates. `element` is the
    entry in XML, for its lines.
    """

    id: str | None
    link: str | None
    title: str | None
    date_faults: Mapping[str, str | None]
    bad_enclosures: Sequence[str] = ()
    is_old: bool = False
    element: Any = None


def inspect(body: bytes, media_type: str = "") -> tuple[Finding, ...]:
    """List the faults of an RSS, Atom or JSON Feed document; none means it is sound."""
    if not body.strip():
        return (Finding("document", "empty: readers show nothing"),)
    is_json = "json" in media_type or body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    try:
        return tuple(_json_findings(body) if is_json else _xml_findings(body, media_type))
    except ParseError as error:
        return error.findings


def _json_findings(body: bytes) -> Iterator[Finding]:
    feed = parse_json(body)
    if not feed.get("feed_url"):
        yield Finding("channel", "no feed_url: readers do not learn its address")
    yield from _item_findings(
        _Item(
            id=item["id"],
            link=item.get("url"),
            title=item.get("title"),
            # A feed with a faulty date has not passed the schema.
            date_faults={"published": None} if item.get("date_published") else {},
        )
        for item in feed["items"]
    )


def _xml_findings(body: bytes, media_type: str) -> Iterator[Finding]:
    if _PAGE.match(body):
        yield Finding("document", "an HTML page, not a feed: readers look in it for a link to one")
        return
    if media_type and "xml" not in media_type:
        kind = media_type.partition(";")[0]
        yield Finding("document", f"sent as {kind}: some readers do not take it for a feed")
    charset = _CHARSET.search(media_type)
    parsed = parse_xml(body, "application/xml" + (charset.group() if charset else ""))
    version = parsed.get("version")
    if not version:
        yield Finding("document", "neither RSS nor Atom: readers refuse it")
        return
    channel, elements = elements_of(body, len(parsed.entries))
    for what, names in _channel_faults(parsed.feed, is_old=version.startswith(_OLD_RSS)):
        yield Finding("channel", what, _line(channel, names))
    yield from _item_findings(
        _xml_item(entry, version, element)
        for entry, element in zip(parsed.entries, elements, strict=True)
    )


def _line(parent: Any, names: Sequence[str]) -> int | None:
    """Give the line of the first of these children that exists, or else of the parent."""
    if parent is None:
        return None
    children = chain.from_iterable(parent.iterchildren(f"{{*}}{name}") for name in names)
    line: int | None = next(children, parent).sourceline
    return line if line and line < _LAST_LINE else None


def _channel_faults(channel: Any, *, is_old: bool) -> Iterator[_Fault]:
    rels = {link.get("rel") for link in channel.get("links", ())}
    if not channel.get("title"):
        yield "no title: readers list it by its address", ["title"]
    if "alternate" not in rels:
        yield "no link: readers have no site to open", ["link"]
    if not is_old and "self" not in rels:
        yield "no link rel=self: readers do not learn its address", []


def _xml_item(entry: Any, version: str, element: Any) -> _Item:
    is_rss = version.startswith("rss")
    fault = rss_fault if is_rss else rfc3339_fault
    links = (link.get("href") for link in entry.get("links", ()) if link.get("rel") == "alternate")
    # feedparser would give `published` for a missing `updated`, and Atom's id for a missing link.
    names = [name for name in ("published", "updated") if name in entry]
    link = entry.get("link", "") if is_rss else ""
    # Only RSS requires their length and type.
    bad_enclosures = [
        each.get("href")
        for each in entry.get("enclosures", ())
        if number(each.get("length")) is None or not each.get("type")
    ]
    return _Item(
        id=entry.get("id"),
        link=next(links, link if link.startswith(_ABSOLUTE) else None),
        title=entry.get("title"),
        date_faults={name: fault(str(entry[name])) for name in names},
        bad_enclosures=bad_enclosures if is_rss else (),
        is_old=version.startswith(_OLD_RSS),
        element=element,
    )


def _item_findings(items: Iterator[_Item]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, item in enumerate(items, 1):
        where = item.id or f"entry {index}"
        if item.id and first.setdefault(item.id, index) != index:
            what = f"the same id as entry {first[item.id]}: readers show only one of them"
            yield Finding(where, what, _line(item.element, ["guid", "id"]))
        for what, names in _faults(item):
            yield Finding(where, what, _line(item.element, names))


def _faults(item: _Item) -> Iterator[_Fault]:
    if not (item.id or item.is_old):
        yield "no id (guid): readers show it again after every edit", ["guid", "id"]
    if not item.title:
        yield "no title: readers show the beginning of its text, or nothing", ["title"]
    elif match := _TWICE_ESCAPED.fullmatch(item.title):
        yield f"title is escaped twice: readers see {match[1]}", ["title"]
    if not item.link:
        yield "no link: readers have no page to open", ["link"]
    elif not item.link.startswith(_ABSOLUTE):
        what = f'link is not an absolute address, "{item.link}": readers cannot open it'
        yield what, ["link"]
    if not (item.date_faults or item.is_old):
        yield "no date: readers show the time when they first saw it", []
    for name, fault in item.date_faults.items():
        if fault:
            yield f"{name} {fault}", _DATE_ELEMENTS[name]
    for address in item.bad_enclosures:
        what = f'enclosure without length or type, "{address}": some readers do not load it'
        yield what, ["enclosure"]
