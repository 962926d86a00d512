"""HTML as a paper stored it, read without the parser that makes it safe.

What it would cost that parser is told before, and afterwards which of its letters were lost.
"""

import html
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from feeds.text import legal

_MOST_OPEN = 1000
_MOST_EQUAL = 3
_MOST_COST = 2**23
_MOST_REFERENCES = 50_000
_MOST_TAGS = 200_000
# So little HTML costs nothing, however its tags are: it need not be looked at.
_HARMLESS = 2**24
_SHORT = 100_000
_LONG = 2_000
_MOST_ATTRIBUTES = 500

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

# No character has such a number, and int() would refuse to read it.
_ZEROS = re.compile(r"&#0+(?=[0-9])")
_TOO_LARGE = re.compile(r"&#(?:x0*+[0-9a-f]{7,}|0*+[0-9]{8,});?", re.ASCII | re.IGNORECASE)

# A parser opens these again in every further block until they are ended (13.2.4.3).
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
# Never open in each other: they have no end tag, or one of their kind ends them.
_NEVER_OPEN = frozenset(
    "area base basefont bgsound br col colgroup embed frame frameset head hr image img input"
    " keygen link meta option p param source track wbr".split()
)
# An item ends the one before it, but not through one of the other kind.
_ITEMS = {"li": "list", "dd": "description", "dt": "description"}
# A parser gives the attributes of each to the first, and looks through those it has.
_WHOLE = frozenset({"body", "html"})
_IN_RUBY = frozenset("rb rp rt rtc".split())
_IN_TABLE = frozenset("caption tbody td tfoot th thead tr".split())
_CELLS = frozenset("caption td th".split())
_FOREIGN = frozenset({"math", "svg"})
# What is open around one of these is not ended inside.
_CLOSED = _FOREIGN | frozenset("applet foreignobject marquee object select table template".split())


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
    return next(_faults(stored), None)


def lost(stored: str, safe: str) -> str | None:
    """Say which letters of stored HTML are missing in what was made of it; None when none are."""
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


def _faults(stored: str) -> Iterator[str]:
    nest = _Nest()
    cost = 0
    for tag in _TAG.finditer(stored):
        nest.read(tag)
        cost += nest.open + nest.reopened
        if nest.open > _MOST_OPEN:
            yield f"more than {_MOST_OPEN} elements are open in each other; end them"
        if cost > _MOST_COST:
            yield "its formatting elements, such as <b> and <font>, are not ended; end them"
        if nest.searched > _MOST_COST:
            yield "it has too much between the parts of tables, or too many <html> and <body>"
        if len(tag.group()) > _LONG and len(_NAMES.findall(tag.group())) > _MOST_ATTRIBUTES:
            yield f"a tag has more than {_MOST_ATTRIBUTES} attributes"


def _letters(markup: str) -> Counter[str]:
    letters = Counter("".join(legal(_outside(_NO_WORDS, markup)).split()))
    del letters[_BYTE_ORDER_MARK]
    return letters


def _outside(tag: re.Pattern[str], markup: str) -> str:
    """Give the words outside of all tags."""
    words = tag.sub("", markup)
    if "&#" in words:
        words = _TOO_LARGE.sub("\ufffd", _ZEROS.sub("&#", words))
    return html.unescape(words).strip()


@dataclass(slots=True)
class _Part:
    """The open elements inside of a closed one (or of the whole), by name; of each its tag."""

    name: str = ""
    elements: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


class _Nest:
    """The elements that are open after a tag: never fewer than a parser has, but for a factor."""

    def __init__(self) -> None:
        self.open = 0
        self.reopened = 0
        """Characters of all formatting elements that a further block would repeat."""
        self.searched = 0
        """What was looked through for places: of attributes, and before tables."""
        self._places = 0
        self._items = ""
        self._parts = [_Part()]

    def read(self, tag: re.Match[str]) -> None:
        name = (tag["name"] or "").lower()
        if name == "table" or (self._parts[-1].name == "table" and name not in _IN_TABLE):
            self._search(1)
        if name in _IN_TABLE or name == "table":
            self._read_table(name, is_end=bool(tag["end"]))
        elif name in _WHOLE:
            self._search(len(tag.group()))
        elif name in _ITEMS:
            self._read_item(_ITEMS[name], is_end=bool(tag["end"]))
        elif not name or name in _NEVER_OPEN or self._is_ended(name, tag.group()):
            return
        elif tag["end"]:
            self._end(name)
        else:
            self._begin(name, tag.group())

    def _read_item(self, kind: str, *, is_end: bool) -> None:
        if not is_end and kind != self._items:
            self._items = kind
            self.open += 1

    def _search(self, places: int) -> None:
        self._places += places
        self.searched += self._places

    def _is_ended(self, name: str, text: str) -> bool:
        """Whether what an element is in ends it: a ruby does, and a drawing by a last slash."""
        part = self._parts[-1]
        if name in _IN_RUBY and part.elements["ruby"]:
            return True
        return part.name in _FOREIGN and text.endswith("/>") and name not in _FORMATTING

    def _read_table(self, name: str, *, is_end: bool) -> None:
        if self._parts[-1].name == "cell":
            if name == "table" and not is_end:
                self._enter(name)
                return
            self._leave()
        if self._parts[-1].name == "table" and name == "table":
            self._leave()
        if not is_end and name == "table":
            self._enter(name)
        elif not is_end and name in _CELLS and self._parts[-1].name == "table":
            self._enter("cell")

    def _begin(self, name: str, text: str) -> None:
        if name in _CLOSED:
            self._enter(name)
            return
        elements = self._parts[-1].elements[name]
        if name == "a" and elements:
            self._end(name)
        # Of more equal ones a parser opens only these again.
        counts = name in _FORMATTING and elements.count(text) < _MOST_EQUAL
        elements.append(text if counts else "")
        self.open += 1
        self.reopened += len(elements[-1])

    def _end(self, name: str) -> None:
        part = self._parts[-1]
        if part.elements[name]:
            self.open -= 1
            self.reopened -= len(part.elements[name].pop())
        elif part.name == name:
            self._leave()

    def _enter(self, name: str) -> None:
        self._parts.append(_Part(name))
        self.open += 1

    def _leave(self) -> None:
        """End a closed element, and with it all in it but what a parser moves out of it."""
        part = self._parts.pop()
        self.open -= 1
        for name, tags in part.elements.items():
            if part.name in _FOREIGN or (part.name == "table" and name in _FORMATTING):
                self._parts[-1].elements[name] += tags
            else:
                self.open -= len(tags)
                self.reopened -= sum(map(len, tags))
