"""Compare sitemaps, robots.txt and OPML with what they were made from.

They are read by other parsers than those that write them: expat, and Python's own of robots.txt.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import zip_longest
from urllib.robotparser import RobotFileParser
from xml.etree.ElementTree import Element, ParseError, fromstring

from feeds.model import Difference
from feeds.site import Location, News, Outline

_MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
# Of sitemaps.org, and of Google News.
_MOST_BYTES = 50 * 1024 * 1024
_MOST_LOCATIONS = 50_000
_MOST_NEWS = 1_000


def verify_sitemap(body: bytes, locations: Sequence[Location]) -> tuple[Difference, ...]:
    """List every difference between a sitemap, or an index of them, and its locations."""
    return _read(body, partial(_sitemap, body, locations))


def verify_opml(body: bytes, title: str, outlines: Collection[Outline]) -> tuple[Difference, ...]:
    """List every difference between an OPML document and its feeds, whose order is free."""
    return _read(body, partial(_opml, title, outlines))


def verify_robots(
    body: bytes, disallowed: Sequence[str], sitemaps: Sequence[str]
) -> tuple[Difference, ...]:
    """List every difference between a robots.txt and its addresses; robots may read all others."""
    robots = RobotFileParser()
    robots.parse(body.decode().splitlines())
    open_ones = [each for each in disallowed if robots.can_fetch("*", f"https://host{each}")]
    closed = [each for each in ("/", *sitemaps) if not robots.can_fetch("*", each)]
    fields: tuple[tuple[str, object, object], ...] = (
        ("disallowed, but open", [], open_ones),
        ("allowed, but closed", [], closed),
        ("sitemaps", [*sitemaps], robots.site_maps()),
    )
    return tuple(Difference(name, str(e), str(f)) for name, e, f in fields if e != f)


def _read(
    body: bytes, compare: Callable[[Element], Iterator[Difference]]
) -> tuple[Difference, ...]:
    try:
        return tuple(compare(fromstring(body)))  # noqa: S314 - our own document
    except (ParseError, ValueError, TypeError) as error:
        return (Difference("document", "one that every reader accepts", str(error)),)


def _sitemap(body: bytes, locations: Sequence[Location], root: Element) -> Iterator[Difference]:
    found = [_location(each) for each in root]
    news = sum(each.news is not None for each in found)
    for name, most, size in (
        ("bytes", _MOST_BYTES, len(body)),
        ("locations", _MOST_LOCATIONS, len(found)),
        ("news", _MOST_NEWS, news),
    ):
        if size > most:
            yield Difference(name, f"at most {most}", str(size))
    for expected, read in zip_longest(locations, found):
        if expected != read:
            yield Difference("location", str(expected), str(read))


def _location(element: Element) -> Location:
    """Read a location; TypeError or ValueError for one without an address or a W3C date."""
    news = element.find(f"{_NEWS}news")
    return Location(
        element.findtext(f"{_MAP}loc", ""),
        datetime.fromisoformat(element.findtext(f"{_MAP}lastmod", "")),
        None if news is None else _news(news),
    )


def _news(element: Element) -> News:
    return News(
        element.findtext(f"{_NEWS}publication/{_NEWS}name", ""),
        element.findtext(f"{_NEWS}publication/{_NEWS}language", ""),
        datetime.fromisoformat(element.findtext(f"{_NEWS}publication_date", "")),
        element.findtext(f"{_NEWS}title", ""),
    )


def _opml(title: str, outlines: Collection[Outline], root: Element) -> Iterator[Difference]:
    if (found := root.findtext("head/title")) != title:
        yield Difference("title", title, str(found))
    expected, read = sorted(outlines, key=str), sorted(_outlines(root), key=str)
    for one, other in zip_longest(expected, read):
        if one != other:
            yield Difference("feed", str(one), str(other))


def _outlines(root: Element) -> Iterator[Outline]:
    for outline in root.iterfind("body/outline"):
        group = "" if outline.get("xmlUrl") else outline.get("text", "")
        for feed in outline.iter("outline"):
            if url := feed.get("xmlUrl"):
                text, page = feed.get("text", ""), feed.get("htmlUrl", "")
                yield Outline(text, url, page, feed.get("language"), group)
