"""Article pages: how each is read whole, decoded and named by its file, and those in plain text.

Above such a text stand a control, the headline, the byline and `등록 <date>`; between them and the
text a subtitle; below the text the comment count, controls, and the most-read list.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import BinaryIO

from feeds.errors import ArticleError
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
from feeds.importers.record import read_fitting
from feeds.importers.sources import Accepted, Rejected, Source

LARGEST_PAGE = 16 * 2**20

_LIST_CONTROL = "목록 바로가기"
_LONGEST_DATE = 60
_BLANK_LINES = re.compile(r"\n{3,}")
# Macs write a syllable as its letters (NFD); NFC of all text would replace hanja such as U+F914.
_LETTERS = re.compile("[\uac00-\ud7a3]?[\u1100-\u11ff]+")


def read_page(
    stream: BinaryIO, source: Source, read: Callable[[bytes, Source], Accepted | Rejected]
) -> Accepted | Rejected:
    """Read a page whole; it is rejected if it is too large or `read` raises ArticleError."""
    page = stream.read(LARGEST_PAGE + 1)
    if len(page) > LARGEST_PAGE:
        return Rejected(1, "the file is larger than 16 MiB; one article page is far smaller")
    try:
        return read(page, source)
    except ArticleError as error:
        return Rejected(1, str(error))


def decode_page(page: bytes, encoding: str | None = None) -> str:
    """Decode by the byte order mark, else as `encoding`, else as UTF-8, else as cp949.

    Old CMSs of Korean papers write cp949, and cut headlines in the middle of a character: a page
    that names its encoding is read with U+FFFD in such places. Hangul is composed, so that words
    are found however they are written. ArticleError when nothing fits.
    """
    return _LETTERS.sub(_composed, _decoded(page, encoding))


def _decoded(page: bytes, encoding: str | None) -> str:
    if page.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif page.startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"
    for candidate in filter(None, (encoding, "utf-8", "cp949")):
        try:
            return page.decode(candidate)
        except UnicodeDecodeError as error:
            fault = error
    if encoding:
        return page.decode(encoding, "replace")
    raise ArticleError(
        f"neither UTF-8 nor cp949 (byte {fault.start + 1} is 0x{page[fault.start]:02X});"
        " save the page as UTF-8"
    )


def _composed(letters: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", letters.group())


def page_article(
    record: Mapping[str, object], source: Source, line: int = 1, notes: tuple[str, ...] = ()
) -> Accepted | Rejected:
    """Make a patch of a page's record; a page has no id, so the file's name is the id."""
    # A page is read whole: a subtitle or byline that it does not show, the article does not have.
    named = {"id": PurePath(source.name).stem, "subtitle": None, "authors": None, **record}
    if absent := [key for key in ("title", "published") if key not in record]:
        return Rejected(line, "; ".join(f"{key}: is missing" for key in absent))
    item = read_fitting(named, source, line)
    if isinstance(item, Rejected):
        return replace(item, reason=re.sub("^id: ", "id: the file's name ", item.reason))
    return replace(item, notes=notes + item.notes)


def read_text_page(stream: BinaryIO, source: Source) -> Iterator[Accepted | Rejected]:
    """Read the one article of a page; the boilerplate around it is left out."""
    yield read_page(stream, source, _read_text)


def _read_text(page: bytes, source: Source) -> Accepted | Rejected:
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
    """Read the lines between the date and the text; give the line where the text begins, too."""
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
