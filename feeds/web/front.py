"""The WSGI callable in front of Flask: it answers published documents and passes on the rest.

Flask's routing costs several times what such an answer does.
"""

from collections.abc import Iterable
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from feeds.config import Config
from feeds.errors import StoreError
from feeds.web.addresses import moved_to
from feeds.web.reply import Reply, plain, preflight
from feeds.web.shelf import PREFIX, Shelf

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

    def __init__(self, shelf: Shelf, application: WSGIApplication, config: Config) -> None:
        self._shelf = shelf
        self._application = application
        self._config = config

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        path: str = environ["PATH_INFO"]
        answer = self._shelf.held(path)
        if answer is None and not path.startswith(PREFIX):
            return self._application(environ, start_response)
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            reply = _PREFLIGHT if method == "OPTIONS" else _NOT_ALLOWED
        else:
            found = answer.choose(environ) if answer else self._find(path, environ)
            if found is None:
                return self._application(environ, start_response)
            reply = found
        start_response(reply.status, reply.headers)
        # A list: granian sends that in one piece.
        return [] if method == "HEAD" else [reply.body]

    def _find(self, path: str, environ: WSGIEnvironment) -> Reply | None:
        """Answer for a document that is not in memory; None where there is none at this address."""
        try:
            # PEP 3333: a path comes as its bytes, each in one Latin-1 character.
            name = path[len(PREFIX) :].encode("latin-1").decode()
            # PostgreSQL would refuse to look for a NUL.
            if "\0" in name or moved_to(name, self._config.moved):
                return None
            answer = self._shelf.get(name)
        except UnicodeDecodeError:
            return None
        except StoreError:
            return _UNAVAILABLE
        return answer.choose(environ) if answer else None
