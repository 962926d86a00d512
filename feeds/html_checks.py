"""Checks of an article's HTML as the paper stored it, without the parser that makes it safe.

Before: would that parser spend far more on it than its size? After: did it lose any letters?
"""

import html
import re
from collections import Counter
from collections.abc import Collection

from feeds.text import legal

_MOST_OPEN = 1000
_MOST_COST = 2**23
_MOST_REFERENCES = 50_000
_MOST_TAGS = 200_000
_MOST_ATTRIBUTES = 500
# A parser opens no more equal formatting elements again than these (the "Noah's Ark clause").
_MOST_EQUAL = 3
# So little HTML costs nothing, however its tags are: it need not be looked at.
_HARMLESS = 2**24
_SHORT = 100_000

# WHATWG HTML, 13.2.5: a tag with its attributes, a comment, and elements whose tags are text.
_RAW = "iframe noembed noframes noscript script style textarea title xmp"
_ATTRIBUTE = (
    r"[^\s/>][^\s/>=]*+"
    r"""(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+)?+)?+"""
)
_NAMES = re.compile(_ATTRIBUTE, re.ASCII)
_ATTRIBUTES = rf"(?:[\s/]*+{_ATTRIBUTE})*+[\s/]*+(?:>|\Z)"


def _tags(raw: str) -> re.Pattern[str]:
    names = "|".join(raw.split())
    return re.compile(
        r"<!--(?:-?>|.*?(?:--!?>|\Z))|<(?:[!?]|/[^a-z>])[^>]*+(?:>|\Z)|</>"
        rf"|<(?P<raw>{names})(?=[\s/>]){_ATTRIBUTES}.*?(?=</(?P=raw)[\s/>]|\Z)"
        rf"|<(?P<end>/?)(?P<name>[a-z][^\s/>]*+){_ATTRIBUTES}",
        re.ASCII | re.DOTALL | re.IGNORECASE,
    )


_TAG = _tags(_RAW)
_PLAIN_TAG = re.compile("<[^<>]*>")
# No words of an article: a parser drops them.
_NO_WORDS = _tags(f"{_RAW} annotation annotation-xml svg template")
# Of no width; a parser takes one at the beginning for the mark of an encoding, and drops it.
_BYTE_ORDER_MARK = "\ufeff"
# No character has such a number, and int() refuses to read a very long one.
_TOO_LARGE = re.compile(r"&#(?:x[0-9a-f]{9,}|[0-9]{9,});?", re.ASCII | re.IGNORECASE)

# A parser opens these again in every further block until they are ended (13.2.4.3).
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
# Each of these ends the open one of its kind before it, and what is open in that.
_ITEMS = {"a": {"a"}, "dd": {"dd", "dt"}, "dt": {"dd", "dt"}, "li": {"li"}, "p": {"p"}}
_IN_ITEM = frozenset("abbr cite del dfn ins label mark p q rp rt ruby span sub sup".split())
# The end tags of these end such items, too.
_HOLDERS = frozenset(
    "article aside blockquote center div dl footer header li main menu ol p ruby section table"
    " ul".split()
)
_IN_HOLDER = _IN_ITEM | _ITEMS.keys()
# Nothing is open after the tag of one of these, or not for long.
_CHILDLESS = frozenset(
    "area base br caption circle col colgroup ellipse embed hr img input line link meta option path"
    " param polygon polyline rect source stop tbody td tfoot th thead tr track use wbr".split()
)


def overgrown(stored: str) -> str | None:
    """Say why HTML would cost its parser far more than its size; None when it would not.

    A parser opens a formatting element that was never ended again in each block, with all of its
    attributes, and looks through all open elements at nearly every tag: 40 kB can become 80 MB.
    """
    tags = stored.count("<")
    if stored.count("&") > _MOST_REFERENCES or tags > _MOST_TAGS:
        return f"it has more than {_MOST_REFERENCES} ampersands or {_MOST_TAGS} tags"
    if len(stored) <= _SHORT and tags <= _MOST_OPEN and tags * len(stored) <= _HARMLESS:
        return None
    open_elements: list[tuple[str, str]] = []
    cost = 0
    for match in _TAG.finditer(stored):
        tag, name = match.group(), (match["name"] or "").lower()
        if len(tag) > _MOST_ATTRIBUTES and len(_NAMES.findall(tag)) > _MOST_ATTRIBUTES:
            return f"a tag has more than {_MOST_ATTRIBUTES} attributes"
        if match["end"]:
            _end({name}, _IN_HOLDER if name in _HOLDERS else (), open_elements)
        elif name and name not in _CHILDLESS:
            _end(_ITEMS.get(name, ()), _IN_ITEM, open_elements)
            is_repeated = name in _FORMATTING and open_elements.count((name, tag)) < _MOST_EQUAL
            open_elements.append((name, tag if is_repeated else ""))
        cost += len(open_elements) + sum(len(repeated) for _, repeated in open_elements)
        if len(open_elements) > _MOST_OPEN:
            return f"more than {_MOST_OPEN} elements are open at once; close them"
        if cost > _MOST_COST:
            return "elements such as <b> and <font> are not closed; close them"
    return None


def lost(stored: str, safe: str) -> str | None:
    """Say how many letters of stored HTML are missing in the safe HTML; None when none are."""
    if _outside(_PLAIN_TAG, stored) == _outside(_PLAIN_TAG, safe):
        return None  # as nearly always
    # A parser moves text out of tables, so that only the number of each letter can be compared.
    letters = _letters(stored)
    missing = (letters - _letters(safe)).total()
    if not missing:
        return None
    return f"{missing} of its {letters.total()} letters are lost when it is made safe; fix its HTML"


def _letters(markup: str) -> Counter[str]:
    letters = Counter("".join(legal(_outside(_NO_WORDS, markup)).split()))
    del letters[_BYTE_ORDER_MARK]
    return letters


def _outside(tag: re.Pattern[str], markup: str) -> str:
    """Give the words outside of all tags."""
    return html.unescape(_TOO_LARGE.sub("\ufffd", tag.sub("", markup))).strip()


def _end(names: Collection[str], within: Collection[str], elements: list[tuple[str, str]]) -> None:
    """End the innermost open element of these names, and in it only such as are in `within`.

    A formatting element stays open, since a parser opens it again. Where a parser would end more
    elements than that, more stay open here.
    """
    for at in reversed(range(len(elements))):
        name = elements[at][0]
        if name in names:
            elements[at:] = [each for each in elements[at + 1 :] if each[0] in _FORMATTING]
            return
        if name not in within and name not in _FORMATTING:
            return
