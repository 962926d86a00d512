"""The caches of one web process: published documents, and the ids of articles."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress

from feeds.config import Config
from feeds.errors import StoreError, StoreFault
from feeds.formats import FORMATS
from feeds.store import Store
from feeds.text import article_id_of
from feeds.web.canonical import all_moves, where_it_went
from feeds.web.documents import DocumentResponses, responses_to

PREFIX = "/feeds/"
_OVERHEAD = 8_000  # bytes that a document's responses take besides their bodies
_MOST_MISSING = 1_000
_SECONDS_BETWEEN_LOOKS = 0.02
_MOST_ARTICLES = 100_000
_MOST_UNKNOWN = 10_000
_SECONDS_UNKNOWN = 10.0

State = tuple[str, int]
"""What `Store.state` gives; the second number is that of the latest publication."""


class Cache:
    """The responses to requests for published documents, up to a number of bytes (LRU).

    The keys are paths in WSGI's form, so that a request costs one look into a dictionary. The
    paths of all published documents are known; a request for another feed asks the store only
    whether anything changed. Pages that the application made when they were asked for are in
    memory, too, as are paths without a page; they are out of date once the store has another
    `state`.
    """

    def __init__(self, store: Store, config: Config) -> None:
        self._store = store
        self._config = config
        self._most_bytes = config.serve.cache_mb * 2**20
        self._bytes = 0
        self._responses = OrderedDict[str, DocumentResponses]()
        self._changing = threading.Lock()
        self._refreshing = threading.Lock()
        self._refreshed = 0.0
        self._made = dict[str, State]()
        self._missing = OrderedDict[str, tuple[State, DocumentResponses]]()
        self.state: State = ("", 0)
        self.moves: Mapping[str, str] = config.moved
        self._published: dict[str, str] = {}

    def get(self, path_info: str) -> DocumentResponses | None:
        """Give the responses for a request's PATH_INFO if they are in memory and up to date."""
        responses = self._responses.get(path_info)
        if responses is None:
            state, missing = self._missing.get(path_info, (None, None))
            return missing if state == self.state else None
        if self._made.get(path_info, self.state) != self.state:
            return None
        try:  # noqa: SIM105 - suppress() costs three times all the rest here
            self._responses.move_to_end(path_info)
        except KeyError:  # evicted since the line above
            pass
        return responses

    def read(self, path_info: str) -> DocumentResponses | None:
        """Give the responses for a request's PATH_INFO, from the store if need be.

        A feed that is not known yet may have been published a moment ago. Raises StoreError when
        the store is needed and cannot be read.
        """
        if is_feed(path_info) and self.misses(path_info) is None:
            self.refresh()
        path = self._published.get(path_info)
        if path is None:
            return None
        with self._changing:  # the first request reads the document, the others wait for it
            return self.get(path_info) or self._read(path_info, path)

    def misses(self, path_info: str) -> bool | None:
        """Say whether no document is published at a path; None if that has to be looked up.

        So the store is asked for new documents fifty times a second at most.
        """
        if path_info in self._published:
            return False
        return True if time.monotonic() - self._refreshed < _SECONDS_BETWEEN_LOOKS else None

    def refresh(self) -> None:
        """Take in the publications and other changes until now; raises StoreError."""
        called = time.monotonic()
        with self._refreshing:  # one thread asks the store for all that wait
            if self._refreshed <= called:
                begun, state = time.monotonic(), self._store.state()
                if state != self.state:
                    with self._changing:
                        self._take_in_changes()
                self.state, self._refreshed = state, begun

    def _take_in_changes(self) -> None:
        documents, version = self._store.documents, self.state[1]
        # Another store, or a backup of it, may have other versions of everything, or nothing.
        is_known = documents.had(version)
        paths = documents.changed_since(version if is_known else 0)
        changed = {path_info_of(path): path for path in paths}
        before, moves = self._published, all_moves(self._store, self._config)
        self._published = before | changed if is_known else changed
        # A move may lead on from a feed that moved before, whose document stays as it is.
        is_all = not is_known or moves != self.moves
        self.moves = moves
        for path_info, path in (before | changed if is_all else changed).items():
            if path_info in self._responses:
                with suppress(StoreFault):  # it stays as it is, and the others are read
                    self._read(path_info, path)

    def stale(self, path_info: str) -> DocumentResponses | None:
        """Give the responses of a page that was made, even if it is out of date."""
        return self._responses.get(path_info) if path_info in self._made else None

    def keep_page(self, path_info: str, page: DocumentResponses, state: State) -> None:
        """Keep a page that was made, or found up to date, no earlier than the store had `state`.

        An answer that there is no page, which has no tag, pushes no page out.
        """
        with self._changing:
            if path_info in self._published:
                return
            if page.etag:
                self._made[path_info] = state
                self._put(path_info, page)
                return
            self._missing[path_info] = state, page
            if len(self._missing) > _MOST_MISSING:
                self._missing.popitem(last=False)

    def _read(self, path_info: str, path: str) -> DocumentResponses | None:
        document = self._store.documents.get(path)
        self._made.pop(path_info, None)
        # A page that the worker gave up is made when it is asked for.
        if document is None or (not document.bodies and path.startswith("/")):
            self._published.pop(path_info, None)
            if before := self._responses.pop(path_info, None):
                self._bytes -= _weight(before)
            return None
        gone = where_it_went(path, self.moves, self._config)
        responses = responses_to(document, self._config, gone)
        self._put(path_info, responses)
        return responses

    def _put(self, path_info: str, responses: DocumentResponses) -> None:
        # Replaced in one step: no reader waits for the store because of news.
        before = self._responses.get(path_info)
        self._responses[path_info] = responses
        self._bytes += _weight(responses) - (_weight(before) if before else 0)
        while self._bytes > self._most_bytes and len(self._responses) > 1:
            path, evicted = self._responses.popitem(last=False)
            self._made.pop(path, None)
            self._bytes -= _weight(evicted)


def path_info_of(path: str) -> str:
    """Give the PATH_INFO of a document's path; PEP 3333: bytes as Latin-1 characters."""
    return (path if path.startswith("/") else PREFIX + path).encode().decode("latin-1")


def is_feed(path_info: str) -> bool:
    """Say whether a path is one that a feed may have."""
    return path_info.startswith(PREFIX) and path_info.rpartition(".")[2] in FORMATS


def _weight(responses: DocumentResponses) -> int:
    return responses.size + _OVERHEAD


class ArticleIds:
    """Ids of articles, and for ten seconds ids that no article has; `known` asks the store.

    An article that `known` does not give, such as one under embargo, counts as none. The ids come
    from paths in WSGI's form.
    """

    def __init__(self, known: Callable[[Collection[str]], Collection[str]]) -> None:
        self._known = known
        self._articles = OrderedDict[str, None]()
        self._unknown = OrderedDict[str, float]()

    def get(self, name: str) -> str | None:
        """Give the id that a path names; empty if no article has it, None if the store must say."""
        article_id = _id_of(name)
        if not article_id or article_id in self._articles:
            return article_id
        return "" if time.monotonic() < self._unknown.get(article_id, 0) else None

    def find(self, name: str) -> str:
        """Give the id that a path names, and ask the store if need be; empty if no article has it.

        While the store is away every id may be an article's: rankings show only those that are.
        """
        article_id = self.get(name)
        if article_id is not None:
            return article_id
        article_id = _id_of(name)
        try:
            is_known = bool(self._known([article_id]))
        except StoreError:
            return article_id
        if is_known:
            self._articles[article_id] = None
            if len(self._articles) > _MOST_ARTICLES:
                self._articles.popitem(last=False)
            return article_id
        self._unknown[article_id] = time.monotonic() + _SECONDS_UNKNOWN
        if len(self._unknown) > _MOST_UNKNOWN:
            self._unknown.popitem(last=False)
        return ""


def _id_of(name: str) -> str:
    """Give the id in a path, empty if no article can have it; PEP 3333: bytes as Latin-1."""
    try:
        return article_id_of(name.encode("latin-1").decode())
    except UnicodeDecodeError:
        return ""
