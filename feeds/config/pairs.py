"""What two keys may say together, whichever the file gives and whichever has its default."""

from collections.abc import Callable, Mapping
from typing import Any

Key = tuple[str, ...]
Holds = Callable[[Any, Any], bool]


class Disagreement(ValueError):
    """What is wrong, and the keys that it is about, from the part that holds them."""

    def __init__(self, what: str, *keys: Key) -> None:
        super().__init__(what)
        self.keys = keys


def check(
    pairs: Mapping[tuple[str, str], tuple[str, Holds]],
    key: str,
    value: object,
    earlier: Mapping[str, object],
) -> None:
    """Hold a key against those before it, but for one that has a fault of its own.

    `pairs` is (key, earlier key) → what must hold, in words and as a function of the two values.
    """
    for (later, other), (must, holds) in pairs.items():
        if later == key and other in earlier and not holds(value, earlier[other]):
            what = f"{key} ({_shown(value)}) {must} {other} ({_shown(earlier[other])})"
            raise Disagreement(what, (key,), (other,))


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
