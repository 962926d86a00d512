"""Which article a beacon's address names; the store is asked only for one not met yet."""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import TypeVar

from feeds.errors import StoreError
from feeds.text import LONGEST_ID, article_id_of

T = TypeVar("T")

_MOST_IDS = 100_000
_MOST_UNKNOWN = 10_000
# A character of an id may come as four that belong together, and each of them as four bytes.
_LONGEST_NAME = 16 * LONGEST_ID
_SECONDS_UNKNOWN = 10.0


class KnownIds:
    """The ids of articles that were met lately, so that the store is seldom asked."""

    def __init__(self, known: Callable[[Collection[str]], Collection[str]]) -> None:
        self._known = known
        self._met = OrderedDict[str, None]()
        self._unknown = OrderedDict[str, float]()

    def held(self, name: str) -> str | None:
        """Give the id that a path names, empty if no article has it; None if the store must tell.

        Nothing but memory is asked.
        """
        article_id = _decoded(name)
        if not article_id or article_id in self._met:
            return article_id
        return "" if time.monotonic() < self._unknown.get(article_id, 0) else None

    def named(self, name: str) -> str:
        """Give the id that a path names, empty if no article has it.

        While the store is away, every one may be an article's: no ranking shows one that is none.
        """
        article_id = self.held(name)
        if article_id is not None:
            return article_id
        article_id = _decoded(name)
        try:
            is_known = bool(self._known([article_id]))
        except StoreError:
            return article_id
        if is_known:
            _keep(self._met, article_id, None, _MOST_IDS)
            return article_id
        _keep(self._unknown, article_id, time.monotonic() + _SECONDS_UNKNOWN, _MOST_UNKNOWN)
        return ""


def _keep(few: OrderedDict[str, T], article_id: str, value: T, most: int) -> None:
    few[article_id] = value
    if len(few) > most:
        few.popitem(last=False)


def _decoded(name: str) -> str:
    """Give the id of a path, empty if no article can have it; PEP 3333: one byte a character."""
    if len(name) > _LONGEST_NAME:
        return ""
    try:
        return article_id_of(name if name.isascii() else name.encode("latin-1").decode())
    except UnicodeDecodeError:
        return ""
