"""An article page in HTML: its head has the metadata, trafilatura finds text and date.

Names and tags are read here: trafilatura drops names without a blank in them, as Korean ones are,
and takes the site's keywords for the article's tags.
"""

import json
import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import time
from html import escape
from itertools import chain
from types import ModuleType
from typing import Any, BinaryIO

from lxml import etree, html

from feeds.errors import ArticleError
from feeds.importers.korean import authors, count, date_and_time, take_out
from feeds.importers.mapped import as_list, as_object, as_objects, as_text
from feeds.importers.record import filled
from feeds.importers.sources import Accepted, Rejected, Source
from feeds.importers.textpage import decode_page, page_article, read_page
from feeds.pictures import address_of
from feeds.text import legal, moment, removed
from feeds.urls import resolved

# What browsers read under these labels (WHATWG Encoding, 4.2); the rest is UTF-8 or guessed.
ENCODINGS = {
    **dict.fromkeys("euc-kr ks_c_5601-1987 ksc5601 cp949 ms949 uhc windows-949".split(), "cp949"),
    **dict.fromkeys("iso-8859-1 latin1 us-ascii ascii windows-1252".split(), "cp1252"),
    **dict.fromkeys("utf-8 utf8".split(), "utf-8"),
}
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_HEAD_BYTES = 4096
_UNREAD = "\ufffd"
_OF_IMAGE = ("", ":alt", ":width", ":height")
_HAS_PATH = re.compile(r"https?://[^/?#]*+/*+[^/#]", re.IGNORECASE)
_MODIFIED = ("article:modified_time", "og:article:modified_time", "datemodified", "og:updated_time")
# htmldate's own bounds leave out an archive before 1995, and embargoed articles.
_DATES = {
    "original_date": True,
    "extensive_search": False,
    "outputformat": "%Y-%m-%dT%H:%M:%S%z",
    "min_date": "1900-01-01",
    "max_date": "2199-12-31",
}
# Without a handler, logging would print to stderr what the result already says.
_SILENCE = logging.NullHandler()
# trafilatura leaves out pictures whose address does not end like one; this makes them all do.
_PICTURE = "#.jpg"


def read_html_page(stream: BinaryIO, source: Source) -> Iterator[Accepted | Rejected]:
    """Read the one article of a page; needs the extra `pages`."""
    yield read_page(stream, source, _read)


def _read(page: bytes, source: Source) -> Accepted | Rejected:
    label = _CHARSET.search(page, 0, _HEAD_BYTES)
    name = label.group(1).decode("ascii", "replace").lower() if label else ""
    text = decode_page(page, ENCODINGS.get(name))
    notes = [f"page: removed {', '.join(removed(text))}"] if removed(text) else []
    if _UNREAD in text:
        notes.append(f"page: {text.count(_UNREAD)} unreadable characters")
    return page_article(_record(_tree(text), source), source, notes=tuple(notes))


def _tree(text: str) -> html.HtmlElement:
    # As bytes, because lxml refuses a string that declares an encoding.
    parser = html.HTMLParser(encoding="utf-8")
    try:
        return html.document_fromstring(legal(text).encode(), parser=parser)
    except etree.LxmlError:
        raise ArticleError("no HTML in this file") from None


def _record(tree: html.HtmlElement, source: Source) -> dict[str, Any]:
    """Read the page's head, its text and the boilerplate around it; empty keys are left out."""
    trafilatura = _trafilatura()
    try:
        metadata = trafilatura.extract_metadata(tree, date_config={**_DATES})
        shown = take_out(tree, metadata.title or "")
        body = _body(trafilatura, tree, source)
    except Exception as error:  # noqa: BLE001 - trafilatura does not say what it may raise
        raise ArticleError(f"no article can be read from this page ({error!r:.100})") from None
    linked = _linked(tree)
    # htmldate prefers the date of a change to a publication date with milliseconds.
    published = _meta(tree, "article:published_time")
    updated = (*_meta(tree, *_MODIFIED), linked.get("dateModified"))
    url = _article_url(tree, source)
    record = {
        "title": metadata.title,
        "url": url,
        "published": _date([*published, metadata.date, shown.get("published")], source),
        "updated": _date([*updated, shown.get("updated")], source),
        "subtitle": shown.get("subtitle"),
        "summary": metadata.description,
        "body_html": body,
        "authors": _people(linked)
        or shown.get("authors")
        or [author for name in _meta(tree, "author") for author in authors(name)]
        or [{"name": name} for name in (metadata.author or "").split("; ") if name],
        "sections": _meta(tree, "article:section"),
        "tags": _meta(tree, "article:tag"),
        "image": _image(tree, url or source.base_url),
        "language": (tree.get("lang") or "").strip().replace("_", "-"),
        "comments": shown.get("comments"),
    }
    return filled(record)


def _trafilatura() -> ModuleType:
    try:
        import trafilatura
    except ImportError:
        raise ArticleError("HTML pages need an extra: pip install 'feeds[pages]'") from None
    for library in ("trafilatura", "htmldate"):
        logging.getLogger(library).addHandler(_SILENCE)
    return trafilatura


def _body(trafilatura: ModuleType, tree: html.HtmlElement, source: Source) -> str:
    """Give the text with its pictures and links as HTML; empty where there is none."""
    for image in tree.iter("img"):
        if address := address_of(image):
            image.attrib.pop("data-src", None)
            image.set("src", address.strip() + _PICTURE)
    document = trafilatura.bare_extraction(
        tree,
        url=source.base_url,
        fast=True,
        include_comments=False,
        include_formatting=True,
        include_images=True,
        include_links=True,
        output_format="html",
    )
    if document is None:
        return ""
    body = trafilatura.htmlprocessing.convert_to_html(document.body)[0]
    for image in body.iter("img"):
        image.set("src", image.get("src", "").removesuffix(_PICTURE))
    return escape(body.text or "", quote=False) + "".join(
        etree.tostring(element, encoding="unicode") for element in body
    )


def _meta(tree: html.HtmlElement, *names: str) -> list[str]:
    """Give the contents of the meta tags of these names, in the order of the names."""
    found = defaultdict[str, list[str]](list)
    for tag in tree.iter("meta"):
        name = tag.get("property") or tag.get("name") or tag.get("itemprop") or ""
        found[name.lower()].append((tag.get("content") or "").strip())
    return [content for name in names for content in found[name] if content]


def _linked(tree: html.HtmlElement) -> Mapping[str, Any]:
    """Give the JSON-LD object that is an article: the one with a headline or a date."""
    for script in tree.xpath("//script[@type='application/ld+json']"):
        try:
            found = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):
            continue
        roots = as_objects(found) or [as_object(found)]
        graphs = (as_objects(root.get("@graph")) for root in roots)
        for thing in chain(roots, *graphs):
            if thing.keys() & {"headline", "datePublished"}:
                return thing
    return {}


def _people(linked: Mapping[str, Any]) -> list[dict[str, str]]:
    people = linked.get("author")
    listed = as_list(people) or [people]
    names = [as_text(as_object(each).get("name", each)) for each in listed]
    return [{"name": name} for name in names if name.strip()]


def _date(candidates: Iterable[object], source: Source) -> str | None:
    """Give the first date that has a time of day, else the first date; junk is passed over."""
    dates = []
    for candidate in filter(None, candidates):
        for written in (str(candidate).strip(), date_and_time(str(candidate)) or ""):
            with suppress(ValueError):
                read = moment(written, source.timezone)
                if read.astimezone(source.timezone).time() != time(0):
                    return written
                dates.append(written)
                break
    return next(iter(dates), None)


def _article_url(tree: html.HtmlElement, source: Source) -> str | None:
    """Give the first address of an article; careless templates name the home page."""
    named = [*tree.xpath("//link[@rel='canonical']/@href"), *_meta(tree, "og:url")]
    urls = (resolved(each, source.base_url) for each in named)
    return next((url for url in urls if _HAS_PATH.match(url)), None)


def _image(tree: html.HtmlElement, base_url: str) -> object:
    found = {key: next(iter(_meta(tree, f"og:image{key}")), "") for key in _OF_IMAGE}
    return found[""] and {
        "url": resolved(found[""].replace(" ", "%20"), base_url),
        "alt": found[":alt"],
        "width": count(found[":width"]),
        "height": count(found[":height"]),
    }
