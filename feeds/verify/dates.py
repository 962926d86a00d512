"""What is wrong in a date of a feed, and what readers make of it."""

import re
from datetime import datetime

_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?P<zone>Z|[+-]\d\d:\d\d)?"
)
# https://www.w3.org/TR/NOTE-datetime, for Dublin Core in RSS: a year, month or day may be enough.
_W3C = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)"
    r"(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?P<zone>Z|[+-]\d\d:?\d\d)?)?)?)?"
)
_RFC822 = re.compile(
    r"(?:[a-z]+,?\s*)?(?P<day>\d{1,2})\s+(?P<month>[a-z]{3})[a-z]*\s+(?P<year>\d{4}|\d\d)"
    r"\s+(\d{1,2}):(\d\d)(?::(\d\d))?\s*(?P<zone>[^\s()]+)?\s*(?:\(.*\))?",
    re.IGNORECASE,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# RFC 822, 5.1, without its letters of the military, which RFC 2822, 4.3, says to mean nothing.
_ZONE = re.compile(r"[+-]\d\d:?\d\d|UTC?|GMT|Z|[ECMP][SD]T", re.IGNORECASE)
_DEFAULTS = (1, 1, 1, 0, 0, 0)
_LEAP = 60
_GUESS = "readers show the time at which they met the entry, or none"


def rfc3339_fault(text: str) -> str | None:
    """Say what is wrong in a date of Atom or JSON Feed; None if nothing is."""
    match = _RFC3339.fullmatch(text.strip())
    if match is None:
        return _unreadable(text, "2026-03-02T09:00:00+09:00")
    return _impossible(match.groups()[:6], text) or _unzoned(match["zone"], text)


def rss_fault(text: str) -> str | None:
    """Say what is wrong in a date of RSS, by RFC 822 or of Dublin Core; None if nothing is."""
    if match := _W3C.fullmatch(text.strip()):
        fault = _impossible(match.groups()[:6], text)
        return fault or (_unzoned(match["zone"], text) if match[4] else None)
    match = _RFC822.fullmatch(text.strip())
    if match is None or match["month"].lower() not in _MONTHS:
        return _unreadable(text, "Mon, 02 Mar 2026 09:00:00 +0900")
    month = str(_MONTHS.index(match["month"].lower()) + 1)
    parts = (match["year"], month, match["day"], *match.groups()[3:6])
    return _impossible(parts, text) or _unzoned(match["zone"], text)


def _unreadable(text: str, example: str) -> str:
    if not text.strip():
        return f"is empty: {_GUESS}"
    return f'is no date such as {example}, but "{text}": {_GUESS}'


def _impossible(parts: tuple[str | None, ...], text: str) -> str | None:
    """Say so if there is no such time; `parts` are year to second, a leap second among them."""
    given = zip(parts, _DEFAULTS, strict=True)
    year, month, day, hour, minute, second = (int(part or default) for part, default in given)
    try:
        datetime(year, month, day, hour, minute, second - (second == _LEAP))  # noqa: DTZ001 - a try
    except ValueError as error:
        return f'is a time that there is not ({error}), "{text}": {_GUESS}'
    return None


def _unzoned(zone: str | None, text: str) -> str | None:
    if zone is None:
        return f'has no time zone, "{text}": readers take it for UTC'
    if not _ZONE.fullmatch(zone):
        return f'has a time zone that readers take for UTC, "{text}": write it like +0900'
    return None
