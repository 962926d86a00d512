"""The beacon: a page reports that a reader opened an article, and a line is spooled."""

import base64
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from wsgiref.types import WSGIEnvironment

from feeds.config import Config
from feeds.errors import SpoolError, StoreError
from feeds.store import Store
from feeds.views import Hit, Spool, Visitors, client_address, read_origin
from feeds.web.cache import ArticleIds
from feeds.web.response import CORS, NO_SNIFF, NO_STORE, Response, not_allowed, plain, preflight

logger = logging.getLogger(__name__)

PREFIX = "/views/"
_PIXEL_SUFFIX = ".gif"
_PURPOSES = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED")
_MOST_BYTES = 4096  # of a body, which is not read
_UNKNOWN_PROXY = (
    "views come through a proxy, but views.proxies is 0: all readers have that proxy's address, so"
    " hardly any of them count. Set views.proxies to the number of your proxies, and let each proxy"
    " append its client's address to X-Forwarded-For"
)

_GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_SHARED = [NO_STORE, CORS, NO_SNIFF]
_COUNTED = Response("204 No Content", _SHARED)
_PIXEL = Response(
    "200 OK",
    [*_SHARED, ("Content-Type", "image/gif"), ("Content-Length", str(len(_GIF)))],
    _GIF,
)
# By whether it is the pixel that is asked for.
_METHODS = {False: "POST", True: "GET, HEAD"}
_PREFLIGHT = {each: preflight(methods, "Content-Type") for each, methods in _METHODS.items()}
_NOT_ALLOWED = {
    each: not_allowed("A view is sent with POST, or with GET to the .gif.", methods)
    for each, methods in _METHODS.items()
}
_NOT_FOUND = plain("404 Not Found", "There is no such article.", NO_STORE)
_TOO_LARGE = plain("413 Content Too Large", "A view has no body.", NO_STORE)
_UNAVAILABLE = plain(
    "503 Service Unavailable", "Views cannot be stored just now.", ("Retry-After", "30"), NO_STORE
)


class Beacon:
    """Answers `/views/…`, and writes each view to a spool of this process."""

    def __init__(self, store: Store, config: Config) -> None:
        self._ids = ArticleIds(lambda ids: store.articles.public(ids, datetime.now(UTC)))
        self._visitors = Visitors(config, store.visits.salt)
        self._spool = Spool(Path(config.views.spool))
        self._proxies = config.views.proxies

    def prepare(self) -> None:
        """Fetch the keys of today and tomorrow before views need them; raises StoreError."""
        self._visitors.prepare(int(time.time()))

    def get(self, environ: WSGIEnvironment) -> Response | None:
        """Give the response if it takes nothing but memory and the spool."""
        is_ready = self._visitors.are_ready(int(time.time()))
        return self._response(environ, self._ids.get) if is_ready else None

    def find(self, environ: WSGIEnvironment) -> Response | None:
        """Give the response, and ask the store if need be; None if it is no request for a view."""
        return self._response(environ, self._ids.find)

    def _response(
        self, environ: WSGIEnvironment, find: Callable[[str], str | None]
    ) -> Response | None:
        path: str = environ["PATH_INFO"]
        if not path.startswith(PREFIX):
            return None
        name, method = path[len(PREFIX) :], environ["REQUEST_METHOD"]
        is_pixel = name.endswith(_PIXEL_SUFFIX)
        if method == "OPTIONS":
            return _PREFLIGHT[is_pixel]
        if method == "POST":
            return self._count(find(name), environ, _COUNTED) if _is_short(environ) else _TOO_LARGE
        if is_pixel and method in ("GET", "HEAD"):
            return self._count(find(name.removesuffix(_PIXEL_SUFFIX)), environ, _PIXEL)
        return _NOT_ALLOWED[is_pixel]

    def _count(
        self, article_id: str | None, environ: WSGIEnvironment, counted: Response
    ) -> Response | None:
        """Spool a view; None if only the store knows whether there is such an article."""
        if not article_id:
            return None if article_id is None else _NOT_FOUND
        if environ["REQUEST_METHOD"] == "HEAD":  # a test of the address, not a reader
            return counted
        if not self._proxies and _came_through_proxy(environ):
            logger.warning(_UNKNOWN_PROXY)
        try:
            self._spool.append(self._visitors.view(_hit(article_id, environ, self._proxies)))
        except (SpoolError, StoreError) as error:
            logger.error("views are answered 503 and do not count: %s", error)  # noqa: TRY400
            return _UNAVAILABLE
        return counted


def _hit(article_id: str, environ: WSGIEnvironment, proxies: int) -> Hit:
    remote, forwarded = environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", "")
    return Hit(
        article_id,
        int(time.time()),
        client_address(remote, forwarded, proxies),
        environ.get("HTTP_USER_AGENT", ""),
        next(filter(None, map(environ.get, _PURPOSES)), ""),
    )


def _came_through_proxy(environ: WSGIEnvironment) -> bool:
    """Say whether a host of the same network names the client that it forwards."""
    if environ.keys().isdisjoint(_FORWARDED):
        return False
    address = read_origin(environ.get("REMOTE_ADDR", "")).address
    return address is None or not address.is_global


def _is_short(environ: WSGIEnvironment) -> bool:
    """Say whether a body is so short that it can be left unread; the server checks the length."""
    is_chunked = "HTTP_TRANSFER_ENCODING" in environ
    return not is_chunked and int(environ.get("CONTENT_LENGTH") or 0) <= _MOST_BYTES
