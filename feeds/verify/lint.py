"""Say what is wrong in any feed, without knowing the articles it was made from.

The rules are those that break subscriptions in practice: unreadable documents, missing or
repeated ids, dates that readers place in another hour, addresses that lead nowhere.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from feeds.verify.jsonfeed import parse_json
from feeds.verify.reading import Unreadable, number, parse_xml

# RFC 822 with an offset or GMT/UT, or RFC 3339. Other zone names are read as UTC.
_ZONED = re.compile(r".*\d\s*([+-]\d{2}:?\d{2}|Z|GMT|UTC?)\s*$", re.IGNORECASE)
_TWICE_ESCAPED = re.compile(r"&(amp|lt|gt|quot|#\d+);")


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a feed: `where` is the channel, or an entry by its id or number."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class _Item:
    where: str
    id: str | None
    link: str | None
    title: str | None
    dated: bool
    unzoned: Mapping[str, str]
    enclosures: tuple[Mapping[str, Any], ...] = ()


def inspect(body: bytes, media_type: str = "") -> tuple[Finding, ...]:
    """List the faults of an RSS, Atom or JSON Feed document; none means it is sound."""
    is_json = "json" in media_type or body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    try:
        return tuple(_json_findings(body) if is_json else _xml_findings(body, media_type))
    except Unreadable as error:
        return (Finding("document", str(error)),)


def _xml_findings(body: bytes, media_type: str) -> Iterator[Finding]:
    parsed = parse_xml(body, media_type or "application/xml")
    if not parsed.get("version"):
        yield Finding("document", "neither RSS nor Atom")
        return
    for key in ("title", "link"):
        if not parsed.feed.get(key):
            yield Finding("channel", f"no {key}")
    if not any(link.get("rel") == "self" for link in parsed.feed.get("links", ())):
        yield Finding("channel", "no link rel=self: readers cannot tell its own address")
    is_rss = parsed.version.startswith("rss")
    yield from _items(
        [_xml_item(n, entry, is_rss=is_rss) for n, entry in enumerate(parsed.entries, 1)]
    )


def _xml_item(index: int, entry: Any, *, is_rss: bool) -> _Item:
    # feedparser would give `published` for an `updated` that is not there.
    dates = {name: str(entry[name]) for name in ("published", "updated") if name in entry}
    return _Item(
        where=entry.get("id") or f"entry {index}",
        id=entry.get("id"),
        link=entry.get("link"),
        title=entry.get("title"),
        dated=bool(dates),
        unzoned={
            name: date
            for name, date in dates.items()
            if not (_ZONED.match(date) and entry.get(f"{name}_parsed"))
        },
        # Only RSS demands a length and a type of them.
        enclosures=tuple(entry.get("enclosures", ())) if is_rss else (),
    )


def _json_findings(body: bytes) -> Iterator[Finding]:
    feed = parse_json(body)
    if not feed.get("feed_url"):
        yield Finding("channel", "no feed_url: readers cannot tell its own address")
    yield from _items(
        [
            _Item(
                where=item["id"],
                id=item["id"],
                link=item.get("url"),
                title=item.get("title"),
                dated="date_published" in item,
                unzoned={},
            )
            for item in feed["items"]
        ]
    )


def _items(items: list[_Item]) -> Iterator[Finding]:
    times = Counter(item.id for item in items if item.id)
    for repeated in (item_id for item_id, count in times.items() if count > 1):
        yield Finding(repeated, f"{times[repeated]} entries have this id")
    for item in items:
        for rule in _RULES:
            yield from (Finding(item.where, what) for what in rule(item))


def _identified(item: _Item) -> Iterator[str]:
    if not item.id:
        yield "no id (guid): every edit makes it a new entry"


def _titled(item: _Item) -> Iterator[str]:
    if not item.title:
        yield "no title"
    elif match := _TWICE_ESCAPED.search(item.title):
        yield f"title is escaped twice: readers see {match.group()}"


def _linked(item: _Item) -> Iterator[str]:
    if not item.link:
        yield "no link"
    elif not item.link.startswith(("http://", "https://")):
        yield f"link is not an absolute address: {item.link}"


def _dated(item: _Item) -> Iterator[str]:
    if not item.dated:
        yield "no date"
    for name, value in item.unzoned.items():
        yield f"{name} has no time zone that readers know: {value}"


def _measured(item: _Item) -> Iterator[str]:
    for enclosure in item.enclosures:
        if number(enclosure.get("length")) is None or not enclosure.get("type"):
            yield f"enclosure without length or type: {enclosure.get('href')}"


_RULES: tuple[Callable[[_Item], Iterator[str]], ...] = (
    _identified,
    _titled,
    _linked,
    _dated,
    _measured,
)
