"""The process behind the web processes: it runs the Flask application, and they pass on to it.

Whatever renders or reads the store takes processor time, and would take it from the thread that
answers feeds if it were in the same process.
"""

import http.client
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from queue import Empty, SimpleQueue
from urllib.parse import quote
from wsgiref.types import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from feeds.web.reply import BUSY, Closing, answered, plain

_SECONDS_FOR_AN_ANSWER = 30.0
_SECONDS_FOR_A_PIECE = 10.0  # of a request's body
_PIECE_BYTES = 2**16
# RFC 9110, 7.6.1: they speak of one connection only.
_HOP_BY_HOP = frozenset(
    "connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding"
    " upgrade expect".split()
)
_ASCII = "".join(map(chr, range(0x21, 0x7F)))
_NO_STORE = ("Cache-Control", "no-store")
_UNAVAILABLE = plain(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "This cannot be answered just now.",
    ("Retry-After", "5"),
    _NO_STORE,
)
_TIMEOUT = plain(
    HTTPStatus.REQUEST_TIMEOUT,
    f"Too little of the request's body came in {_SECONDS_FOR_A_PIECE:g} seconds.",
    ("Connection", "close"),
    _NO_STORE,
)


class Upstream:
    """A WSGI application that passes requests on to a Unix socket, `places` of them at once.

    A third of them may have a body: one that stalls holds its place until the client gives up.
    """

    def __init__(self, path: Path, places: int) -> None:
        self._path = path
        self._places = threading.BoundedSemaphore(places)
        self._bodies = threading.BoundedSemaphore(max(1, places // 3))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the process behind does; 503 while it does not."""
        places = [self._places, self._bodies] if _has_body(environ) else [self._places]
        taken = [place for place in places if place.acquire(blocking=False)]
        connection = _Connection(self._path)

        def end() -> None:
            connection.close()
            for place in taken:
                place.release()

        if len(taken) < len(places):
            end()
            return answered(BUSY, environ, start_response)
        try:
            response = _response(connection, environ)
            # All of it: a client that does not read what it asked for is then left to the server.
            body = [response.read()]
        except _BodyTimeout as error:
            told = answered(_TIMEOUT, environ, start_response)
            return Closing(Closing(told, error.reader.join), end)
        except (OSError, http.client.HTTPException):
            end()
            return answered(_UNAVAILABLE, environ, start_response)
        end()
        headers = [each for each in response.getheaders() if each[0].lower() not in _HOP_BY_HOP]
        start_response(f"{response.status} {response.reason}", headers)
        return body


def upstream_server(path: Path, application: WSGIApplication) -> BaseWSGIServer:
    """Make the server that `Upstream` passes requests on to, with a thread for each."""
    return make_server(f"unix://{path}", 0, application, threaded=True, request_handler=_Handler)


class _Handler(WSGIRequestHandler):
    """Without a log line for each request: the paper's web server writes an access log."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_SECONDS_FOR_AN_ANSWER)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_SECONDS_FOR_AN_ANSWER)
        self.sock.connect(str(self._path))


class _BodyTimeout(TimeoutError):
    """A client does not send the body that it announced, for which `reader` waits."""

    def __init__(self, reader: threading.Thread) -> None:
        super().__init__()
        self.reader = reader


def _has_body(environ: WSGIEnvironment) -> bool:
    return "HTTP_TRANSFER_ENCODING" in environ or environ.get("CONTENT_LENGTH", "") not in ("", "0")


def _response(connection: _Connection, environ: WSGIEnvironment) -> http.client.HTTPResponse:
    """Send a request, and read the head of its answer; raises OSError or HTTPException."""
    target = quote(environ["PATH_INFO"].encode("latin-1"), safe="/:@!$&'()*+,;=-._~")
    if query := environ["QUERY_STRING"]:  # as it came; some clients leave UTF-8 in it
        target += f"?{quote(query, safe=_ASCII)}"
    headers = dict(_headers(environ))
    is_chunked = "HTTP_TRANSFER_ENCODING" in environ
    if is_chunked:  # RFC 9112, 6.3: then a length means nothing
        headers.pop("Content-Length", None)
        headers["Transfer-Encoding"] = "chunked"
    # It may answer before it has the whole body, as when it refuses that.
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.request(
            environ["REQUEST_METHOD"],
            target,
            _pieces(environ["wsgi.input"]) if _has_body(environ) else None,
            headers,
            encode_chunked=is_chunked,
        )
    return connection.getresponse()


def _headers(environ: WSGIEnvironment) -> Iterator[tuple[str, str]]:
    for name, value in environ.items():
        header = name.removeprefix("HTTP_").replace("_", "-").title()
        is_header = name.startswith("HTTP_") or name in ("CONTENT_TYPE", "CONTENT_LENGTH")
        if is_header and value and header.lower() not in _HOP_BY_HOP:
            yield header, value


def _pieces(body: InputStream) -> Iterator[bytes]:
    """Give a body piece by piece; raises _BodyTimeout when the next one does not come.

    A read cannot be interrupted, so it is left to a thread. It must have ended before the request
    does: granian would wait for it with Python's lock held, and so stop all threads.
    """
    wanted, pieces = SimpleQueue[int](), SimpleQueue[bytes]()

    def read() -> None:
        while size := wanted.get():
            pieces.put(body.read(size))

    reader = threading.Thread(target=read, name="body", daemon=True)
    reader.start()
    try:
        while True:
            wanted.put(_PIECE_BYTES)
            piece = pieces.get(timeout=_SECONDS_FOR_A_PIECE)
            if not piece:
                return
            yield piece
    except Empty:
        raise _BodyTimeout(reader) from None
    finally:
        wanted.put(0)
