"""The beacon: a page says that a reader opened an article, and one line is written down.

It stands in front of Flask, whose routing costs several times what this does.
"""

import base64
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from feeds.errors import SpoolError, StoreError
from feeds.readership import Days, Opened, Spool, Visitors, client_address
from feeds.web.known import KnownIds
from feeds.web.reply import HeaderList, Reply, line, plain

logger = logging.getLogger(__name__)

PREFIX = "/views/"
_GIF_SUFFIX = ".gif"
# One transparent pixel.
_GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_MOST_BYTES = 4096  # of a body that nobody reads
_SECONDS_BETWEEN_LOOKS = 60.0

_SHARED: HeaderList = [
    ("Cache-Control", "no-store"),
    ("Access-Control-Allow-Origin", "*"),
    ("X-Content-Type-Options", "nosniff"),
]
_COUNTED = Reply(line(HTTPStatus.NO_CONTENT), _SHARED)
_PREFLIGHT = Reply(
    line(HTTPStatus.NO_CONTENT),
    [
        *_SHARED,
        ("Allow", "POST, OPTIONS"),
        ("Access-Control-Allow-Methods", "POST"),
        ("Access-Control-Allow-Headers", "Content-Type"),
        ("Access-Control-Max-Age", "86400"),
    ],
)
_PIXEL = Reply(
    line(HTTPStatus.OK),
    [*_SHARED, ("Content-Type", "image/gif"), ("Content-Length", str(len(_GIF)))],
    _GIF,
)
_NO_STORE = ("Cache-Control", "no-store")
_NOT_FOUND = plain(HTTPStatus.NOT_FOUND, "There is no such article.", _NO_STORE)
_POST_ONLY = plain(
    HTTPStatus.METHOD_NOT_ALLOWED,
    "A view is sent with POST, or with GET for the .gif.",
    ("Allow", "POST, OPTIONS"),
    _NO_STORE,
)
_GET_ONLY = plain(
    HTTPStatus.METHOD_NOT_ALLOWED, "The pixel is got.", ("Allow", "GET, HEAD"), _NO_STORE
)
_TOO_LARGE = plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "A view has no body.", _NO_STORE)
_UNAVAILABLE = plain(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Views cannot be kept just now.",
    ("Retry-After", "30"),
    _NO_STORE,
)


class Beacon:
    """Answer `/views/…`; hand everything else to the application behind."""

    def __init__(
        self,
        application: WSGIApplication,
        known: Callable[[Collection[str]], Collection[str]],
        visitors: Visitors,
        spool: Spool,
        proxies: int,
    ) -> None:
        self._application = application
        self._ids = KnownIds(known)
        self._visitors = visitors
        self._spool = spool
        self._proxies = proxies

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        path: str = environ["PATH_INFO"]
        if not path.startswith(PREFIX):
            return self._application(environ, start_response)
        reply = self._reply(path[len(PREFIX) :], environ)
        start_response(reply.status, reply.headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [reply.body]

    def _reply(self, name: str, environ: WSGIEnvironment) -> Reply:
        method = environ["REQUEST_METHOD"]
        if method == "POST":
            return self._posted(name, environ)
        if method == "OPTIONS":
            return _PREFLIGHT
        if not name.endswith(_GIF_SUFFIX):
            return _POST_ONLY
        name = name.removesuffix(_GIF_SUFFIX)
        if method == "HEAD":  # somebody tests the address; nobody read anything
            return _PIXEL
        return self._view(name, environ, _PIXEL) if method == "GET" else _GET_ONLY

    def _posted(self, name: str, environ: WSGIEnvironment) -> Reply:
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > _MOST_BYTES or _is_chunked(environ):
            return _TOO_LARGE
        return self._view(name, environ, _COUNTED)

    def _view(self, name: str, environ: WSGIEnvironment, counted: Reply) -> Reply:
        article_id = self._ids.named(name)
        if article_id is None:
            return _NOT_FOUND
        try:
            self._spool.append(self._visitors.view(_opened(article_id, environ, self._proxies)))
        except (SpoolError, StoreError) as error:
            logger.error("a view was refused: %s", error)  # noqa: TRY400 - its traceback says no more
            return _UNAVAILABLE
        return counted


def keep_days_ready(days: Days) -> threading.Thread:
    """Fetch the secret of each day before it begins, for as long as the process lives."""
    thread = threading.Thread(target=_watch, args=(days,), name="days", daemon=True)
    thread.start()
    return thread


def _watch(days: Days) -> None:
    pause = threading.Event()
    while True:
        try:
            days.prepare(int(time.time()))
        except StoreError as error:
            logger.warning("the secret of tomorrow is not there yet: %s", error)
        pause.wait(_SECONDS_BETWEEN_LOOKS)


def _opened(article_id: str, environ: WSGIEnvironment, proxies: int) -> Opened:
    return Opened(
        article_id,
        int(time.time()),
        client_address(
            environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", ""), proxies
        ),
        environ.get("HTTP_USER_AGENT", ""),
        (
            environ.get("HTTP_SEC_PURPOSE")
            or environ.get("HTTP_PURPOSE")
            or environ.get("HTTP_X_MOZ")
            or ""
        ),
    )


def _is_chunked(environ: WSGIEnvironment) -> bool:
    return "HTTP_TRANSFER_ENCODING" in environ
