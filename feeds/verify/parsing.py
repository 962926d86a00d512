"""The parsing of any feed: its elements, the lines of its faults, and its dates and numbers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any
from xml.sax import SAXParseException

import feedparser
from lxml import etree

# https://www.w3.org/TR/NOTE-datetime from the day on, which Dublin Core uses in RSS.
_W3C = re.compile(
    r"\d{4}-\d\d-\d\d(?P<time>T\d\d:\d\d(?P<second>:\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?"
)
_GUESS = "readers show the time when they first saw the entry, or none"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a feed: `where` is the document, the channel, or an entry by id or number.

    `line` is the line of the document, None where it is not known.
    """

    where: str
    what: str
    line: int | None = None


class ParseError(Exception):
    """A strict reader gives up on the document; `findings` are its reasons."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("; ".join(f"{each.where}: {each.what}" for each in findings))
        self.findings = findings


def parse(body: bytes, media_type: str) -> Any:
    """Parse RSS or Atom as feedparser's users do, but without rewriting its HTML.

    Raises ParseError where its second parser, for documents that are not well-formed, fails, too.
    """
    try:
        return feedparser.parse(
            BytesIO(body),  # bytes could be the name of a file here
            response_headers={"content-type": media_type},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:
        what = "not well-formed XML: readers refuse the whole feed"
        raise ParseError(Finding("document", what)) from error


def parse_xml(body: bytes, media_type: str) -> Any:
    """Parse RSS or Atom; raises ParseError where feedparser has to guess (its "bozo" bit)."""
    parsed = parse(body, media_type)
    if parsed.bozo:
        raise ParseError(_refusal(parsed.bozo_exception, body))
    return parsed


def _refusal(error: Exception, body: bytes) -> Finding:
    what, line = str(error), None
    if isinstance(error, SAXParseException):
        line, column = line_of(error, body), error.getColumnNumber()
        what = f"not well-formed XML in line {line}, column {column}: {error.getMessage()}"
    return Finding("document", f"{what}: readers refuse the whole feed", line)


def elements_of(body: bytes, entries: int) -> tuple[Any, Sequence[Any]]:
    """Give the elements of the channel and of each entry, for what feedparser drops, such as lines.

    They are empty where lxml cannot read the document or counts its entries otherwise.
    """
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        root = etree.Element("feed")
    found = list(root.iter("{*}item", "{*}entry"))
    if len(found) != entries:
        found = [etree.Element("entry") for _ in range(entries)]
    return next(root.iter("{*}channel"), root), found


def line_of(error: SAXParseException, body: bytes) -> int:
    """Give the line of a fault that feedparser found in a body."""
    # It puts an XML declaration, on a line of its own, before a body without one.
    is_added = b"<?xml" not in body[:200].replace(b"\0", b"")
    return max((error.getLineNumber() or 1) - is_added, 1)


def number(text: object) -> int | None:
    """Give the number that a text spells; None for anything else, also for 19 digits or more."""
    return int(text) if isinstance(text, str) and re.fullmatch("[0-9]{1,18}", text) else None


def rfc3339_fault(text: str) -> str | None:
    """Say what is wrong with a date of Atom or JSON Feed; None if nothing is."""
    match = _W3C.fullmatch(text.strip())
    moment = iso(text) if match and match["second"] else None
    return _fault(text, moment, "2026-03-02T09:00:00+09:00")


def rss_fault(text: str) -> str | None:
    """Say what is wrong with a date of RSS, by RFC 822 or of Dublin Core; None if nothing is."""
    if match := _W3C.fullmatch(text.strip()):
        moment = iso(text)
        if moment and not match["time"]:
            return None
    else:
        moment = rfc822(text)
    return _fault(text, moment, "Mon, 02 Mar 2026 09:00:00 +0900")


def iso(text: str) -> datetime | None:
    """Give the moment that a text says by ISO 8601; None if it says none."""
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def rfc822(text: str) -> datetime | None:
    """Read a date as e-mail readers do; without a time zone if they do not know its name."""
    try:
        # "-0000" is UTC whose origin is not told (RFC 2822, 3.3); Python gives it no time zone.
        return parsedate_to_datetime(text.replace("-0000", "+0000"))
    except (ValueError, OverflowError):
        return None


def _fault(text: str, moment: datetime | None, example: str) -> str | None:
    if not text.strip():
        return f"is empty: {_GUESS}"
    if moment is None:
        return f'is not a date such as {example}, but "{text}": {_GUESS}'
    if moment.tzinfo is None:
        return f'has no time zone such as +0900, "{text}": readers take it for UTC'
    return None
