"""Sitemaps 0.9 (sitemaps.org), with Google's news in them, and robots.txt (RFC 9309).

Dates are in UTC: the offsets of the 19th century are not whole minutes, as W3C's dates need them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from lxml.etree import Element, SubElement, _Element, tostring

from feeds.site import Location, News

_NAMESPACES: dict[str | None, str] = {
    None: "http://www.sitemaps.org/schemas/sitemap/0.9",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
}


def render_sitemap(locations: Sequence[Location]) -> bytes:
    """Render the addresses of pages, those with news as Google News wants them."""
    root = _root("urlset")
    for location in locations:
        url = _add_location(root, "url", location)
        if location.news:
            _add_news(_add(url, "news", "news"), location.news)
    return _written(root)


def render_sitemap_index(locations: Sequence[Location]) -> bytes:
    """Render the addresses of sitemaps."""
    root = _root("sitemapindex")
    for location in locations:
        _add_location(root, "sitemap", location)
    return _written(root)


def render_robots(disallowed: Sequence[str], sitemaps: Sequence[str]) -> bytes:
    """Render the paths that no robot should ask for, and the addresses of the sitemaps."""
    lines = ["User-agent: *"]
    lines += [f"Disallow: {path}" for path in disallowed]
    lines += ["", *(f"Sitemap: {url}" for url in sitemaps), ""]
    return "\n".join(lines).encode()


def _add_location(root: _Element, name: str, location: Location) -> _Element:
    element = _add(root, None, name)
    _add(element, None, "loc", location.url)
    _add(element, None, "lastmod", _date(location.modified))
    return element


def _add_news(element: _Element, news: News) -> None:
    publication = _add(element, "news", "publication")
    _add(publication, "news", "name", news.publication)
    _add(publication, "news", "language", news.language)
    _add(element, "news", "publication_date", _date(news.published))
    _add(element, "news", "title", news.title)


def _root(name: str) -> _Element:
    return Element(f"{{{_NAMESPACES[None]}}}{name}", nsmap=_NAMESPACES)  # type: ignore[arg-type]  # lxml takes None


def _add(parent: _Element, prefix: str | None, name: str, text: str | None = None) -> _Element:
    element = SubElement(parent, f"{{{_NAMESPACES[prefix]}}}{name}")
    element.text = text
    return element


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _written(root: _Element) -> bytes:
    return tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
