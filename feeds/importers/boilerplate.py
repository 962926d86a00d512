"""What a Korean page shows around an article's text: `등록 <date>`, byline, controls, most read."""

from collections.abc import Iterator
from typing import Any

from lxml import html

from feeds.importers.korean import (
    CONTROLS,
    LONGEST_BYLINE,
    MOST_READ,
    SUBTITLE,
    authors,
    bare,
    changed,
    count,
    registered,
)

_DATED_TEXT = (
    "//body//text()[contains(., '등록') or contains(., '입력') or contains(., '승인')]"
    "[not(parent::script or parent::style)]"
)
_HEADINGS = ("h1", "h2", "h3", "h4")
_LIST_CONTROL = "//li[normalize-space() = '목록 바로가기']/.."
_MOST_READ = "//body//*[starts-with(normalize-space(text()), '가장 많이 본 뉴스')]"
_LEAVES = ("a", "button", "div", "em", "li", "p", "span", "strong")
_LISTS = ("ol", "ul", "dl", "div", "table")
_LONGEST_DATE = 80
_MOST_DATED = 100


def take_out(tree: html.HtmlElement, title: str) -> dict[str, Any]:
    """Remove the headline and everything else around the text; give what it says as a record."""
    shown = _dated(tree) | {"comments": _comments(tree)}
    for heading in list(tree.iter("h1", "h2", "h3")):
        if heading.tag == "h1" or text_of(heading) == title:
            heading.drop_tree()
    for element in tree.xpath(_MOST_READ):
        _drop_most_read(element)
    for element in list(tree.iter(*_LEAVES)):
        if not len(element) and bare(element.text or "") in CONTROLS:
            element.drop_tree()
    return shown


def text_of(element: html.HtmlElement) -> str:
    """Give an element's words on one line."""
    return " ".join(element.text_content().split())


def _dated(tree: html.HtmlElement) -> dict[str, Any]:
    """Take the date line out, with the bylines before it and the subtitle after it."""
    line = next(_date_lines(tree), None)
    if line is None:
        return {}
    shown = text_of(line)
    bylines = [
        element
        for element in reversed(list(line.itersiblings(preceding=True)))
        if isinstance(element.tag, str)
        and element.tag not in _HEADINGS
        and len(text_of(element)) <= LONGEST_BYLINE
    ]
    record = {
        "authors": [author for element in bylines for author in authors(text_of(element))],
        "published": registered(shown),
        "updated": changed(shown),
        "subtitle": _subtitle(line),
    }
    for element in (*bylines, line):
        element.drop_tree()
    return record


def _date_lines(tree: html.HtmlElement) -> Iterator[html.HtmlElement]:
    for text in tree.xpath(_DATED_TEXT)[:_MOST_DATED]:
        element = text.getparent()
        if text.is_tail:
            element = element.getparent()
        line = text_of(element)
        if len(line) <= _LONGEST_DATE and registered(line):
            yield _widened(element)


def _widened(element: html.HtmlElement) -> html.HtmlElement:
    """Give the outermost element that says nothing but what this one says."""
    words = text_of(element)
    parent = element.getparent()
    while parent is not None and parent.tag != "body" and text_of(parent) == words:
        element, parent = parent, parent.getparent()
    return element


def _subtitle(line: html.HtmlElement) -> str | None:
    """Take the item `- subtitle` out that stands below the date line."""
    for item in line.xpath("following::li[position() <= 5]"):
        if marked := SUBTITLE.fullmatch(bare(text_of(item))):
            item.drop_tree()
            return marked.group(1)
    return None


def _comments(tree: html.HtmlElement) -> int | None:
    """Take the lone number out that stands above the page's list control."""
    for control in tree.xpath(_LIST_CONTROL):
        above = control.getprevious()
        number = count(text_of(above)) if above is not None else None
        if number is not None:
            above.drop_tree()
            return number
    return None


def _drop_most_read(heading: html.HtmlElement) -> None:
    if text_of(heading) not in MOST_READ or heading.getparent() is None:
        return
    heading = _widened(heading)
    below = heading.getnext()
    if below is not None and below.tag in _LISTS:
        below.drop_tree()
    heading.drop_tree()
