"""One HTML page of a newspaper: the head says what it is, trafilatura finds the text."""

import logging
import re
from collections.abc import Iterator
from html import escape
from types import ModuleType
from typing import Any, BinaryIO

from lxml import etree, html

from feeds.errors import ArticleError
from feeds.importers.furniture import take_out
from feeds.importers.page import decode_page, page_article, read_whole
from feeds.importers.pagemeta import find_dated, meta_record, published
from feeds.importers.reader import Accepted, Rejected, Source
from feeds.text import legal, removed

# What browsers read under these labels (WHATWG Encoding, 4.2); the rest is UTF-8 or guessed.
_ENCODINGS = {
    **dict.fromkeys("euc-kr ks_c_5601-1987 ksc5601 cp949 ms949 uhc windows-949".split(), "cp949"),
    **dict.fromkeys("iso-8859-1 latin1 us-ascii ascii windows-1252".split(), "cp1252"),
    **dict.fromkeys("utf-8 utf8".split(), "utf-8"),
}
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_HEAD_BYTES = 4096
# Without a handler, logging would print to stderr what the result says anyway.
_SILENCE = logging.NullHandler()
_UNREAD = "\ufffd"
# trafilatura leaves out pictures whose address does not end like one; this makes them all do.
_PICTURE = "#.jpg"
# It says nothing about what it may raise on a page it was not made for.
_FAULTS = (
    ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError,
    ValueError, etree.LxmlError,
)  # fmt: skip


def read_html_page(stream: BinaryIO, source: Source) -> Iterator[Accepted | Rejected]:
    """Read the one article of a page; needs the extra `pages`."""
    try:
        found = _read_page(read_whole(stream), source)
    except ArticleError as error:
        found = Rejected(1, str(error))
    yield found


def _read_page(page: bytes, source: Source) -> Accepted | Rejected:
    text = decode_page(page, _encoding(page))
    tree = _tree(text)
    dated = find_dated(tree)
    record = meta_record(tree, source, dated)
    record |= take_out(tree, dated, record.get("title", ""))
    return page_article(_extracted(tree, record, source), source, notes=_notes(text))


def _encoding(page: bytes) -> str | None:
    label = _CHARSET.search(page, 0, _HEAD_BYTES)
    return _ENCODINGS.get(label.group(1).decode("ascii", "replace").lower()) if label else None


def _notes(text: str) -> tuple[str, ...]:
    dropped = [f"page: removed {', '.join(removed(text))}"] if removed(text) else []
    unread = [f"page: {text.count(_UNREAD)} unreadable characters"] if _UNREAD in text else []
    return (*dropped, *unread)


def _tree(text: str) -> html.HtmlElement:
    # As bytes, because lxml refuses a string that declares an encoding.
    parser = html.HTMLParser(encoding="utf-8")
    try:
        return html.document_fromstring(legal(text).encode(), parser=parser)
    except etree.LxmlError:
        raise ArticleError("no HTML in this file") from None


def _extracted(tree: html.HtmlElement, record: dict[str, Any], source: Source) -> dict[str, Any]:
    """Add the text, and what the head did not say, as trafilatura finds it."""
    document = _document(tree, record, source)
    if document is None:
        return record
    guessed = {
        "title": document.title,
        "published": published([document.date or ""], source),
        "authors": [{"name": name} for name in (document.author or "").split("; ") if name],
        "body_html": _body_html(document),
    }
    return {key: value for key, value in guessed.items() if value} | record


def _document(tree: html.HtmlElement, record: dict[str, Any], source: Source) -> Any:
    """Give trafilatura's document, or None where it finds no text."""
    trafilatura = _trafilatura()
    for image in tree.iter("img"):
        _name_picture(image)
    try:
        return trafilatura.bare_extraction(
            tree,
            url=record.get("url") or source.base_url,
            fast=True,
            include_comments=False,
            include_formatting=True,
            include_images=True,
            include_links=True,
            output_format="html",
            with_metadata=not {"title", "published"} <= record.keys(),
            date_extraction_params={"original_date": True, "extensive_search": False},
        )
    except _FAULTS as error:
        raise ArticleError(f"no article can be read from this page ({error!r:.100})") from None


def _trafilatura() -> ModuleType:
    try:
        import trafilatura
    except ImportError:
        raise ArticleError("HTML pages need an extra: pip install 'feeds[pages]'") from None
    for library in ("trafilatura", "htmldate"):
        logging.getLogger(library).addHandler(_SILENCE)
    return trafilatura


def _name_picture(image: html.HtmlElement) -> None:
    sources = (image.get(name) for name in ("data-src", "data-original", "data-lazy-src", "src"))
    address = next(filter(None, sources), None)
    if address:
        image.attrib.pop("data-src", None)
        image.set("src", address.strip() + _PICTURE)


def _body_html(document: Any) -> str:
    from trafilatura.htmlprocessing import convert_to_html

    body = convert_to_html(document.body)[0]
    for image in body.iter("img"):
        image.set("src", image.get("src", "").removesuffix(_PICTURE))
    return escape(body.text or "", quote=False) + "".join(
        etree.tostring(e, encoding="unicode") for e in body
    )
