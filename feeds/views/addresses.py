"""Which article a request was for: the paper's own addresses, and what mobile and AMP make of them.

A pattern such as `/news/view.php?idx={id}` becomes one regular expression that also fits its
variants, so that an article has one count however it was opened.
"""

import re
import string
from collections.abc import Sequence
from urllib.parse import quote, unquote

from feeds.text import LONGEST_ID, article_id_of

_ID = "{id}"
_ORIGIN = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_LEADING = r"(?:/(?:m|mobile|amp)){0,2}"
_TRAILING = r"(?:/amp)?/?"
_WITHIN = r"([^/?&]+)"
_FILE = (
    r"(?:[^/?&.]*+\.)++"
    r"(?i:avif|bmp|css|eot|gif|ico|jpe?g|m?js|map|otf|png|svg|ttf|webp|woff2?)(?:[/?]|\Z)"
)
# The shortest at the end of a path, in one step as far as there is no dot of an ending.
_LAST = rf"((?!{_FILE})(?=[^/?&])[^/?&.]*+[^/?&]*?)"


class ArticleAddresses:
    """The addresses of a paper's articles; the first of `patterns` that fits names the article.

    Those with the id in the query are tried first, or `/news/{id}` would take `view.php` of
    `/news/view.php?idx=5` for an id. ValueError when a pattern is not a path with one `{id}`.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        specific_first = sorted(patterns, key=lambda pattern: _ID not in pattern.partition("?")[2])
        self._patterns = tuple(_compiled(pattern) for pattern in specific_first)

    def article_id(self, target: str) -> str | None:
        """Give the id of the article that a request target (RFC 9112, 3.2) names, None for others.

        Targets are in origin form or absolute form; the host of an absolute one is not looked at.
        Where an id ends the path, the name of a style sheet, script, font or picture is none.
        """
        if target[:1] != "/":
            target = _ORIGIN.sub("", target, count=1)
        if target[:2] == "//":
            target = "/" + target.lstrip("/")
        for pattern in self._patterns:
            if found := pattern.match(target):
                return _identifier(found[1])
        return None


def _compiled(pattern: str) -> re.Pattern[str]:
    if pattern[:1] != "/" or pattern.count(_ID) != 1:
        raise ValueError(f'must begin with "/" and have "{_ID}" once, not "{pattern}"')
    path, _, query = pattern.partition("?")
    return re.compile(_LEADING + _path(path.rstrip("/")) + _TRAILING + _query(query))


def _path(path: str) -> str:
    """Match a path and its AMP forms: `5.html` is also `5.amp.html`, `5.amp` and `5.html.amp`."""
    stem = path.removesuffix(".html")
    ending = re.escape(path[len(stem) :])
    identifier = _LAST if stem.endswith(_ID) else _WITHIN
    return rf"{_part(stem, identifier)}(?:{ending}(?:\.amp)?|\.amp(?:\.html)?)"


def _query(query: str) -> str:
    """Match named parameters in any order; of one that comes twice the last counts, as in PHP."""
    named = [_part(parameter, _WITHIN) for parameter in query.split("&") if parameter]
    if not named:
        return r"(?:\?|\Z)"
    return r"\?" + "".join(rf"(?=(?:[^&]*+&)*{parameter}(?:&|\Z))" for parameter in named)


def _part(text: str, identifier: str) -> str:
    return identifier.join(_literal(piece) for piece in text.split(_ID))


def _literal(text: str) -> str:
    return "".join(_character(character) for character in unquote(text))


def _character(character: str) -> str:
    """Match a character as such or percent-encoded, which is how browsers send Hangul."""
    encoded = quote(character, safe=string.punctuation)
    plain = re.escape(character)
    return plain if encoded == character else f"(?:{plain}|(?i:{encoded}))"


def _identifier(encoded: str) -> str | None:
    """Decode an id; None if no article can have it."""
    if encoded.isascii() and encoded.isalnum() and len(encoded) <= LONGEST_ID:
        return encoded
    try:
        return article_id_of(unquote(encoded, errors="strict").strip()) or None
    except UnicodeDecodeError:
        return None
