"""All that sending needs: the store, the config, the documents sent last, and clients of HTTP."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime

from feeds.config import Config
from feeds.http_client import Client
from feeds.model import Document
from feeds.store import Store

_MOST_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class Sender:
    """What the functions that send have in common.

    `stranger` calls URLs that anybody may have named, `trusted` those of the config. `orders` are
    the ids that each webhook of the most read was told last.
    """

    store: Store
    config: Config
    stranger: Client
    trusted: Client
    orders: dict[str, list[str]] = field(default_factory=dict)
    _documents: dict[str, Document] = field(default_factory=dict)
    _reading: threading.Lock = field(default_factory=threading.Lock)

    def document(self, path: str, last_modified: int) -> Document | None:
        """Give a document as it is now, at least as new as a Last-Modified; None if it is gone.

        For a thousand subscribers of a topic it is read once.
        """
        with self._reading:
            found = self._documents.get(path)
            if found is None or found.last_modified < last_modified:
                self._documents.pop(path, None)
                found = self.store.documents.get(path)
                if found is not None:
                    self._documents[path] = found
            if len(self._documents) > _MOST_REMEMBERED:
                del self._documents[next(iter(self._documents))]
        return found if found and found.bodies else None

    def forget_documents(self) -> None:
        """Forget the documents in memory, because some have changed."""
        with self._reading:
            self._documents.clear()


def now() -> datetime:
    """Give the present moment."""
    return datetime.now(UTC)
