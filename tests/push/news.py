"""News of a paper whose outbox runs, and a server of HTTP that notes what it is told."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feeds.config import Config
from feeds.model import Article
from feeds.push import push
from feeds.store import Store
from tests import patches
from tests.store.samples import HOST, NOW, article, settle

_HEADERS = {302: {"Location": "/elsewhere"}, 429: {"Retry-After": "600"}}


class Listener:
    """Takes what is posted to a path, and answers with the next of `answers`, at last with 200.

    `read` reads a request; what it gives is noted in `heard`. With each failure comes `meanwhile`.
    """

    def __init__(self, server: HTTPServer, read: Callable[[Request], Any], path: str = "/") -> None:
        self.url = server.url_for(path)
        self.heard = list[Any]()
        self.answers = deque[int]()
        self.meanwhile: Callable[[], None] = lambda: None
        self._read = read
        server.expect_request(path, method="POST").respond_with_handler(self._take)

    def _take(self, request: Request) -> Response:
        self.heard.append(self._read(request))
        status = self.answers.popleft() if self.answers else 200
        if status != 200:
            self.meanwhile()
        return Response(status=status, headers=_HEADERS.get(status))


@contextmanager
def pushing(store: Store, config: Config) -> Iterator[None]:
    """An outbox in a thread of its own; leaving tells it to stop and waits until it has."""
    stop = threading.Event()
    thread = threading.Thread(target=push, args=(store, config, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def configure(store: Store, config: Config) -> None:
    """Let an outbox read the config, so that it tells what comes from now on."""
    stop = threading.Event()
    stop.set()
    store.changes.release(datetime.now(UTC))
    assert push(store, config, stop)


def fresh(article_id: str, *, minutes: float = 1, **fields: Any) -> Article:
    """Make an article that was published that many minutes ago."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=minutes)
    return article(article_id, published=at, updated=at, **fields)


def publish(store: Store, *articles: Article) -> None:
    """Save articles, and let their feeds be out."""
    patches.save(store, articles, HOST, datetime.now(UTC))
    settle(store)


def latest_stamp(store: Store) -> int:
    """Give the stamp of the last announcement; 0 before the first."""
    return max((each.stamp for each in store.announcements.after(0, 99, NOW)), default=0)


def posted(request: Request) -> Any:
    """Read the JSON that was posted."""
    return json.loads(request.data)
