"""The WSGI callable of a web process: documents and views from memory, all else passed on.

It stands in front of Flask, whose routing costs several times as much as such a response.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from feeds.config import Config
from feeds.errors import StoreError
from feeds.store import Store
from feeds.web.beacon import Beacon
from feeds.web.cache import PREFIX, Cache, is_feed
from feeds.web.canonical import Canonical
from feeds.web.documents import IDENTITY
from feeds.web.doors import doors
from feeds.web.made import MadePages
from feeds.web.polls import PollCounter
from feeds.web.response import NO_STORE, OK, Response, not_allowed, plain, preflight
from feeds.web.threads import LeaderFollowers
from feeds.web.upstream import Upstream

logger = logging.getLogger(__name__)

_SECONDS_BETWEEN_REFRESHES = 0.1
_SECONDS_BETWEEN_DAYS = 60.0
_SECONDS_BETWEEN_SAVES = 10.0
_SECONDS_WHILE_AWAY = 2.0

_NOT_ALLOWED = not_allowed("Documents are read with GET or HEAD.", "GET, HEAD")
_PREFLIGHT = preflight("GET, HEAD", "If-None-Match, If-Modified-Since, A-IM")
_NO_FEED = plain("404 Not Found", "There is no such feed.", ("Cache-Control", "public, max-age=60"))
_UNAVAILABLE = plain(
    "503 Service Unavailable",
    "This document cannot be read just now.",
    ("Retry-After", "30"),
    NO_STORE,
)


def wsgi_application(
    store: Store, config: Config, socket: Path, token: str | None
) -> WSGIApplication:
    """Build what a web process serves; `token` is that of the write API.

    It passes slow requests on to the application process, which listens on the socket.
    """
    front = Front(store, config, Upstream(socket))
    _repeat(front.cache.refresh, _SECONDS_BETWEEN_REFRESHES, "feeds come from memory only")
    _repeat(front.beacon.prepare, _SECONDS_BETWEEN_DAYS, "tomorrow's secret cannot be fetched")
    _repeat(front.polls.save, _SECONDS_BETWEEN_SAVES, "polls are counted in memory only")
    return LeaderFollowers(front.get, front, doors(token))


class Front:
    """Answer documents from the cache and views by the beacon; hand all else to `application`."""

    def __init__(self, store: Store, config: Config, application: WSGIApplication) -> None:
        self.cache = Cache(store, config)
        self.beacon = Beacon(store, config)
        self.polls = PollCounter(store, config)
        self._canonical = Canonical(config.aliases, lambda: self.cache.moves)
        self._made = MadePages(self.cache, application, config)

    def get(self, environ: WSGIEnvironment) -> Response | None:
        """Give the response if it takes nothing but memory and the spool."""
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        responses = self.cache.get(path)
        if method == "OPTIONS" and path.startswith(PREFIX):
            return _PREFLIGHT
        if responses is not None:
            response = responses.choose(environ) if method in ("GET", "HEAD") else _NOT_ALLOWED
            if path.startswith(PREFIX):
                sent = len(response.body)
                saved = len(responses.whole[IDENTITY].body) - sent
                self.polls.count(environ, response.status, sent, saved)
            return response
        if is_feed(path) and self.cache.misses(path) and self._canonical.elsewhere(environ) is None:
            self.polls.count(environ, _NO_FEED.status)
            return _NO_FEED
        return OK if path == "/healthz" else self.beacon.get(environ)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333), and wait for the store or the application if need be."""
        path, watched = environ["PATH_INFO"], self.polls.watching(environ, start_response)
        try:
            self.cache.read(path)
        except StoreError as error:
            logger.warning("a document cannot be read: %s", error)
            return self._made.for_people(path, _UNAVAILABLE)(environ, watched)
        if response := self.get(environ) or self.beacon.find(environ):
            return response(environ, start_response)
        if is_feed(path) and self._canonical.elsewhere(environ) is None:
            return _NO_FEED(environ, watched)
        return self._made(environ, watched)


def _repeat(task: Callable[[], object], seconds: float, complaint: str) -> None:
    """Do a task every so many seconds, in a thread of its own, whatever it raises."""

    def run() -> None:
        while True:
            try:
                task()
            except Exception as error:
                is_known = isinstance(error, StoreError)
                logger.warning("%s: %s", complaint, error, exc_info=not is_known)
                time.sleep(_SECONDS_WHILE_AWAY)
            time.sleep(seconds)

    threading.Thread(target=run, daemon=True).start()
