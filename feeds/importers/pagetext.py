"""One stored page of a Korean paper as plain text; `DESIGN.md`, "The article page".

Above the text stand a control, the headline, the byline and `등록 <date>`; between them and the
text a subtitle; below the text the comment count, controls, and the most-read list.
"""

import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from feeds.importers.korean import (
    CONTROLS,
    SUBTITLE,
    authors,
    bare,
    changed,
    count,
    is_byline,
    is_item,
    registered,
)
from feeds.importers.page import decode_page, page_article, read_page
from feeds.importers.sources import Accepted, Rejected, Source

_LIST_CONTROL = "목록 바로가기"
_LONGEST_DATE = 60
_BLANK_LINES = re.compile(r"\n{3,}")


def read_text_page(stream: BinaryIO, source: Source) -> Iterator[Accepted | Rejected]:
    """Read the one article of a page; the boilerplate around it is left out."""
    yield read_page(stream, source, _read)


def _read(page: bytes, source: Source) -> Accepted | Rejected:
    text = decode_page(page).replace("\r\n", "\n").replace("\r", "\n")
    lines = [line.strip() for line in text.split("\n")]
    dated = next((at for at, line in enumerate(lines) if registered(line)), None)
    headline = next((at for at, line in enumerate(lines[:dated]) if _says_something(line)), None)
    if headline is None or is_item(lines[headline]):
        return Rejected((headline or 0) + 1, "title: no headline found above the byline and date")
    if dated is None:
        return Rejected(
            headline + 1,
            'published: no line such as "등록 2018-01-23 15:26:43" found below this headline',
        )
    below, start = _below_the_date(lines, dated)
    record = {
        "title": lines[headline],
        "published": registered(lines[dated]),
        **_above_the_date(lines[headline + 1 : dated]),
        **below,
        **_body(lines[start:]),
    }
    return page_article(record, source, headline + 1)


def _says_something(line: str) -> bool:
    return bool(line) and bare(line) not in CONTROLS


def _above_the_date(lines: Sequence[str]) -> dict[str, object]:
    """Tell bylines from a subtitle between headline and date."""
    told = [line for line in lines if _says_something(line)]
    names = [author for line in told if is_byline(line) for author in authors(line)]
    plain = " ".join(line for line in told if not is_byline(line))
    return {"authors": names, "subtitle": plain}


def _below_the_date(lines: Sequence[str], dated: int) -> tuple[dict[str, object], int]:
    """Give what stands between the date and the text, and the line where the text begins."""
    found: dict[str, object] = {"updated": changed(lines[dated])}
    subtitle: list[str] = []
    for at in range(dated + 1, len(lines)):
        line = bare(lines[at])
        marked = SUBTITLE.fullmatch(line) if is_item(lines[at]) else None
        if marked:
            subtitle.append(marked.group(1))
        elif len(line) <= _LONGEST_DATE and changed(line):
            found["updated"] = changed(line)
        elif _says_something(line):
            break
    else:
        at = len(lines)
    return found | ({"subtitle": " ".join(subtitle)} if subtitle else {}), at


def _body(lines: Sequence[str]) -> dict[str, object]:
    """Give the paragraphs, up to the comment count or the controls below it."""
    text = _without_tail(lines[: _controls(lines)])
    comments = count(bare(text[-1])) if text else None
    if comments is not None:
        text = _without_tail(text[:-1])
    return {"body_text": _BLANK_LINES.sub("\n\n", "\n".join(text)), "comments": comments}


def _controls(lines: Sequence[str]) -> int:
    """Give the line where the controls below the text begin."""
    controls = [at for at, line in enumerate(lines) if bare(line) in CONTROLS]
    lists = [at for at in controls if bare(lines[at]) == _LIST_CONTROL]
    return (lists or controls or [len(lines)])[0]


def _without_tail(lines: Sequence[str]) -> Sequence[str]:
    """Drop blank lines and controls at the end."""
    end = len(lines)
    while end and not _says_something(lines[end - 1]):
        end -= 1
    return lines[:end]
