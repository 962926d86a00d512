"""What the pages of Korean papers say around an article's text: bylines, dates, most-read lists."""

import re
from collections.abc import Iterator
from typing import Any

from lxml import html

from feeds.text import byline

_DATE = (
    r"(?P<year>\d{4})[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})\.?"
    r"(?:[T \xa0]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?)?"
)
# Possessive: no blank is tried twice, however many there are.
_COLON = r"\s*+(?:[:：]\s*+)?+"
_REGISTERED = re.compile(rf"(?:기사)?(?:등록|입력|승인){_COLON}{_DATE}", re.ASCII)
_CHANGED = re.compile(rf"(?:기사|최종)?수정{_COLON}{_DATE}", re.ASCII)
_ITEM = re.compile(r"^[•∙·ㆍ]\s*")
_SEPARATOR = re.compile(r"[,·ㆍ‧/|]|(?<=기자)\s+(?=[가-힣])")
_SUFFIX = re.compile(r"\s*(?:(?<=\s)(?:선임|수습|인턴|객원|시민)\s*)?기자$")
_BRACKET = re.compile(r"[()\[\]<>]")

LONGEST_BYLINE = 200
MOST_READ = frozenset(["가장 많이 본 뉴스", "가장 많이 본 뉴스더보기", "가장 많이 본 뉴스 더보기"])
CONTROLS = MOST_READ | {
    "기사 메일전송",
    "기사메일전송",
    "기사수정",
    "기사 수정",
    "목록 바로가기",
    "인쇄",
    "더보기",
    "이전 기사 보기",
    "다음 기사 보기",
    "이전 기사 보기 다음 기사 보기",
    "모바일 버전 바로가기",
}
SUBTITLE = re.compile(r"[-–—]\s*(.+)")
_COUNT = re.compile(r"\d{1,9}|\d{1,3}(?:,\d{3}){1,2}", re.ASCII)

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


def count(text: str) -> int | None:
    """Read a number of comments or pixels, such as `1,204`; None if the text is another."""
    return int(text.replace(",", "")) if _COUNT.fullmatch(text) else None


def bare(line: str) -> str:
    """Give a line without its bullet and the white space around it."""
    return _ITEM.sub("", line.strip())


def is_item(line: str) -> bool:
    """Whether a line is a list item of a page written as text."""
    return _ITEM.match(line.strip()) is not None


def is_byline(line: str) -> bool:
    """Whether a line above the date names people; otherwise it is a second headline."""
    if len(line) > LONGEST_BYLINE:
        return False
    return is_item(line) or line.endswith("기자") or byline(line)[1] is not None


def registered(line: str) -> str | None:
    """Give the date of a line that begins with `등록 <date>`, as `read_record` wants it."""
    return _written(_REGISTERED.match(bare(line)))


def changed(line: str) -> str | None:
    """Give the date behind `수정`, which may share a line with `등록`."""
    return _written(_CHANGED.search(line))


def date_and_time(text: str) -> str | None:
    """Give the first date in any text."""
    return _written(re.search(_DATE, text, re.ASCII))


def authors(line: str) -> list[dict[str, str]]:
    """Read a byline: one or more names, each with or without `기자` and an e-mail address.

    >>> authors("김민수 기자 kms@news.example, 이영희 기자")
    [{'name': '김민수', 'email': 'kms@news.example'}, {'name': '이영희'}]
    """
    if len(line) > LONGEST_BYLINE:
        return []
    found = (_author(part) for part in _SEPARATOR.split(bare(line)))
    return [author for author in found if author["name"]]


def _author(part: str) -> dict[str, str]:
    words, address = byline(part)
    name = _SUFFIX.sub("", " ".join(_BRACKET.sub(" ", words).split()))
    if address is None:
        return {"name": name}
    # An address alone gives no name.
    return {"name": "" if address.startswith(f"{name}@") else name, "email": address}


def _written(match: re.Match[str] | None) -> str | None:
    if match is None:
        return None
    part = {name: int(digits or 0) for name, digits in match.groupdict().items()}
    return (
        f"{part['year']:04}-{part['month']:02}-{part['day']:02}"
        f" {part['hour']:02}:{part['minute']:02}:{part['second']:02}"
    )


def take_out(tree: html.HtmlElement, title: str) -> dict[str, Any]:
    """Remove the headline and all boilerplate; return the fields found in it, as in a record."""
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
    """Take out the date line, the bylines before it and the subtitle after it."""
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
    """Give the outermost element that has the same words as this one."""
    words = text_of(element)
    parent = element.getparent()
    while parent is not None and parent.tag != "body" and text_of(parent) == words:
        element, parent = parent, parent.getparent()
    return element


def _subtitle(line: html.HtmlElement) -> str | None:
    """Take out the item `- subtitle` below the date line."""
    for item in line.xpath("following::li[position() <= 5]"):
        if marked := SUBTITLE.fullmatch(bare(text_of(item))):
            item.drop_tree()
            return marked.group(1)
    return None


def _comments(tree: html.HtmlElement) -> int | None:
    """Take out the lone number above the page's list control."""
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
