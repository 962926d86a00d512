"""The process behind the web processes: it runs the Flask application, and they pass on to it.

Whatever renders or reads the store takes processor time, and would take it from the thread that
answers feeds if it were in the same process.
"""

import http.client
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
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
_NO_STORE = ("Cache-Control", "no-store")
_UNAVAILABLE = plain(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "This cannot be answered just now.",
    ("Retry-After", "5"),
    _NO_STORE,
)
_TIMEOUT = plain(
    HTTPStatus.REQUEST_TIMEOUT,
    f"Nothing of the request's body came for {_SECONDS_FOR_A_PIECE:g} seconds.",
    ("Connection", "close"),
    _NO_STORE,
)


class Upstream:
    """A WSGI application that passes requests on to a Unix socket, `places` of them at once."""

    def __init__(self, path: Path, places: int) -> None:
        self._path = path
        self._places = threading.BoundedSemaphore(places)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the process behind does; 503 while it does not."""
        if not self._places.acquire(blocking=False):
            return answered(BUSY, environ, start_response)
        connection = _Connection(self._path)

        def end() -> None:
            connection.close()
            self._places.release()

        try:
            response = _response(connection, environ)
        except TimeoutError as error:
            reply = _TIMEOUT if isinstance(error, _BodyTimeout) else _UNAVAILABLE
        except (OSError, http.client.HTTPException):
            reply = _UNAVAILABLE
        else:
            headers = [each for each in response.getheaders() if each[0].lower() not in _HOP_BY_HOP]
            start_response(f"{response.status} {response.reason}", headers)
            return Closing(iter(partial(response.read1, _PIECE_BYTES), b""), end)
        end()
        return answered(reply, environ, start_response)


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
    """A client sends nothing of a body that it announced."""


def _response(connection: _Connection, environ: WSGIEnvironment) -> http.client.HTTPResponse:
    """Send a request, and read the head of its answer; raises OSError or HTTPException."""
    target = quote(environ["PATH_INFO"].encode("latin-1"), safe="/:@!$&'()*+,;=-._~")
    if environ["QUERY_STRING"]:
        target += f"?{environ['QUERY_STRING']}"
    headers = dict(_headers(environ))
    is_chunked = "HTTP_TRANSFER_ENCODING" in environ
    if is_chunked:  # RFC 9112, 6.3: then a length means nothing
        headers.pop("Content-Length", None)
        headers["Transfer-Encoding"] = "chunked"
    has_body = is_chunked or headers.get("Content-Length", "0") != "0"
    # It may answer before it has the whole body, as when it refuses that.
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.request(
            environ["REQUEST_METHOD"],
            target,
            _pieces(environ["wsgi.input"]) if has_body else None,
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

    A read cannot be interrupted, so it is left to a thread that nobody has to wait for. The server
    ends that read when the request is answered.
    """
    wanted, pieces = SimpleQueue[int](), SimpleQueue[bytes]()

    def read() -> None:
        while size := wanted.get():
            pieces.put(body.read(size))

    threading.Thread(target=read, name="body", daemon=True).start()
    try:
        while True:
            wanted.put(_PIECE_BYTES)
            piece = pieces.get(timeout=_SECONDS_FOR_A_PIECE)
            if not piece:
                return
            yield piece
    except Empty:
        raise _BodyTimeout from None
    finally:
        wanted.put(0)
