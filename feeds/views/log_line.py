r"""Lines of an access log, as nginx and Apache write it in the combined format.

A line is read as Latin-1: this never fails, a raw byte is the same as its `\xHH` escape, and the
agent is the string that WSGI gives for the same header (PEP 3333), so that a reader seen by both a
log and the beacon is one visitor.
"""

import re
import time
from datetime import UTC, datetime
from functools import lru_cache

from feeds.views.url_patterns import UrlPatterns
from feeds.views.visitors import Hit

_SECONDS_AHEAD = 60  # the clocks of two machines may differ a little
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

# Apache writes "" for a user without a name, and \" for a quote in a name. Two fields before a user
# of "-" would be the host and address of `vhost_combined`; they must not be read as one address.
# A target has no blank in it (RFC 9112, 3.2); it is None where no page was delivered.
_COMMON = (
    r'(\S++) (?:- - |\S++ (?!- [^\[])(?:""|(?:[^"\\]|\\.)*?) )'
    r"\[([0-3]\d/[A-Z][a-z]{2}/\d{4}:[0-2]\d:[0-5]\d:[0-6]\d [+-][01]\d[0-5]\d)\] "
    r'"(?:GET (TARGET) HTTP/[\d.]+" (?:200|304)|QUOTED" (?:\d{3}|-)) (?:\d+|-)'
)
_COMBINED = _COMMON + r' "QUOTED" "(QUOTED)"(?!\S)'


def _compiled(line: str, *, escapes: bool) -> re.Pattern[str]:
    for name, end in ("TARGET", '" '), ("QUOTED", '"'):
        plain = rf"[^{end}\\]*+"
        text = rf"{plain}(?:\\.{plain})*+" if escapes else f"[^{end}]*+"
        line = line.replace(name, text)
    return re.compile(line)


_COMMON_LINE = _compiled(_COMMON + r"\s*\Z", escapes=True)
_LINE = _compiled(_COMBINED, escapes=True)
# Nearly all lines have no backslash; this one takes half the time.
_PLAIN_LINE = _compiled(_COMBINED, escapes=False)
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|(.))")
_NAMED_ESCAPES = {"b": "\b", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def read_line(line: bytes, patterns: UrlPatterns) -> Hit | None:
    """Read a line; None unless it is about an article that was delivered.

    An article was delivered if a GET was answered 200, or 304 to a browser that has the page
    already; downloaders ask for parts (206). Fields after the agent are ignored. Raises ValueError
    with a short reason if the line is not in the combined format, or its time is impossible.
    """
    text = line.decode("latin-1")
    found = (_LINE if "\\" in text else _PLAIN_LINE).match(text)
    if not found:
        if _COMMON_LINE.match(text):
            raise ValueError("no referer and no user agent: the combined log format is needed")
        raise ValueError("not in the combined log format")
    address, when, target, agent = found.groups()
    article_id = _article_id(target, patterns) if target else None
    if article_id is None:
        return None
    moment = _seconds(when[:17], when[21:]) + int(when[18:20])
    if not 0 <= moment <= time.time() + _SECONDS_AHEAD:
        reason = "lies before 1970" if moment < 0 else "has not come yet"
        raise ValueError(f"its time {reason}; is the clock of that server right?")
    return Hit(article_id, moment, _field(address), _field(agent))


@lru_cache(maxsize=4096)  # most lines of a log share a few targets
def _article_id(target: str, patterns: UrlPatterns) -> str | None:
    """Name the article of a target; its raw bytes are UTF-8, like the encoded ones.

    Other bytes become lone surrogates, which no id may contain.
    """
    target = _unescaped(target)
    if not target.isascii():
        target = target.encode("latin-1").decode("utf-8", "surrogateescape")
    return patterns.article_id(target)


def _field(written: str) -> str:
    return "" if written == "-" else _unescaped(written)


def _unescaped(written: str) -> str:
    return _ESCAPE.sub(_character, written) if "\\" in written else written


def _character(escape: re.Match[str]) -> str:
    code, name = escape.groups()
    return chr(int(code, 16)) if code else _NAMED_ESCAPES.get(name, name)


@lru_cache(maxsize=64)  # neighbouring lines share their minute
def _seconds(minute: str, zone: str) -> int:
    """Give the seconds from 1970 to a minute.

    `strptime` would be slow, and would expect the names of months in the language of the locale.
    """
    date, hours, minutes = minute.split(":")
    day, month, year = date.split("/")
    try:
        number = _MONTHS.index(month) + 1
        local = datetime(int(year), number, int(day), int(hours), int(minutes), tzinfo=UTC)
    except ValueError:
        raise ValueError(f'there is no time "{minute}"') from None
    offset = int(zone[1:3]) * 3600 + int(zone[3:]) * 60
    return int(local.timestamp()) - (offset if zone[0] == "+" else -offset)
