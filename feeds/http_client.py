"""Requests to other servers, within bounds of time and size.

All end in time. A host is resolved once, and connected to at an address that was checked: a
stranger's request leads to public addresses only. A connection serves one request: none stays open
for a host that is called once an hour.
"""

import logging
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, cast
from urllib.parse import urljoin

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, MaxRetryError

from feeds import __version__
from feeds.errors import FetchError, NotFoundError
from feeds.text import one_line

# An odd header would be a traceback in the log, which a stranger could repeat at will.
logging.getLogger("urllib3").setLevel(logging.ERROR)

_HEADERS = {"User-Agent": f"feeds/{__version__}"}
_LARGEST_DOCUMENT = 50_000_000  # bytes
_LARGEST_ANSWER = 65_536
_SECONDS_FOR_A_DOCUMENT, _SECONDS_FOR_AN_ANSWER = 30.0, 10.0
# Only redirects: another try tells nothing new, and the server would say how long to wait for it.
_REDIRECTS = urllib3.Retry(5, connect=0, read=0, other=0, respect_retry_after_header=False)
_LATER = urllib3.Retry(retry_after_max=86_400)

_SHARE_FOR_AN_ADDRESS = 0.3
_UNICAST = IPv6Network("2000::/3")
# Mapped addresses, and those of a network that reaches IPv4 through a translator (RFC 6052).
_CARRYING_IPV4 = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
_FIRST_FREE_PORT = 1024  # below it are mail, shells and the like


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document, at the URL that redirects led to; the names of its headers are in any case."""

    url: str
    body: bytes
    headers: Mapping[str, str]


def fetch(url: str) -> Fetched:
    """Get a document; raises FetchError, whose message is one line.

    Each of the redirects on the way has 30 seconds, as the document itself.
    """
    seconds = _SECONDS_FOR_A_DOCUMENT
    with _response("GET", url, seconds, headers=_HEADERS, retries=_REDIRECTS) as response:
        if response.status != HTTPStatus.OK:
            fault = NotFoundError if response.status == HTTPStatus.NOT_FOUND else FetchError
            raise fault(f"the server answers {response.status} {response.reason}")
        body = response.read(_LARGEST_DOCUMENT + 1)
        if len(body) > _LARGEST_DOCUMENT:
            raise FetchError(f"it is longer than {_LARGEST_DOCUMENT} bytes")
    for hop in response.retries.history if response.retries else ():
        url = urljoin(url, hop.redirect_location or "")
    return Fetched(url, body, response.headers)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, cut after 64 KiB; `retry_after` is in seconds, 0 if it does not say."""

    status: int
    body: bytes
    retry_after: int = 0


def request(
    method: str,
    url: str,
    body: bytes | None = None,
    headers: Mapping[str, str] = {},
    *,
    only_public: bool,
) -> Answer:
    """Make a request to the URL alone, within ten seconds: no redirect, and no proxy.

    With `only_public` a host is called only if all of its addresses are public, at a port of the
    web. Raises FetchError, whose message is one line.
    """
    with _response(
        method,
        url,
        _SECONDS_FOR_AN_ANSWER,
        only_public=only_public,
        body=body,
        headers={**_HEADERS, **headers},
        retries=False,
        redirect=False,
        decode_content=False,
    ) as response:
        return Answer(response.status, response.read(_LARGEST_ANSWER), _retry_after(response))


@contextmanager
def _response(
    method: str, url: str, seconds: float, *, only_public: bool = False, **options: Any
) -> Iterator[urllib3.BaseHTTPResponse]:
    """Make a request that ends after some seconds, however slowly the server sends."""
    pool = urllib3.PoolManager(timeout=urllib3.Timeout(total=seconds), ssl_context=tls())
    pool.pool_classes_by_scheme = _PUBLIC if only_public else _ANY
    try:
        with pool, pool.request(method, url, preload_content=False, **options) as response:
            yield response
    except (HTTPError, ValueError) as error:
        raise FetchError(_reason(error)) from error


def _reason(error: HTTPError | ValueError) -> str:
    """Tell in one line why a request failed."""
    cause: object = error.reason if isinstance(error, MaxRetryError) else error
    if isinstance(cause, HTTPError) and isinstance(cause.args[-1], Exception):
        cause = cause.args[-1]
    if isinstance(cause, TimeoutError | urllib3.exceptions.TimeoutError):
        return "no complete response came in time"
    # urllib3 puts its connection first: HTTPConnection(host='127.0.0.1', port=1): …
    return one_line(str(cause).rpartition("): ")[2])


def _retry_after(response: urllib3.BaseHTTPResponse) -> int:
    """Give the seconds of a Retry-After header, a day at most; 0 if it is missing or unreadable."""
    try:
        return round(_LATER.get_retry_after(response) or 0)
    except (HTTPError, ValueError, OverflowError):
        return 0


class _Socket(socket.socket):
    """A socket whose timeout is for all that follows together, not for each wait."""

    def settimeout(self, value: float) -> None:  # type: ignore[override]  # never None
        self._end = time.monotonic() + value
        super().settimeout(value)

    def recv_into(self, *arguments: Any) -> int:
        self._hurry()
        return super().recv_into(*arguments)

    def send(self, *arguments: Any) -> int:
        self._hurry()
        return super().send(*arguments)

    def sendall(self, *arguments: Any) -> None:
        self._hurry()
        super().sendall(*arguments)

    def _hurry(self) -> None:
        super().settimeout(_seconds_until(self._end))


class _TlsSocket(_Socket, ssl.SSLSocket):
    pass


@cache
def tls() -> ssl.SSLContext:
    """Give the context of all connections; to make one takes as long as many requests."""
    context = ssl.create_default_context()
    context.sslsocket_class = _TlsSocket
    return context


def _connect(host: str, port: int, seconds: float, *, only_public: bool) -> socket.socket:
    """Connect to the first address that answers; the time that resolving takes counts."""
    end, fault = time.monotonic() + seconds, None
    for *kind, _, address in _addresses(host, port, only_public=only_public):
        connection = _Socket(*kind)
        try:
            connection.settimeout(min(seconds * _SHARE_FOR_AN_ADDRESS, _seconds_until(end)))
            connection.connect(address)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(_seconds_until(end))
        except OSError as error:
            connection.close()
            fault = error
        else:
            return connection
    raise FetchError(f"no connection: {fault}")


def _addresses(host: str, port: int, *, only_public: bool) -> list[Any]:
    """Resolve a host; with `only_public` all of its addresses have to be public.

    Resolving has no timeout, but it ends: the system asks each name server twice, for five seconds.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # UnicodeError: a name that IDNA does not allow
        raise FetchError(f"no host of that name: {error}") from error
    if only_public and not all(_is_public(str(address[0]), port) for *_, address in found):
        raise FetchError("it is not at a public address, or not at a port of the web")
    return found


def _seconds_until(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


def _is_public(address: str, port: int) -> bool:
    """Say whether an address, or the IPv4 address in it, is global, and a port is of the web.

    6to4 and Teredo, which carry one too, are out of use: they are never public here.
    """
    ip = ip_address(address)
    if isinstance(ip, IPv6Address) and any(ip in network for network in _CARRYING_IPV4):
        ip = IPv4Address(ip.packed[-4:])
    if isinstance(ip, IPv6Address):
        is_unicast = ip in _UNICAST and not ip.sixtofour
    else:
        is_unicast = not ip.is_multicast
    return ip.is_global and is_unicast and (port in (80, 443) or port >= _FIRST_FREE_PORT)


def _pools(*, only_public: bool) -> dict[str, type[HTTPConnectionPool]]:
    """Give the pool of each scheme; urllib3 takes classes for them and their connections."""

    def connect(self: HTTPConnection) -> socket.socket:
        seconds = cast("float", self.timeout)
        return _connect(self.host, self.port, seconds, only_public=only_public)

    own = {"_new_conn": connect}
    http, https = type("Http", (HTTPConnection,), own), type("Https", (HTTPSConnection,), own)
    return {
        "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": http}),
        "https": type("TlsPool", (HTTPSConnectionPool,), {"ConnectionCls": https}),
    }


_ANY, _PUBLIC = _pools(only_public=False), _pools(only_public=True)
