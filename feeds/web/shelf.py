"""The documents that one web process holds in memory, and how it learns of new ones."""

import logging
import threading

from feeds.errors import StoreError
from feeds.storage import Store
from feeds.web.answer import Answer, answer_of

logger = logging.getLogger(__name__)

_SECONDS_BETWEEN_LOOKS = 0.2


class Shelf:
    """Answers for published documents by path, made once for each version of a document."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._answers: dict[str, Answer] = {}
        self._reading = threading.Lock()
        self._version = store.documents.version()

    def get(self, path: str) -> Answer | None:
        """Find the answer for a path below `/feeds/`; raises StoreError if it has to be read."""
        answer = self._answers.get(path)
        if answer is None:
            with self._reading:  # one request reads it, the others wait for that
                answer = self._answers.get(path) or self._read(path)
        return answer

    def refresh(self) -> None:
        """Take in what was published since the last look; raises StoreError."""
        latest = self._store.documents.version()
        if latest == self._version:
            return
        with self._reading:
            for path in self._store.documents.changed_since(self._version):
                # Replaced, not dropped: no reader waits for the store because news came.
                if path in self._answers:
                    self._read(path)
            self._version = latest

    def _read(self, path: str) -> Answer | None:
        document = self._store.documents.get(path)
        if document is None:
            return None
        self._answers[path] = answer_of(document)
        return self._answers[path]

    def watch(self) -> threading.Thread:
        """Start refreshing in the background for as long as the process lives."""
        thread = threading.Thread(target=self._watch, name="shelf", daemon=True)
        thread.start()
        return thread

    def _watch(self) -> None:
        pause = threading.Event()
        while not pause.wait(_SECONDS_BETWEEN_LOOKS):
            try:
                self.refresh()
            except StoreError as error:
                logger.warning("serving what is in memory: %s", error)
                pause.wait(_SECONDS_BETWEEN_LOOKS * 10)
