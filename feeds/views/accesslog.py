r"""Lines of an access log as nginx and Apache write it in the combined format.

A line is read as Latin-1: that never fails, a raw byte means the same as its `\xHH` escape, and
the agent is the string that WSGI gives for the same header (PEP 3333), so that a reader whom both
a log and the beacon saw is one visitor.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache

from feeds.views.addresses import ArticleAddresses
from feeds.views.opened import Opened

_LONGEST_SHARED = 1024  # characters of a target that many lines may have
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

# Apache writes "" for a user without a name, and \" for a quote in one. Two fields before a user
# of "-" would be the host and address of `vhost_combined`; they must not be read as one address.
# A target has no blank in it (RFC 9112, 3.2); it is None where nothing was opened.
_COMMON = (
    r'(\S++) (?:- - |\S++ (?!- [^\[])(?:""|(?:[^"\\]|\\.)*?) )'
    r"\[([0-3]\d/[A-Z][a-z]{2}/\d{4}:[0-2]\d:[0-5]\d:[0-6]\d [+-][01]\d[0-5]\d)\] "
    r'"(?:GET (TARGET) HTTP/[\d.]+" (?:200|304)|QUOTED" (?:\d{3}|-)) (?:\d+|-)'
)
_COMBINED = _COMMON + r' "QUOTED" "(QUOTED)"(?!\S)'


def _compiled(line: str, *, escapes: bool) -> re.Pattern[str]:
    for name, other in ("TARGET", '" '), ("QUOTED", '"'):
        plain = rf"[^{other}\\]*+"
        text = rf"{plain}(?:\\.{plain})*+" if escapes else f"[^{other}]*+"
        line = line.replace(name, text)
    return re.compile(line)


_COMMON_LINE = _compiled(_COMMON + r"\s*\Z", escapes=True)
_LINE = _compiled(_COMBINED, escapes=True)
# Nearly all lines have no backslash; this is for them only, and takes half the time.
_PLAIN_LINE = _compiled(_COMBINED, escapes=False)
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|(.))")
_NAMED_ESCAPES = {"b": "\b", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def read_line(line: bytes, addresses: ArticleAddresses) -> Opened | None:
    """Read a line; None when it is about something else than an article that was delivered.

    Delivered is a GET answered 200, or 304 to a browser that has the page already; a part (206) is
    what downloaders ask for. Fields after the agent are ignored. ValueError with a short reason
    when the line is not in the combined format.
    """
    text = line.decode("latin-1")
    found = (_LINE if "\\" in text else _PLAIN_LINE).match(text)
    if not found:
        raise ValueError(_fault(text))
    address, time, target, agent = found.groups()
    article_id = _article_id(target, addresses) if target else None
    if article_id is None:
        return None
    moment = _seconds(time[:17], time[21:]) + int(time[18:20])
    return Opened(article_id, moment, _given(address), _given(agent))


def _fault(text: str) -> str:
    if _COMMON_LINE.match(text):
        return "no referer and no user agent: the combined log format is needed"
    return "not in the combined log format"


def _article_id(target: str, addresses: ArticleAddresses) -> str | None:
    """Name the article of a target; most lines of a log share a few short ones."""
    if len(target) > _LONGEST_SHARED:
        return addresses.article_id(_text(target))
    return _article_id_of_many(target, addresses)


@lru_cache(maxsize=4096)
def _article_id_of_many(target: str, addresses: ArticleAddresses) -> str | None:
    return addresses.article_id(_text(target))


def _text(target: str) -> str:
    """Undo escapes, and read raw bytes as the UTF-8 that they are.

    What is not UTF-8 becomes lone surrogates, which no id may contain.
    """
    target = _unescaped(target)
    if target.isascii():
        return target
    return target.encode("latin-1").decode("utf-8", "surrogateescape")


def _given(field: str) -> str:
    return "" if field == "-" else _unescaped(field)


def _unescaped(field: str) -> str:
    return _ESCAPE.sub(_meant, field) if "\\" in field else field


def _meant(escape: re.Match[str]) -> str:
    code, character = escape.groups()
    return chr(int(code, 16)) if code else _NAMED_ESCAPES.get(character, character)


@lru_cache(maxsize=64)
def _seconds(minute: str, zone: str) -> int:
    """Give the seconds from 1970 to a minute; neighbouring lines share it, hence the cache.

    Not `strptime`, which is slow and wants the months in the language of the locale.
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
