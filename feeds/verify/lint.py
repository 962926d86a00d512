"""Say what is wrong in any feed, without knowing the articles it was made from.

The rules are those that break subscriptions in practice: unreadable documents, missing or
repeated ids, dates that readers place in another hour, addresses that lead nowhere.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from feeds.verify.dates import rfc3339_fault, rss_fault
from feeds.verify.jsonfeed import OffSchema, parse_json, path_of
from feeds.verify.lines import Line, Lines, no_line
from feeds.verify.reading import Unreadable, number, parse_xml

# A title with "&" or "<" of its own beside it only speaks of such a thing.
_TWICE_ESCAPED = re.compile(r"[^&<]*(&(?:amp|lt|gt|quot|#\d+);)(?:[^&<]|&(?:\w+|#\d+);)*")
_PAGE = re.compile(rb"\s*(<!doctype html|<html)", re.IGNORECASE)
_CHARSET = re.compile(r";\s*charset=([\w-]+|\"[\w-]+\")", re.IGNORECASE)
_WHOLE = ("http://", "https://")
# RSS 0.9x and 1.0 know neither dates nor ids of entries, nor the feed's own address.
_OLD_RSS = ("rss09", "rss10")


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a feed: `where` is the channel, or an entry by its id or number.

    `line` is that of the document, None where it is not known.
    """

    where: str
    what: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class _Item:
    """An entry to look at; `dates` is name → what is wrong with it, None if nothing is.

    `is_old` is one of a format that has neither ids nor dates.
    """

    where: str
    id: str | None
    link: str | None
    title: str | None
    dates: Mapping[str, str | None]
    enclosures: tuple[Mapping[str, Any], ...] = ()
    is_old: bool = False
    line: Line = no_line


def inspect(body: bytes, media_type: str = "") -> tuple[Finding, ...]:
    """List the faults of an RSS, Atom or JSON Feed document; none means it is sound."""
    if not body.strip():
        return (Finding("document", "empty: readers show nothing"),)
    is_json = "json" in media_type or body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    try:
        return tuple(_json_findings(body) if is_json else _xml_findings(body, media_type))
    except OffSchema as error:
        return tuple(_misfit(place, what) for place, what in error.faults)
    except Unreadable as error:
        return (Finding("document", f"{error}: readers refuse the whole feed", error.line),)


def _misfit(place: tuple[int | str, ...], what: str) -> Finding:
    if place[:1] == ("items",) and len(place) > 1:
        return Finding(f"entry {int(place[1]) + 1}", f"{path_of(place[2:])} {what}".strip())
    return Finding("channel", f"{path_of(place) or 'document'} {what}")


def _xml_findings(body: bytes, media_type: str) -> Iterator[Finding]:
    if _PAGE.match(body):
        yield Finding("document", "a page in HTML, no feed: readers look in it for a link to one")
        return
    if media_type and "xml" not in media_type:
        kind = media_type.partition(";")[0]
        yield Finding("document", f"sent as {kind}: some readers take it for no feed")
    charset = _CHARSET.search(media_type)
    parsed = parse_xml(body, "application/xml" + (charset.group() if charset else ""))
    version = parsed.get("version")
    if not version:
        yield Finding("document", "neither RSS nor Atom: readers refuse it")
        return
    lines = Lines(body, len(parsed.entries))
    yield from _channel_findings(parsed.feed, lines, is_old=version.startswith(_OLD_RSS))
    entries = enumerate(parsed.entries)
    yield from _items([_xml_item(n, entry, version, lines.entry(n)) for n, entry in entries])


def _channel_findings(channel: Any, lines: Lines, *, is_old: bool) -> Iterator[Finding]:
    if not channel.get("title"):
        what = "no title: readers list it by its address"
        yield Finding("channel", what, lines.channel("title"))
    links = channel.get("links", ())
    if not any(link.get("rel") == "alternate" for link in links):
        what = "no link: readers cannot lead to its site"
        yield Finding("channel", what, lines.channel("link"))
    if not is_old and not any(link.get("rel") == "self" for link in links):
        what = "no link rel=self: readers cannot tell its own address"
        yield Finding("channel", what, lines.channel())


def _xml_item(index: int, entry: Any, version: str, line: Line) -> _Item:
    is_rss = version.startswith("rss")
    fault = rss_fault if is_rss else rfc3339_fault
    links = (link.get("href") for link in entry.get("links", ()) if link.get("rel") == "alternate")
    # feedparser would give `published` for a missing `updated`, and Atom's id for a missing link.
    names = [name for name in ("published", "updated") if name in entry]
    permalink = entry.get("link") if is_rss and entry.get("link", "").startswith(_WHOLE) else None
    return _Item(
        where=entry.get("id") or f"entry {index + 1}",
        id=entry.get("id"),
        link=next(links, permalink),
        title=entry.get("title"),
        dates={name: fault(str(entry[name])) for name in names},
        # Only RSS demands a length and a type of them.
        enclosures=tuple(entry.get("enclosures", ())) if is_rss else (),
        is_old=version.startswith(_OLD_RSS),
        line=line,
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
                # The schema has looked at it.
                dates={"date_published": None} if item.get("date_published") else {},
            )
            for item in feed["items"]
        ]
    )


def _items(items: list[_Item]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for number_, item in enumerate(items, 1):
        if item.id and first.setdefault(item.id, number_) != number_:
            what = f"the id of entry {first[item.id]} again: readers show one of the two"
            yield Finding(item.where, what, item.line("guid", "id"))
        for rule in _RULES:
            yield from (Finding(item.where, what, line) for what, line in rule(item))


_Found = Iterator[tuple[str, int | None]]


def _identified(item: _Item) -> _Found:
    if not item.id and not item.is_old:
        yield "no id (guid): readers show it again after every edit", item.line("guid", "id")


def _titled(item: _Item) -> _Found:
    line = item.line("title")
    if not item.title:
        yield "no title: readers show the beginning of its text, or nothing", line
    elif match := _TWICE_ESCAPED.fullmatch(item.title):
        yield f"title is escaped twice: readers see {match.group(1)}", line


def _linked(item: _Item) -> _Found:
    line = item.line("link")
    if not item.link:
        yield "no link: readers have no page to open", line
    elif not item.link.startswith(_WHOLE):
        yield f"link is not an absolute address: {item.link}: readers cannot open it", line


def _dated(item: _Item) -> _Found:
    if not item.dates and not item.is_old:
        yield "no date: readers show the time at which they met it", item.line()
    for name, fault in item.dates.items():
        if fault:
            yield f"{name} {fault}", item.line(*_ELEMENTS[name])


def _measured(item: _Item) -> _Found:
    for enclosure in item.enclosures:
        if number(enclosure.get("length")) is None or not enclosure.get("type"):
            what = f"enclosure without length or type: {enclosure.get('href')}"
            yield f"{what}: some readers do not load it", item.line("enclosure")


_ELEMENTS = {
    "published": ("pubDate", "published", "issued"),
    "updated": ("updated", "date", "modified", "lastBuildDate"),
}
_RULES: tuple[Callable[[_Item], _Found], ...] = (
    _identified,
    _titled,
    _linked,
    _dated,
    _measured,
)
