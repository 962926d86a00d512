"""HTTP responses that are made once and sent many times."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

API = "/api/"
"""Where the addresses for the CMS begin."""

A_DAY = 86_400
NO_STORE = ("Cache-Control", "no-store")
FOR_A_DAY = ("Cache-Control", f"public, max-age={A_DAY}")
CORS = ("Access-Control-Allow-Origin", "*")
NO_SNIFF = ("X-Content-Type-Options", "nosniff")


@dataclass(frozen=True, slots=True)
class Response:
    """A WSGI application that sends the same response to every request; never change `headers`."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes = b""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send the response; granian sends a body that is a list in one piece."""
        start_response(self.status, self.headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.body]


def plain(status: str, text: str, *headers: tuple[str, str]) -> Response:
    """Make a short text response."""
    media_type = ("Content-Type", "text/plain; charset=utf-8")
    return _whole(status, f"{text}\n", media_type, NO_SNIFF, CORS, *headers)


def problem(status: str, detail: str, *headers: tuple[str, str], **more: object) -> Response:
    """Make a response that says why the API refuses a request, and has `more` keys (RFC 9457)."""
    code, _, title = status.partition(" ")
    about = {"title": title, "status": int(code), "detail": detail, **more}
    body = json.dumps(about, ensure_ascii=False)
    return _whole(status, f"{body}\n", ("Content-Type", "application/problem+json"), *headers)


def fault(status: str, text: str, *headers: tuple[str, str]) -> WSGIApplication:
    """Make a response that is a problem for a client of the API, and text for all others."""
    to_readers, to_the_api = plain(status, text, *headers), problem(status, text, *headers)

    def respond(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        is_api = environ["PATH_INFO"].startswith(API)
        return (to_the_api if is_api else to_readers)(environ, start_response)

    return respond


def unavailable(text: str, seconds: int) -> WSGIApplication:
    """Make a response that asks clients to try again after some seconds."""
    return fault("503 Service Unavailable", text, ("Retry-After", f"{seconds}"), NO_STORE)


def not_allowed(text: str, methods: str) -> Response:
    """Make a response that names the methods that an address takes."""
    return plain("405 Method Not Allowed", text, ("Allow", f"{methods}, OPTIONS"), NO_STORE)


def _whole(status: str, text: str, *headers: tuple[str, str]) -> Response:
    body = text.encode()
    return Response(status, [*headers, ("Content-Length", str(len(body)))], body)


def preflight(methods: str, headers: str) -> Response:
    """Tell browsers what scripts of other sites may send (Fetch, CORS-preflight), for a day."""
    return Response(
        "204 No Content",
        [
            ("Allow", f"{methods}, OPTIONS"),
            CORS,
            ("Access-Control-Allow-Methods", methods),
            ("Access-Control-Allow-Headers", headers),
            ("Access-Control-Max-Age", f"{A_DAY}"),
        ],
    )


def moved(url: str) -> Response:
    """Make a permanent redirect to a percent-encoded URL."""
    location = ("Location", url)
    return plain("301 Moved Permanently", f"This is at {url}", location, FOR_A_DAY)


OK = plain("200 OK", "ok", NO_STORE)
GONE = plain("410 Gone", "This is gone for good.", FOR_A_DAY)
"""Ends a subscription; also for pages."""
BUSY = unavailable("Too many requests are waiting; try again soon.", 5)
