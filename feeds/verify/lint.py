"""List the faults of any feed, without knowing the articles it was made from.

The rules are those that break subscriptions in practice: unreadable documents, missing or
repeated ids, dates that readers place in another hour, addresses that lead nowhere.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from lxml import etree

from feeds.verify.dates import rfc3339_fault, rss_fault
from feeds.verify.jsonfeed import parse_json
from feeds.verify.reading import Finding, ParseError, number, parse_xml

# A title that also has a bare "&" or "<" was escaped once, and is about an entity.
_TWICE_ESCAPED = re.compile(r"[^&<]*(&(?:amp|lt|gt|quot|#\d+);)(?:[^&<]|&(?:\w+|#\d+);)*")
_PAGE = re.compile(rb"\s*(<!doctype html|<html)", re.IGNORECASE)
_CHARSET = re.compile(r";\s*charset=([\w-]+|\"[\w-]+\")", re.IGNORECASE)
_ABSOLUTE = ("http://", "https://")
# RSS 0.9x and 1.0 have neither dates nor ids of entries, nor the feed's own address.
_OLD_RSS = ("rss09", "rss10")
_LAST_LINE = 65_535  # libxml2 counts no further


@dataclass(frozen=True, slots=True)
class _Item:
    """An entry to inspect; `date_faults` has each of its dates by name, None for a sound one.

    `is_old` marks a format without ids and dates. `element` is the entry in XML, for its lines.
    """

    id: str | None
    link: str | None
    title: str | None
    date_faults: Mapping[str, str | None]
    enclosures: Sequence[Mapping[str, Any]] = ()
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
        yield Finding("channel", "no feed_url: readers cannot tell its own address")
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
    channel, elements = _elements(body, len(parsed.entries))
    yield from _channel_findings(parsed.feed, channel, is_old=version.startswith(_OLD_RSS))
    yield from _item_findings(
        _xml_item(entry, version, element)
        for entry, element in zip(parsed.entries, elements, strict=True)
    )


def _elements(body: bytes, entries: int) -> tuple[Any, Sequence[Any]]:
    """Give the elements of the channel and of each entry, whose lines feedparser does not know.

    They are None where lxml cannot read the document or counts its entries otherwise.
    """
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        return None, [None] * entries
    found = list(root.iter("{*}item", "{*}entry"))
    same = len(found) == entries
    return next(root.iter("{*}channel"), root), found if same else [None] * entries


def _line(parent: Any, names: Sequence[str]) -> int | None:
    """Give the line of the first of these children that exists, or else of the parent."""
    if parent is None:
        return None
    children = chain.from_iterable(parent.iterchildren(f"{{*}}{name}") for name in names)
    line: int = next(children, parent).sourceline
    return line if line < _LAST_LINE else None


def _channel_findings(channel: Any, element: Any, *, is_old: bool) -> Iterator[Finding]:
    rels = {link.get("rel") for link in channel.get("links", ())}
    if not channel.get("title"):
        what = "no title: readers list it by its address"
        yield Finding("channel", what, _line(element, ["title"]))
    if "alternate" not in rels:
        what = "no link: readers cannot link to its site"
        yield Finding("channel", what, _line(element, ["link"]))
    if not is_old and "self" not in rels:
        what = "no link rel=self: readers cannot tell its own address"
        yield Finding("channel", what, _line(element, []))


def _xml_item(entry: Any, version: str, element: Any) -> _Item:
    is_rss = version.startswith("rss")
    fault = rss_fault if is_rss else rfc3339_fault
    links = (link.get("href") for link in entry.get("links", ()) if link.get("rel") == "alternate")
    # feedparser would give `published` for a missing `updated`, and Atom's id for a missing link.
    names = [name for name in ("published", "updated") if name in entry]
    permalink = (
        entry.get("link") if is_rss and entry.get("link", "").startswith(_ABSOLUTE) else None
    )
    return _Item(
        id=entry.get("id"),
        link=next(links, permalink),
        title=entry.get("title"),
        date_faults={name: fault(str(entry[name])) for name in names},
        # Only RSS requires their length and type.
        enclosures=entry.get("enclosures", ()) if is_rss else (),
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
        for fault_of, names in _RULES:
            if fault := fault_of(item):
                yield Finding(where, fault, _line(item.element, names))


def _id_fault(item: _Item) -> str | None:
    if item.id or item.is_old:
        return None
    return "no id (guid): readers show it again after every edit"


def _title_fault(item: _Item) -> str | None:
    if not item.title:
        return "no title: readers show the beginning of its text, or nothing"
    match = _TWICE_ESCAPED.fullmatch(item.title)
    return f"title is escaped twice: readers see {match[1]}" if match else None


def _link_fault(item: _Item) -> str | None:
    if not item.link:
        return "no link: readers have no page to open"
    if item.link.startswith(_ABSOLUTE):
        return None
    return f'link is not an absolute address, "{item.link}": readers cannot open it'


def _no_date(item: _Item) -> str | None:
    if item.date_faults or item.is_old:
        return None
    return "no date: readers show the time at which they met it"


def _date_fault(name: str, item: _Item) -> str | None:
    fault = item.date_faults.get(name)
    return fault and f"{name} {fault}"


def _enclosure_fault(item: _Item) -> str | None:
    for enclosure in item.enclosures:
        if number(enclosure.get("length")) is None or not enclosure.get("type"):
            address = enclosure.get("href")
            return f'enclosure without length or type, "{address}": some readers do not load it'
    return None


# Each with the elements to give the line of, in the order of preference.
_RULES: tuple[tuple[Callable[[_Item], str | None], Sequence[str]], ...] = (
    (_id_fault, ("guid", "id")),
    (_title_fault, ("title",)),
    (_link_fault, ("link",)),
    (_no_date, ()),
    (partial(_date_fault, "published"), ("pubDate", "published", "issued")),
    (partial(_date_fault, "updated"), ("updated", "date", "modified", "lastBuildDate")),
    (_enclosure_fault, ("enclosure",)),
)
