"""The article-id cache: the ids in the beacon's paths, so that views seldom ask the store."""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection

from feeds.errors import StoreError
from feeds.text import LONGEST_ID, article_id_of

_MOST_IDS = 100_000
_MOST_UNKNOWN = 10_000
# NFC may compose a character of an id from four, and each of them takes up to four bytes.
_LONGEST_NAME = 16 * LONGEST_ID
_SECONDS_UNKNOWN = 10.0


class ArticleIds:
    """Ids of articles, and for some seconds ids that no article has; `known` asks the store."""

    def __init__(self, known: Callable[[Collection[str]], Collection[str]]) -> None:
        self._known = known
        self._ids = OrderedDict[str, None]()
        self._unknown = OrderedDict[str, float]()

    def get(self, name: str) -> str | None:
        """Give the id that a path names, from memory; empty if no article has it, None if unknown.

        `name` is in WSGI's form.
        """
        article_id = _decoded(name)
        if not article_id or article_id in self._ids:
            return article_id
        return "" if time.monotonic() < self._unknown.get(article_id, 0) else None

    def find(self, name: str) -> str:
        """Give the id that a path names, from the store if need be; empty if no article has it.

        While the store is away every id may be an article's: rankings show only those that are.
        """
        article_id = self.get(name)
        if article_id is not None:
            return article_id
        article_id = _decoded(name)
        try:
            is_known = bool(self._known([article_id]))
        except StoreError:
            return article_id
        if is_known:
            self._ids[article_id] = None
            if len(self._ids) > _MOST_IDS:
                self._ids.popitem(last=False)
            return article_id
        self._unknown[article_id] = time.monotonic() + _SECONDS_UNKNOWN
        if len(self._unknown) > _MOST_UNKNOWN:
            self._unknown.popitem(last=False)
        return ""


def _decoded(name: str) -> str:
    """Give the id in a path, empty if no article can have it; PEP 3333: bytes as Latin-1."""
    if len(name) > _LONGEST_NAME:
        return ""
    try:
        return article_id_of(name if name.isascii() else name.encode("latin-1").decode())
    except UnicodeDecodeError:
        return ""
