"""Where in an article a feed would change it: what the reason of the gate quotes, to be marked."""

import ast
import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_TEXT = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_DIFFERENCE = re.compile(
    rf"(?P<field>[\w ]+): expected (?P<expected>{_TEXT}), read back (?P<found>{_TEXT})"
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
    if match is None or match["field"] in _NO_FIELDS:
        return None
    expected, found = ast.literal_eval(match["expected"]), ast.literal_eval(match["found"])
    steps = SequenceMatcher(None, expected, found, autojunk=False).get_opcodes()
    _, i, j, k, m = next(step for step in steps if step[0] != "equal")
    pieces = expected[:i], expected[i:j], expected[j:], found[k:m]
    return Place(match["field"], *map(_visible, pieces))


def _visible(text: str) -> str:
    return "".join(c if c.isprintable() else f"[U+{ord(c):04X}]" for c in text)
