"""Why an article is held back, for its editors: in their language, with the place marked."""

import ast
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from gettext import NullTranslations

from feeds.translations import marked as _

_TEXT = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_DIFFERENCE = re.compile(
    rf"(?P<field>[\w ]+): expected (?P<expected>{_TEXT}), read back (?P<found>{_TEXT})"
)


# The reasons of `feeds.html_checks` and `feeds.entries`, with their numbers.
_REASONS = (
    _("it has more than {n} ampersands or {m} tags"),
    _("a tag has more than {n} attributes"),
    _("more than {n} elements are open at once; close them"),
    _("elements such as <b> and <font> are not closed; close them"),
    _("{n} of its {m} letters are lost when it is made safe; fix its HTML"),
    _("it is larger than {n} kB; shorten it, or raise feeds.article_kb"),
)
_NO_FIELDS = {"entry", "document", "order of entries"}


@dataclass(frozen=True, slots=True)
class Place:
    """A piece of a field, of which a feed would show `marked` as `found`."""

    field: str
    before: str
    marked: str
    after: str
    found: str


def place_of(reason: str) -> Place | None:
    """Find the first difference of the two values that a reason quotes; None if it quotes none."""
    match = _DIFFERENCE.fullmatch(reason)
    if match is None or match["field"] in _NO_FIELDS or match["expected"] == match["found"]:
        return None
    expected, found = ast.literal_eval(match["expected"]), ast.literal_eval(match["found"])
    steps = SequenceMatcher(None, expected, found, autojunk=False).get_opcodes()
    _, i, j, k, m = next(step for step in steps if step[0] != "equal")
    pieces = expected[:i], expected[i:j], expected[j:], found[k:m]
    return Place(match["field"], *map(_visible, pieces))


def in_words(reason: str, words: NullTranslations) -> str:
    """Give a reason in the language of a catalog, as far as that has it."""
    for sentence in _REASONS:
        pattern = re.sub(r"\\{(\w)\\}", r"(?P<\1>\\d+)", re.escape(sentence))
        if match := re.fullmatch(pattern, reason):
            return words.gettext(sentence).format(**match.groupdict())
    return reason


def _visible(text: str) -> str:
    return "".join(c if c.isprintable() else f"[U+{ord(c):04X}]" for c in text)
