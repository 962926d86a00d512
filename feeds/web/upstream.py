"""The application process behind the web processes: how they pass requests on to it.

It runs the Flask application. Rendering a page or reading the store takes processor time; in a web
process it would slow down the thread that sends feeds.
"""

import http.client
import socket
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from urllib.parse import quote
from wsgiref.types import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.datastructures import EnvironHeaders
from werkzeug.http import is_hop_by_hop_header
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wsgi import ClosingIterator

from feeds.web.response import NO_STORE, fault, unavailable
from feeds.web.streaming import spooled

_SECONDS_FOR_A_RESPONSE = 30.0
_SECONDS_FOR_A_PIECE = 10.0  # of a request's body
_PIECE_BYTES = 2**16
_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_UNAVAILABLE = unavailable("This service is not available just now.", 5)
_TIMEOUT = fault(
    "408 Request Timeout",
    f"The request's body stopped for {_SECONDS_FOR_A_PIECE:g} seconds.",
    ("Connection", "close"),
    NO_STORE,
)


class Upstream:
    """A WSGI application that passes requests on to a Unix socket."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the application process does; 503 while it does not."""
        with ExitStack() as stack:
            connection = _Connection(self._path)
            stack.callback(connection.close)
            at_last = stack.enter_context(ExitStack())  # when no thread reads the response
            # A read of the body cannot be interrupted, so a thread of its own does it. It must end
            # before the request: granian would wait for it with Python's lock held, and so stop
            # all threads.
            threads = stack.enter_context(ThreadPoolExecutor(3, "body"))
            stack.callback(connection.end)
            is_duplex = _is_duplex(environ)
            try:
                response = _response(connection, environ, threads)
                at_last.callback(response.close)
                # To its end: the server sends it on, so that a slow client holds no place here.
                body = [] if is_duplex else [response.read()]
            except _BodyTimeout:  # the reader still waits; the response must be sent before
                return ClosingIterator(_TIMEOUT(environ, start_response), stack.pop_all().close)
            except (OSError, http.client.HTTPException):
                return _UNAVAILABLE(environ, start_response)
            # The web process dates its responses itself.
            headers = [
                (name, value)
                for name, value in response.getheaders()
                if name.lower() != "date" and not is_hop_by_hop_header(name)
            ]
            start_response(f"{response.status} {response.reason}", headers)
            if is_duplex:
                return ClosingIterator(spooled(response, threads), stack.pop_all().close)
        return body


def upstream_server(path: Path, application: WSGIApplication) -> BaseWSGIServer:
    """Make the server that `Upstream` passes requests on to, with a thread for each."""
    return make_server(f"unix://{path}", 0, application, threaded=True, request_handler=_Handler)


class _Handler(WSGIRequestHandler):
    """Logs no requests: the paper's web server writes an access log."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_SECONDS_FOR_A_RESPONSE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_SECONDS_FOR_A_RESPONSE)
        self.sock.connect(str(self._path))

    def end(self) -> None:
        """End what other threads send and receive."""
        if self.sock:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


class _BodyTimeout(Exception):
    """A client has stopped sending a body."""


def _is_duplex(environ: WSGIEnvironment) -> bool:
    """Say whether a response begins while its request's body is still sent."""
    return (environ["REQUEST_METHOD"], environ["PATH_INFO"]) == ("POST", "/api/articles")


def _response(
    connection: _Connection, environ: WSGIEnvironment, threads: ThreadPoolExecutor
) -> http.client.HTTPResponse:
    """Send a request, and read the head of the response; raises OSError or HTTPException.

    A duplex request is sent in a thread meanwhile.
    """
    connection.connect()
    is_chunked, sending = "HTTP_TRANSFER_ENCODING" in environ, None
    if _is_duplex(environ):
        # Not chunked: then the application need not wait for a whole chunk.
        coding = "identity" if is_chunked else ""
        sending = threads.submit(_send, connection, environ, coding, threads)
        # The lines that have come are saved and answered, also if no others come.
        sending.add_done_callback(lambda _: connection.sock.shutdown(socket.SHUT_WR))
    else:
        _send(connection, environ, "chunked" if is_chunked else "", threads)
    # The connection's own method would wait for the whole request, and close the connection.
    response = http.client.HTTPResponse(connection.sock, method=environ["REQUEST_METHOD"])
    response.begin()
    if sending and sending.done() and isinstance(error := sending.exception(), _BodyTimeout):
        response.close()
        raise error
    return response


def _send(
    connection: _Connection, environ: WSGIEnvironment, coding: str, threads: ThreadPoolExecutor
) -> None:
    """Send a request, its body in a transfer coding if its length is not known."""
    target = quote(environ["PATH_INFO"].encode("latin-1"), safe="/:@!$&'()*+,;=-._~")
    if query := environ["QUERY_STRING"]:  # as it came; some clients leave UTF-8 in it
        target += f"?{quote(query, safe=_ASCII)}"
    sent = EnvironHeaders(environ)
    headers = {name: value for name, value in sent if not is_hop_by_hop_header(name)}
    # As a proxy does: it is the only one who sees the client's address.
    forwarded = environ.get("HTTP_X_FORWARDED_FOR"), environ.get("REMOTE_ADDR")
    headers["X-Forwarded-For"] = ", ".join(filter(None, forwarded))
    if coding:  # RFC 9112, 6.3: then a length means nothing
        headers.pop("Content-Length", None)
        headers["Transfer-Encoding"] = coding
    has_body = coding or environ.get("CONTENT_LENGTH", "") not in ("", "0")
    # The response may come before the whole body is sent, as when it refuses that.
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.request(
            environ["REQUEST_METHOD"],
            target,
            _pieces(environ["wsgi.input"], coding, threads) if has_body else None,
            headers,
            encode_chunked=coding == "chunked",
        )
        # A body shorter than announced, as when its client has left, is not waited for.
        connection.sock.shutdown(socket.SHUT_WR)


def _read_line(body: InputStream) -> bytes:
    """Read a line, or a piece of a long line.

    Byte by byte: granian waits for all bytes that are asked for, and its `readline` for others.
    """
    line = bytearray()
    while byte := body.read(1):
        line += byte
        if byte == b"\n" or len(line) == _PIECE_BYTES:
            break
    return bytes(line)


def _pieces(body: InputStream, coding: str, threads: ThreadPoolExecutor) -> Iterator[bytes]:
    """Give a body piece by piece; raises _BodyTimeout when the next piece does not come."""
    read = partial(_read_line, body) if coding == "identity" else partial(body.read, _PIECE_BYTES)
    try:
        while piece := threads.submit(read).result(_SECONDS_FOR_A_PIECE):
            yield piece
    except TimeoutError:
        raise _BodyTimeout from None
