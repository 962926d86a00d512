"""Patterns of article URLs: they name the article of a request, also in its mobile and AMP forms.

So an article has one count however it was opened.
"""

import re
import string
from collections.abc import Sequence
from urllib.parse import quote, unquote

from feeds.text import article_id_of

_ID = "{id}"
_ORIGIN = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_LEADING = r"(?:/(?:m|mobile|amp)){0,2}"
_TRAILING = r"(?:/amp)?/?"
_WITHIN = r"([^/?&]+)"
_FILE = (
    r"(?:[^/?&.]*+\.)++"
    r"(?i:avif|bmp|css|eot|gif|ico|jpe?g|m?js|map|otf|png|svg|ttf|webp|woff2?)(?:[/?]|\Z)"
)
# The shortest id at the end of a path, in one step up to the first dot: an ending may begin there.
_LAST = rf"((?!{_FILE})(?=[^/?&])[^/?&.]*+[^/?&]*?)"


class UrlPatterns:
    """The URL patterns of a paper's articles; the first that matches names the article.

    Patterns with the id in the query are tried before the others, or `/news/{id}` would take the
    `view.php` of `/news/view.php?idx=5` for an id. A pattern is a path with one `{id}`.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        specific_first = sorted(patterns, key=lambda pattern: _ID not in pattern.partition("?")[2])
        self._patterns = tuple(_compiled(pattern) for pattern in specific_first)

    def article_id(self, target: str) -> str | None:
        """Give the id of the article that a request target (RFC 9112, 3.2) names, if any.

        A target is in origin form or absolute form; its host is ignored. Where ids end a path, the
        name of a style sheet, script, font or picture is not an id.
        """
        if target[:1] != "/":
            target = _ORIGIN.sub("", target, count=1)
        if target[:2] == "//":
            target = "/" + target.lstrip("/")
        for pattern in self._patterns:
            if found := pattern.match(target):
                return _decoded(found[1])
        return None


def _compiled(pattern: str) -> re.Pattern[str]:
    path, _, query = pattern.partition("?")
    return re.compile(_LEADING + _path(path.rstrip("/")) + _TRAILING + _query(query))


def _path(path: str) -> str:
    """Match a path and its AMP forms: `5.html` is also `5.amp.html`, `5.amp` and `5.html.amp`."""
    stem = path.removesuffix(".html")
    ending = re.escape(path[len(stem) :])
    part = _part(stem, _LAST if stem.endswith(_ID) else _WITHIN)
    return rf"{part}(?:{ending}(?:\.amp)?|\.amp(?:\.html)?)"


def _query(query: str) -> str:
    """Match parameters in any order; the last of a repeated one counts, as in PHP."""
    parameters = [_part(parameter, _WITHIN) for parameter in query.split("&") if parameter]
    if not parameters:
        return r"(?:\?|\Z)"
    return r"\?" + "".join(rf"(?=(?:[^&]*+&)*{each}(?:&|\Z))" for each in parameters)


def _part(text: str, identifier: str) -> str:
    """Match a part of a pattern, with `identifier` in place of `{id}`."""
    literals = ("".join(map(_character, unquote(each))) for each in text.split(_ID))
    return identifier.join(literals)


def _character(character: str) -> str:
    """Match a character as such, or percent-encoded, as browsers send Hangul."""
    encoded = quote(character, safe=string.punctuation)
    plain = re.escape(character)
    return plain if encoded == character else f"(?:{plain}|(?i:{encoded}))"


def _decoded(encoded: str) -> str | None:
    """Decode an id; None if no article can have it."""
    try:
        return article_id_of(unquote(encoded, errors="strict").strip()) or None
    except UnicodeDecodeError:
        return None
