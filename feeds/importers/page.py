"""A file that holds one article: read whole, decoded, and named by its file."""

import codecs
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import BinaryIO

from feeds.errors import ArticleError
from feeds.importers.record import read_record
from feeds.importers.sources import Accepted, Rejected, Source, page_id

LARGEST_PAGE = 16 * 2**20

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}

# Macs write a syllable as its letters (NFD); NFC of all text would replace hanja such as U+F914.
_LETTERS = re.compile("[\uac00-\ud7a3]?[\u1100-\u11ff]+")


def read_page(
    stream: BinaryIO, source: Source, read: Callable[[bytes, Source], Accepted | Rejected]
) -> Accepted | Rejected:
    """Read a page whole; one that is too large, or that `read` raises ArticleError for, is none."""
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
    for mark, marked in _MARKS.items():
        if page.startswith(mark):
            page, encoding = page.removeprefix(mark), marked
            break
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
    """Make an article of what a page says; a page has no id, so the file's name is the id."""
    named = {"id": page_id(source.name), **record}
    try:
        article, more = read_record(named, source)
    except ArticleError as error:
        return Rejected(line, re.sub("^id: ", "id: the file's name ", str(error)))
    return Accepted(article, line, notes + more)
