"""A status line, headers and a body, made once and sent many times."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIEnvironment

HeaderList = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent; nobody may change `headers`."""

    status: str
    headers: HeaderList
    body: bytes = b""


def plain(status: HTTPStatus, text: str, *headers: tuple[str, str]) -> Reply:
    """Prepare a short answer for people and machines alike."""
    body = f"{text}\n".encode()
    return Reply(
        line(status),
        [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("X-Content-Type-Options", "nosniff"),
            ("Access-Control-Allow-Origin", "*"),
            ("Content-Length", str(len(body))),
            *headers,
        ],
        body,
    )


def preflight(methods: str, headers: str) -> Reply:
    """Tell a browser what scripts of other sites may send (Fetch, CORS-preflight), for a day."""
    return Reply(
        line(HTTPStatus.NO_CONTENT),
        [
            ("Allow", f"{methods}, OPTIONS"),
            ("Access-Control-Allow-Origin", "*"),
            ("Access-Control-Allow-Methods", methods),
            ("Access-Control-Allow-Headers", headers),
            ("Access-Control-Max-Age", "86400"),
        ],
    )


def moved(address: str) -> Reply:
    """Prepare a permanent redirection; `address` is percent-encoded."""
    lasting = ("Cache-Control", "public, max-age=86400")
    status = HTTPStatus.MOVED_PERMANENTLY
    return plain(status, f"This is at {address}", ("Location", address), lasting)


def gone() -> Reply:
    """Prepare the answer that ends a subscription, or what is left of a page, for good."""
    lasting = ("Cache-Control", "public, max-age=86400")
    return plain(HTTPStatus.GONE, "This is gone for good.", lasting)


def line(status: HTTPStatus) -> str:
    """Give the status line of WSGI: `304 Not Modified`."""
    return f"{status.value} {status.phrase}"


def answered(
    reply: Reply, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Answer a request of WSGI; the body is a list, which granian sends in one piece."""
    start_response(reply.status, reply.headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [reply.body]


class Closing:
    """A body of WSGI with something to do when the server has sent it (PEP 3333, `close`)."""

    def __init__(self, body: Iterable[bytes], then: Callable[[], object]) -> None:
        self._body = body
        self._then = then

    def __iter__(self) -> Iterator[bytes]:
        """Give the parts of the body."""
        return iter(self._body)

    def close(self) -> None:
        """End the body, and then do what is left to do."""
        try:
            if close := getattr(self._body, "close", None):
                close()
        finally:
            self._then()


BUSY = plain(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Too many requests wait for an answer just now.",
    ("Retry-After", "5"),
    ("Cache-Control", "no-store"),
)
