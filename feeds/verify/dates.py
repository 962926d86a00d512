"""What is wrong with a date of a feed, and what readers make of it."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

# https://www.w3.org/TR/NOTE-datetime from the day on, which Dublin Core uses in RSS.
_W3C = re.compile(
    r"\d{4}-\d\d-\d\d(?P<time>T\d\d:\d\d(?P<second>:\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?"
)
_GUESS = "readers show the time at which they met the entry, or none"


def rfc3339_fault(text: str) -> str | None:
    """Say what is wrong with a date of Atom or JSON Feed; None if nothing is."""
    match = _W3C.fullmatch(text.strip())
    moment = _iso(text) if match and match["second"] else None
    return _fault(text, moment, "2026-03-02T09:00:00+09:00")


def rss_fault(text: str) -> str | None:
    """Say what is wrong with a date of RSS, by RFC 822 or of Dublin Core; None if nothing is."""
    if match := _W3C.fullmatch(text.strip()):
        moment = _iso(text)
        if moment and not match["time"]:
            return None
    else:
        moment = _rfc822(text)
    return _fault(text, moment, "Mon, 02 Mar 2026 09:00:00 +0900")


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def _rfc822(text: str) -> datetime | None:
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
