"""The beacon: a page says that a reader opened an article, and one line is written down.

It stands in front of Flask, whose routing costs several times what this does.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from feeds.errors import SpoolError, StoreError
from feeds.views import Days, Opened, Spool, Visitors, client_address
from feeds.views.address import read_origin
from feeds.web.known import KnownIds
from feeds.web.reply import Reply, answered
from feeds.web.viewed import (
    COUNTED,
    GET_ONLY,
    NOT_FOUND,
    PIXEL,
    PIXEL_PREFLIGHT,
    POST_ONLY,
    PREFLIGHT,
    TOO_LARGE,
    UNAVAILABLE,
)

logger = logging.getLogger(__name__)

PREFIX = "/views/"
_GIF_SUFFIX = ".gif"
_MOST_BYTES = 4096  # of a body that nobody reads
_MOST_DIGITS = 4
_SECONDS_BETWEEN_LOOKS = 60.0
_SECONDS_WELL = 60.0  # without a refusal, and the fault is over: a disk may be full now and then

_UNKNOWN_PROXY = (
    "views come through a proxy, but views.proxies is 0: every reader has that proxy's address, so"
    " hardly any of them counts. Set views.proxies to the number of your proxies, and let each"
    " append the address of its client to X-Forwarded-For"
)


# Gives the id that an address names, empty if it is no article's, None if that is not known yet.
_Find = Callable[[str], str | None]


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
        self._looks_for_proxy = not proxies
        self._refusals = _Refusals()

    def held(self, environ: WSGIEnvironment) -> Reply | None:
        """Give the reply if it takes nothing but memory and the spool."""
        if not self._visitors.days.are_ready(int(time.time())):
            return None
        return self._reply(environ, self._ids.held)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333), and wait for the store if need be."""
        reply = self._reply(environ, self._ids.named)
        if reply is None:
            return self._application(environ, start_response)
        return answered(reply, environ, start_response)

    def _reply(self, environ: WSGIEnvironment, find: _Find) -> Reply | None:
        path: str = environ["PATH_INFO"]
        if not path.startswith(PREFIX):
            return None
        name, method = path[len(PREFIX) :], environ["REQUEST_METHOD"]
        is_pixel = name.endswith(_GIF_SUFFIX)
        if method == "OPTIONS":
            return PIXEL_PREFLIGHT if is_pixel else PREFLIGHT
        if method == "POST":
            return self._view(find(name), environ, COUNTED) if _is_empty(environ) else TOO_LARGE
        if not is_pixel:
            return POST_ONLY
        if method not in ("GET", "HEAD"):
            return GET_ONLY
        return self._view(find(name.removesuffix(_GIF_SUFFIX)), environ, PIXEL)

    def _view(
        self, article_id: str | None, environ: WSGIEnvironment, counted: Reply
    ) -> Reply | None:
        """Count a view; None where the store has to say whether there is such an article."""
        if not article_id:
            return article_id if article_id is None else NOT_FOUND
        if environ["REQUEST_METHOD"] == "HEAD":  # somebody tests the address; nobody read anything
            return counted
        if self._looks_for_proxy and _came_through_proxy(environ):
            self._looks_for_proxy = False
            logger.warning(_UNKNOWN_PROXY)
        try:
            self._spool.append(self._visitors.view(_opened(article_id, environ, self._proxies)))
        except (SpoolError, StoreError) as error:
            self._refusals.add(error)
            return UNAVAILABLE
        if self._refusals.number:
            self._refusals.end()
        return counted


class _Refusals:
    """Views that could not be kept: the log is told of the first and, when it is over, how many."""

    def __init__(self) -> None:
        self.number = 0
        self._last = 0.0

    def add(self, error: SpoolError | StoreError) -> None:
        if not self.number:
            logger.error("views are answered 503 and do not count: %s", error)
        self.number += 1
        self._last = time.monotonic()

    def end(self) -> None:
        """Tell that views are kept again, if they have been for a while."""
        if time.monotonic() - self._last >= _SECONDS_WELL:
            logger.warning("views count again; %d did not", self.number)
            self.number = 0


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
            or environ.get("HTTP_X_PURPOSE")
            or environ.get("HTTP_X_MOZ")
            or ""
        ),
    )


def _came_through_proxy(environ: WSGIEnvironment) -> bool:
    """Say whether somebody near by asks for a client; `or`, as this is asked for every view."""
    if not (
        "HTTP_X_FORWARDED_FOR" in environ
        or "HTTP_X_REAL_IP" in environ
        or "HTTP_FORWARDED" in environ
    ):
        return False
    address = read_origin(environ.get("REMOTE_ADDR", "")).address
    return address is None or not address.is_global


def _is_empty(environ: WSGIEnvironment) -> bool:
    """Say whether a body, which nobody reads, is as short as none."""
    length = environ.get("CONTENT_LENGTH") or "0"
    # Python refuses to read a number of very many digits.
    is_short = len(length) <= _MOST_DIGITS and length.isdecimal() and int(length) <= _MOST_BYTES
    return is_short and "HTTP_TRANSFER_ENCODING" not in environ
