"""The WSGI callable in front of Flask: it answers published documents and passes on the rest.

Flask's routing costs several times what such an answer does.
"""

from collections.abc import Iterable
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from feeds.errors import StoreError
from feeds.web.reply import Reply, answered, plain, preflight
from feeds.web.shelf import PREFIX, Shelf

_OK = plain(HTTPStatus.OK, "ok", ("Cache-Control", "no-store"))
_NOT_ALLOWED = plain(
    HTTPStatus.METHOD_NOT_ALLOWED,
    "Feeds are read with GET or HEAD.",
    ("Allow", "GET, HEAD, OPTIONS"),
)
_PREFLIGHT = preflight("GET, HEAD", "If-None-Match, If-Modified-Since, A-IM")
_UNAVAILABLE = plain(
    HTTPStatus.SERVICE_UNAVAILABLE, "This feed cannot be read just now.", ("Retry-After", "30")
)


class Front:
    """Answer published documents from the shelf; hand all else to the application behind."""

    def __init__(self, shelf: Shelf, application: WSGIApplication) -> None:
        self._shelf = shelf
        self._application = application

    def held(self, environ: WSGIEnvironment) -> Reply | None:
        """Give the reply if it takes nothing but memory."""
        path: str = environ["PATH_INFO"]
        method = environ["REQUEST_METHOD"]
        answer = self._shelf.held(path)
        if method == "OPTIONS" and path.startswith(PREFIX):
            return _PREFLIGHT
        if answer is None:
            return _OK if path == "/healthz" else None
        return answer.choose(environ) if method in ("GET", "HEAD") else _NOT_ALLOWED

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333); a document that is not in memory is read first."""
        reply = self.held(environ)
        try:
            if reply is None and self._shelf.read(environ["PATH_INFO"]):
                reply = self.held(environ)
        except StoreError:
            reply = _UNAVAILABLE
        if reply is None:
            return self._application(environ, start_response)
        return answered(reply, environ, start_response)
