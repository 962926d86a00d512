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

# A parser opens these again in every further block until they are ended (13.2.4.3). The attributes
# of each <html> and <body> it compares with those of the ones before.
_FORMATTING = frozenset("a b big body code em font html i nobr s small strike strong tt u".split())
_PHRASING = frozenset(
    "abbr audio bdi bdo cite del dfn ins kbd label mark q rb rp rt rtc ruby samp span sub sup"
    " time var video".split()
)
_INLINE = _FORMATTING | _PHRASING
_CELLS = frozenset("caption td th".split())
_IN_TABLE = _CELLS | frozenset("tbody tfoot thead tr".split())
_FOREIGN = frozenset("annotation-xml desc foreignobject mi mn mo ms mtext".split())
# An end tag in one of these does not end an element around it.
_SCOPES = _CELLS | _FOREIGN | frozenset("applet marquee object select table template".split())
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
# An item ends the one of its kind before it, but not through another block.
_TERMS = frozenset(("dd", "dt"))
_ITEMS = {"dd": _TERMS, "dt": _TERMS, "li": frozenset(["li"])}
_WITHIN_ITEM = _INLINE | {"div", "p"}
_BLOCKS = _HEADINGS | frozenset(
    "address article aside blockquote button center details dialog dir div dl fieldset figcaption"
    " figure footer header hgroup listing main menu nav ol pre section summary ul".split()
)
_NESTING = _INLINE | _SCOPES | _BLOCKS | _ITEMS.keys() | {"p"}
_ENDING_P = (_BLOCKS - {"button"}) | _ITEMS.keys() | {"form", "hr", "p", "table"}
_THROUGH_INLINE = _PHRASING | _FOREIGN | {"p"}
_ENDING = _NESTING - _CELLS - {"body", "html"}


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
    nest = _Nest()
    for tag in _TAG.finditer(stored):
        if (
            len(tag.group()) > _MOST_ATTRIBUTES
            and len(_NAMES.findall(tag.group())) > _MOST_ATTRIBUTES
        ):
            return f"a tag has more than {_MOST_ATTRIBUTES} attributes"
        nest.read((tag["name"] or "").lower(), tag.group(), is_end=bool(tag["end"]))
        if len(nest.open) > _MOST_OPEN:
            return f"more than {_MOST_OPEN} elements are open in each other; end them"
        if nest.cost > _MOST_COST:
            return "its elements, such as <b> and <font>, are not ended; end them"
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
    return (
        f"{missing} of its {letters.total()} letters are lost when it is made safe; mend its HTML"
    )


def _letters(markup: str) -> Counter[str]:
    letters = Counter("".join(legal(_outside(_NO_WORDS, markup)).split()))
    del letters[_BYTE_ORDER_MARK]
    return letters


def _outside(tag: re.Pattern[str], markup: str) -> str:
    """Give the words outside of all tags."""
    return html.unescape(_TOO_LARGE.sub("\ufffd", tag.sub("", markup))).strip()


class _Nest:
    """The open elements after a tag, as a parser has them, or more where that is simpler.

    A formatting element stays here until it is ended itself, since a parser opens it again. In
    `<svg>`, where other rules hold, there may be fewer of them here.
    """

    def __init__(self) -> None:
        self.open: list[tuple[str, str]] = []
        """Of each its name, and its tag if it would be opened again."""
        self.cost = 0
        """Characters that were opened again, and open elements that were looked through."""
        self._repeated = 0

    def read(self, name: str, tag: str, *, is_end: bool) -> None:
        self.cost += self._repeated
        if name in _IN_TABLE or (name == "table" and is_end):
            self._end(_CELLS)
        if name in _ENDING_P and not is_end:
            self._end({"p"}, _INLINE)
        if name in _ITEMS:
            self._end(_ITEMS[name], _WITHIN_ITEM)
        elif (is_end and name in _ENDING) or name == "a":
            names = _HEADINGS if name in _HEADINGS else {name}
            self._end(names, _INLINE if name in _THROUGH_INLINE else None)
        if is_end or name not in _NESTING or (name in _CELLS and self._scope() != "table"):
            return
        repeats = name in _FORMATTING and self.open.count((name, tag)) < _MOST_EQUAL
        self.open.append((name, tag if repeats else ""))
        self._repeated += len(tag) if repeats else 0

    def _scope(self) -> str:
        return next((name for name, _ in reversed(self.open) if name in _SCOPES), "")

    def _end(self, names: Collection[str], through: Collection[str] | None = None) -> None:
        """End the innermost element of these names, if all within it let its end tag through."""
        for at in reversed(range(len(self.open))):
            self.cost += 1
            name, tag = self.open[at]
            if name in names:
                within = self.open[at + 1 :]
                if name not in _FORMATTING:
                    within = [each for each in within if each[1]]
                self.open[at:] = within
                self._repeated -= len(tag)
                return
            if name in _SCOPES if through is None else name not in through:
                return
