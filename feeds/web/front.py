"""The WSGI callable in front of Flask: it answers published documents and passes on the rest.

Flask's routing costs several times what such an answer does.
"""

from collections.abc import Iterable
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from feeds.errors import StoreError
from feeds.web.answer import Reply, plain
from feeds.web.shelf import Shelf

_PREFIX = "/feeds/"
_NOT_FOUND = plain(HTTPStatus.NOT_FOUND, "There is no such feed.")
_NOT_ALLOWED = plain(
    HTTPStatus.METHOD_NOT_ALLOWED, "Feeds are read with GET or HEAD.", ("Allow", "GET, HEAD")
)
_UNAVAILABLE = plain(
    HTTPStatus.SERVICE_UNAVAILABLE, "This feed cannot be read just now.", ("Retry-After", "30")
)


class Front:
    """Answer `/feeds/…` from the shelf; hand everything else to the application behind."""

    def __init__(self, shelf: Shelf, application: WSGIApplication) -> None:
        self._shelf = shelf
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        path = environ["PATH_INFO"]
        if not path.startswith(_PREFIX):
            return self._application(environ, start_response)
        method = environ["REQUEST_METHOD"]
        reply = self._reply(path, environ) if method in ("GET", "HEAD") else _NOT_ALLOWED
        start_response(reply.status, reply.headers)
        return [] if method == "HEAD" else [reply.body]

    def _reply(self, path: str, environ: WSGIEnvironment) -> Reply:
        try:
            # PEP 3333: a path comes as its bytes, each in one Latin-1 character.
            answer = self._shelf.get(path[len(_PREFIX) :].encode("latin-1").decode())
        except UnicodeDecodeError:
            return _NOT_FOUND
        except StoreError:
            return _UNAVAILABLE
        return answer.choose(environ) if answer else _NOT_FOUND
