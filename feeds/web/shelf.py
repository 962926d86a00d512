"""The documents that one web process holds in memory, and how it learns of new ones."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable

from feeds.errors import StoreError
from feeds.model import Document
from feeds.store import Store
from feeds.web.answer import Answer, Fixed

logger = logging.getLogger(__name__)

PREFIX = "/feeds/"
_SECONDS_BETWEEN_LOOKS = 0.2
_SECONDS_WHILE_AWAY = 2.0
# What an answer takes besides the bytes of its bodies.
_OVERHEAD = 8_000


class Shelf:
    """Answers for published documents; the least recently wanted go when `most_bytes` are held.

    They are kept by the path of a request as WSGI gives it, so that the way of almost every
    request is one look into a dictionary. The paths of all documents are known, so that nobody
    asks the store for one that is not there.
    """

    def __init__(
        self, store: Store, prepare: Callable[[Document], Answer | Fixed | None], most_bytes: int
    ) -> None:
        self._store = store
        self._prepare = prepare
        self._most_bytes = most_bytes
        self._bytes = 0
        self._answers = OrderedDict[str, Answer | Fixed]()
        self._changing = threading.Lock()
        self._version = 0
        self._published: dict[str, str] = {}

    def held(self, path_info: str) -> Answer | Fixed | None:
        """Give the answer for a request's PATH_INFO if it is in memory."""
        answer = self._answers.get(path_info)
        if answer is not None:
            try:  # noqa: SIM105 - suppress() costs three times all the rest here
                self._answers.move_to_end(path_info)
            except KeyError:  # it was let go of since the line above
                pass
        return answer

    def read(self, path_info: str) -> Answer | Fixed | None:
        """Give the answer for a request's PATH_INFO, from the store if need be.

        Raises StoreError when it has to be read and cannot.
        """
        path = self._published.get(path_info)
        if path is None:
            return None
        with self._changing:  # one request reads it, the others wait for that
            return self.held(path_info) or self._read(path)

    def refresh(self) -> None:
        """Take in what was published since the last look; raises StoreError."""
        latest = self._store.documents.version()
        if latest == self._version:
            return
        with self._changing:
            if self._store.documents.had(self._version):
                changed = _by_path_info(self._store.documents.changed_since(self._version))
                known = self._published | changed
            else:  # another store, or a backup of it: whatever is held may be otherwise, or gone
                known = _by_path_info(self._store.documents.changed_since(0))
                changed = self._published | known
            self._published = known
            for path_info, path in changed.items():
                # Replaced, not dropped: no reader waits for the store because news came.
                if path_info in self._answers:
                    self._read(path)
            self._version = latest

    def watch(self) -> threading.Thread:
        """Start refreshing in the background for as long as the process lives."""
        thread = threading.Thread(target=self._watch, name="shelf", daemon=True)
        thread.start()
        return thread

    def _read(self, path: str) -> Answer | Fixed | None:
        document = self._store.documents.get(path)
        answer = self._prepare(document) if document else None
        path_info = path_info_of(path)
        before = self._answers.get(path_info)
        self._bytes -= _weight(before) if before else 0
        if answer:
            self._answers[path_info] = answer
            self._bytes += _weight(answer)
        elif before:
            del self._answers[path_info]
        while self._bytes > self._most_bytes and len(self._answers) > 1:
            _, dropped = self._answers.popitem(last=False)
            self._bytes -= _weight(dropped)
        return answer

    def _watch(self) -> None:
        pause = threading.Event()
        while True:
            try:
                self.refresh()
            except StoreError as error:
                logger.warning("serving what is in memory: %s", error)
                pause.wait(_SECONDS_WHILE_AWAY)
            pause.wait(_SECONDS_BETWEEN_LOOKS)


def path_info_of(path: str) -> str:
    """Give a path below `/feeds/` as a request has it: PEP 3333, bytes as Latin-1 characters."""
    return f"{PREFIX}{path}".encode().decode("latin-1")


def _by_path_info(paths: Iterable[str]) -> dict[str, str]:
    return {path_info_of(path): path for path in paths}


def _weight(answer: Answer | Fixed) -> int:
    return answer.size + _OVERHEAD
