"""Take what stands around an article's text out of an HTML page, before the text is looked for."""

from typing import Any

from lxml import html

from feeds.importers.korean import CONTROLS, COUNT, MOST_READ, SUBTITLE, bare
from feeds.importers.pagemeta import Dated, text_of, widened

_HEADINGS = "//body//*[self::h1 or self::h2 or self::h3]"
_LIST_CONTROL = "//li[normalize-space() = '목록 바로가기']/.."
_MOST_READ = "//body//*[starts-with(normalize-space(text()), '가장 많이 본 뉴스')]"
_LEAVES = ("a", "button", "div", "em", "li", "p", "span", "strong")
_LISTS = ("ol", "ul", "dl", "div", "table")


def take_out(tree: html.HtmlElement, dated: Dated | None, title: str) -> dict[str, Any]:
    """Remove headline, byline, date, controls and most-read list; give what only they say."""
    for heading in tree.xpath(_HEADINGS):
        if heading.tag == "h1" or text_of(heading) == title:
            heading.drop_tree()
    said = {"subtitle": _subtitle(dated), "comments": _comment_count(tree)}
    for element in (*dated.bylines, dated.element) if dated else ():
        element.drop_tree()
    for element in tree.xpath(_MOST_READ):
        _drop_most_read(element)
    for element in list(tree.iter(*_LEAVES)):
        if not len(element) and bare(element.text or "") in CONTROLS:
            element.drop_tree()
    return said


def _subtitle(dated: Dated | None) -> str | None:
    """Take the item `- subtitle` out that stands below the date line."""
    for item in dated.element.xpath("following::li[position() <= 5]") if dated else ():
        marked = SUBTITLE.fullmatch(bare(text_of(item)))
        if marked:
            item.drop_tree()
            return marked.group(1)
    return None


def _comment_count(tree: html.HtmlElement) -> int | None:
    """Take the lone number out that stands above the page's list control."""
    for control in tree.xpath(_LIST_CONTROL):
        above = control.getprevious()
        count = text_of(above) if above is not None else ""
        if COUNT.fullmatch(count):
            above.drop_tree()
            return int(count.replace(",", ""))
    return None


def _drop_most_read(heading: html.HtmlElement) -> None:
    if text_of(heading) not in MOST_READ or heading.getparent() is None:
        return
    heading = widened(heading)
    below = heading.getnext()
    if below is not None and below.tag in _LISTS:
        below.drop_tree()
    heading.drop_tree()
