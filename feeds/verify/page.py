"""Compare a page for people with what it was made from.

The page is read by another parser than those that write it. Microformats (h-entry) mark the
headline, byline and dates of each article, so that a paper's own templates can be read, too.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.model import Difference, Entry
from feeds.site import WebPage

_DATA = "application/ld+json"
# What no article may bring into a page.
_ACTIVE = "script, style, form, input, button, object, embed, base, link, meta, template"
_ADDRESSES = ("href", "src", "srcset", "action", "formaction", "poster", "data")
_ACTING = ("javascript:", "data:text", "vbscript:")

Expected = tuple[str, object, object]
"""The name of a field, and its value as expected and as read back."""


def verify_page(body: bytes, page: WebPage) -> tuple[Difference, ...]:
    """List every difference between a page and its sources; none means it may be published."""
    tree = LexborHTMLParser(body.decode())
    fields = [*_head(tree, page), *_safety(tree)]
    if page.article is not None:
        fields += _article(tree, page.article)
    return (*_compared(fields), *_stories(tree, page))


def _compared(fields: list[Expected], article_id: str | None = None) -> Iterator[Difference]:
    for name, expected, found in fields:
        if expected != found:
            yield Difference(name, str(expected), str(found), article_id)


def _head(tree: LexborHTMLParser, page: WebPage) -> Iterator[Expected]:
    links = tree.css("link[rel=alternate][type]")
    found = {tuple(_attribute(each, name) for name in ("type", "href", "title")) for each in links}
    named = {(each.type, each.href, each.title) for each in page.alternates}
    headline = page.article.title if page.article else page.title
    yield "feeds", sorted(map(str, named)), sorted(map(str, found))
    yield "title", _words(page.title), _text(tree, "title")
    yield "language", page.language, _value(tree, "html", "lang")
    yield "canonical link", page.url, _value(tree, "link[rel=canonical]", "href")
    yield "description", page.description, _value(tree, "meta[name=description]", "content")
    yield "og:title", headline, _value(tree, "meta[property='og:title']", "content")
    yield "og:url", page.url, _value(tree, "meta[property='og:url']", "content")


def _safety(tree: LexborHTMLParser) -> Iterator[Expected]:
    """Find ids that are there twice, and all that could act in a reader's browser."""
    ids = Counter(_attribute(each, "id") for each in tree.css("[id]"))
    yield "repeated ids", [], [each for each, times in ids.items() if times > 1]
    yield "active content", [], [*_acting(tree)]


def _acting(tree: LexborHTMLParser) -> Iterator[str]:
    for element in tree.css("*"):
        for name, value in element.attributes.items():
            address = "".join((value or "").split()).lower()
            if name.startswith("on") or (name in _ADDRESSES and address.startswith(_ACTING)):
                yield f"{element.tag} {name}"
    for script in tree.css("script"):
        if _attribute(script, "type") != _DATA and not _attribute(script, "src"):
            yield "inline script"
    for frame in tree.css("iframe"):
        if not (_attribute(frame, "src") or "").startswith("https://"):
            yield "iframe without https"
    for content in tree.css(".e-content"):
        yield from (each.tag or "" for each in content.css(_ACTIVE))


def _stories(tree: LexborHTMLParser, page: WebPage) -> Iterator[Difference]:
    """Compare each article that is listed with its entry, and the order of those that must be."""
    by_link: dict[str | None, list[Entry]] = {}
    for entry in (*page.entries, *page.asides):
        by_link.setdefault(entry.link, []).append(entry)
    shown, beside = dict[str, None](), {each.mem_id for each in tree.css("aside .h-entry")}
    for story in tree.css(".h-entry"):
        if page.article is not None and story.css_first(".e-content"):
            continue
        link = _value(story, ".u-url", "href")
        if link not in by_link:
            yield Difference("article", "one of the page's", f"{link}")
            continue
        # Several articles may have one address.
        compared = {
            entry.article_id: [*_compared([*_story(story, entry)], entry.article_id)]
            for entry in by_link[link]
        }
        nearest = min(compared, key=lambda one: (len(compared[one]), one in shown))
        yield from compared[nearest]
        if story.mem_id not in beside:
            shown[nearest] = None
    wanted = [entry.article_id for entry in page.entries]
    yield from _compared([("articles", wanted, [one for one in shown if one in set(wanted)])])


def _story(story: LexborNode, entry: Entry, *, is_whole: bool = False) -> Iterator[Expected]:
    """Compare what a list shows of an article, or a byline and date that must be there."""
    yield "title", _words(entry.title), _text(story, ".p-name")
    summary, authors = _text(story, ".p-summary"), story.css(".p-author")
    if summary:
        yield "summary", True, summary in {_words(entry.summary), _words(entry.subtitle or "")}
    if authors or is_whole:
        yield "authors", _names(entry), [_words(each.text()) for each in authors]
    date = _value(story, ".dt-published", "datetime")
    if date or is_whole:
        yield "published", entry.published.isoformat(), date


def _article(tree: LexborHTMLParser, entry: Entry) -> Iterator[Expected]:
    """Compare the article that a page shows whole, in its elements and in its JSON-LD."""
    root = next((each for each in tree.css(".h-entry") if each.css_first(".e-content")), None)
    if root is None:
        yield "article", entry.link, None
        return
    content = LexborHTMLParser(entry.content or "")
    yield from _story(root, entry, is_whole=True)
    if entry.updated != entry.published:
        yield "updated", entry.updated.isoformat(), _value(root, ".dt-updated", "datetime")
    yield "content", _words(content.text(separator=" ")), _text(root, ".e-content")
    pictures = [_attribute(each, "src") for each in content.css("img")]
    yield "pictures", pictures, [_attribute(each, "src") for each in root.css(".e-content img")]
    yield from _linked_data(tree, entry)


def _linked_data(tree: LexborHTMLParser, entry: Entry) -> Iterator[Expected]:
    scripts = tree.css(f"script[type='{_DATA}']")
    found = [json.loads(each.text()) for each in scripts]
    data: dict[str, Any] = next((each for each in found if each.get("@type") == "NewsArticle"), {})
    yield "JSON-LD headline", entry.title, data.get("headline")
    yield "JSON-LD datePublished", entry.published.isoformat(), data.get("datePublished")
    yield "JSON-LD dateModified", entry.updated.isoformat(), data.get("dateModified")
    yield "JSON-LD author", _names(entry), [_words(each["name"]) for each in data.get("author", [])]
    yield "JSON-LD image", entry.image and entry.image.url, data.get("image")


def _names(entry: Entry) -> list[str]:
    return [_words(author.name) for author in entry.authors]


def _text(node: LexborHTMLParser | LexborNode, selector: str) -> str:
    found = node.css_first(selector)
    return _words(found.text(separator=" ")) if found else ""


def _value(node: LexborHTMLParser | LexborNode, selector: str, name: str) -> str | None:
    found = node.css_first(selector)
    return _attribute(found, name) if found else None


def _attribute(node: LexborNode, name: str) -> str | None:
    return node.attributes.get(name)


def _words(text: str) -> str:
    return " ".join(text.split())
