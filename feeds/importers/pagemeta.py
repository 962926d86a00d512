"""What an HTML page says about its article outside the text: meta tags, JSON-LD, `등록 <date>`."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import time
from typing import Any
from urllib.parse import urlsplit

from lxml import html

from feeds.importers.fields import moment
from feeds.importers.korean import (
    COUNT,
    LONGEST_BYLINE,
    authors,
    changed,
    date_and_time,
    registered,
)
from feeds.importers.reader import Source
from feeds.text import LANGUAGE
from feeds.urls import resolved, web_address

_PUBLISHED = "article:published_time og:article:published_time datepublished pubdate".split()
_MODIFIED = "article:modified_time og:article:modified_time datemodified og:updated_time".split()
_DATED_TEXT = (
    "//body//text()[contains(., '등록') or contains(., '입력') or contains(., '승인')]"
    "[not(parent::script or parent::style)]"
)
_HEADINGS = ("h1", "h2", "h3", "h4")
_LONGEST_DATE = 80
_MOST_DATED = 100


@dataclass(frozen=True, slots=True)
class Dated:
    """The element of a Korean page that says `등록 <date>`, and the bylines before it."""

    element: html.HtmlElement
    bylines: tuple[html.HtmlElement, ...]


def meta_record(tree: html.HtmlElement, source: Source, dated: Dated | None) -> dict[str, Any]:
    """Give every key of a record that the page's head or its visible date line holds.

    Titles, dates, … that the page does not have are left out, as are addresses that are none.
    """
    meta = _meta(tree)
    linked = _linked(tree)
    visible = text_of(dated.element) if dated else ""
    url = _address([*tree.xpath("//link[@rel='canonical']/@href"), *meta.get("og:url", ())], source)
    record = {
        "title": _title(tree, meta, linked),
        "url": url,
        "published": published(
            [
                *_first(meta, _PUBLISHED),
                *_texts(linked, "datePublished"),
                *tree.xpath("//time/@datetime"),
                registered(visible) or "",
            ],
            source,
        ),
        "updated": published(
            [*_first(meta, _MODIFIED), *_texts(linked, "dateModified"), changed(visible) or ""],
            source,
        ),
        "summary": next(iter(_first(meta, ["og:description", "description"])), None),
        "authors": _authors(meta, linked, dated),
        "sections": meta.get("article:section", []),
        "tags": meta.get("article:tag", []),
        "image": _image(meta, url or source.base_url),
        "language": _language(tree),
    }
    return {key: value for key, value in record.items() if value}


def find_dated(tree: html.HtmlElement) -> Dated | None:
    """Find the visible date line, taking in what wraps it alone (`<li><span>등록 …`)."""
    for text in tree.xpath(_DATED_TEXT)[:_MOST_DATED]:
        element = text.getparent()
        if text.is_tail:
            element = element.getparent()
        line = text_of(element)
        if len(line) <= _LONGEST_DATE and registered(line):
            return _with_bylines(widened(element))
    return None


def widened(element: html.HtmlElement) -> html.HtmlElement:
    """Give the outermost element that says nothing but what this one says."""
    words = text_of(element)
    parent = element.getparent()
    while parent is not None and parent.tag != "body" and text_of(parent) == words:
        element, parent = parent, parent.getparent()
    return element


def text_of(element: html.HtmlElement) -> str:
    """Give an element's words on one line."""
    return " ".join(element.text_content().split())


def published(candidates: Iterable[str], source: Source) -> str | None:
    """Give the first date that has a time of day, else the first date; junk is passed over."""
    dates: list[str] = []
    for candidate in candidates:
        for written in (candidate.strip(), date_and_time(candidate)):
            try:
                read = moment(written or "", source.timezone).astimezone(source.timezone)
            except ValueError:
                continue
            if read.time() != time(0):
                return written
            dates.append(written or "")
            break
    return next(iter(dates), None)


def _with_bylines(element: html.HtmlElement) -> Dated:
    siblings = (e for e in element.itersiblings(preceding=True) if isinstance(e.tag, str))
    short = (e for e in siblings if e.tag not in _HEADINGS and len(text_of(e)) <= LONGEST_BYLINE)
    return Dated(element, tuple(short)[::-1])


def _meta(tree: html.HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for tag in tree.iter("meta"):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop") or ""
        content = (tag.get("content") or "").strip()
        if content:
            found.setdefault(name.lower(), []).append(content)
    return found


def _linked(tree: html.HtmlElement) -> dict[str, Any]:
    """Give the JSON-LD object that is an article: the one with a headline or a date."""
    for script in tree.xpath("//script[@type='application/ld+json']"):
        try:
            found = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):
            continue
        for thing in _things(found):
            if "headline" in thing or "datePublished" in thing:
                return thing
    return {}


def _things(value: Any) -> Iterator[dict[str, Any]]:
    roots = value if isinstance(value, list) else [value]
    for root in roots:
        if isinstance(root, dict):
            graph = root.get("@graph")
            yield root
            yield from (t for t in graph if isinstance(t, dict)) if isinstance(graph, list) else ()


def _texts(linked: dict[str, Any], key: str) -> list[str]:
    value = linked.get(key)
    return [value] if isinstance(value, str) and value.strip() else []


def _first(meta: dict[str, list[str]], names: Iterable[str]) -> list[str]:
    return [meta[name][0] for name in names if name in meta]


def _title(tree: html.HtmlElement, meta: dict[str, list[str]], linked: dict[str, Any]) -> str:
    headings = [text_of(h1) for h1 in tree.iter("h1")]
    named = [*meta.get("og:title", ()), *_texts(linked, "headline"), *headings]
    return next(filter(None, named), "")


def _authors(
    meta: dict[str, list[str]], linked: dict[str, Any], dated: Dated | None
) -> list[dict[str, str]]:
    people = linked.get("author")
    listed = people if isinstance(people, list) else [people]
    names = [p.get("name") if isinstance(p, dict) else p for p in listed]
    told = [{"name": name} for name in names if isinstance(name, str) and name.strip()]
    shown = [a for e in (dated.bylines if dated else ()) for a in authors(text_of(e))]
    return told or shown or [a for name in meta.get("author", ()) for a in authors(name)]


def _address(candidates: Iterable[str], source: Source) -> str | None:
    """Give the first address of an article; a home page is what a careless template says."""
    for candidate in candidates:
        try:
            url = web_address(resolved(candidate.strip(), source.base_url))
        except ValueError:
            continue
        parts = urlsplit(url)
        if parts.path.strip("/") or parts.query:
            return url
    return None


def _image(meta: dict[str, list[str]], base_url: str) -> dict[str, Any] | None:
    for candidate in meta.get("og:image", ()):
        try:
            url = web_address(resolved(candidate.replace(" ", "%20"), base_url))
        except ValueError:
            continue
        sides = {side: meta.get(f"og:image:{side}", [""])[0] for side in ("width", "height")}
        pixels = {
            side: int(text.replace(",", ""))
            for side, text in sides.items()
            if COUNT.fullmatch(text)
        }
        return {"url": url, "alt": meta.get("og:image:alt", [None])[0], **pixels}
    return None


def _language(tree: html.HtmlElement) -> str | None:
    language = (tree.get("lang") or "").strip().replace("_", "-")
    return language if LANGUAGE.fullmatch(language) else None
