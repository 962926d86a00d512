"""The WSGI callable in front of Flask: it answers published documents and passes on the rest.

Flask's routing costs several times what such an answer does.
"""

from collections.abc import Iterable
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from feeds.catalog import document_url
from feeds.config import Config
from feeds.errors import StoreError
from feeds.web.addresses import GONE, canonical, moved_to
from feeds.web.reply import Reply, gone, moved, plain, preflight
from feeds.web.shelf import PREFIX, Shelf

_BRIEFLY = ("Cache-Control", "public, max-age=60")
_NOT_FOUND = plain(HTTPStatus.NOT_FOUND, "There is no such feed.", _BRIEFLY)
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
    """Answer `/feeds/…` from the shelf; hand everything else to the application behind."""

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
            reply = answer.choose(environ) if answer else self._find(path, environ)
        start_response(reply.status, reply.headers)
        # A list: granian sends that in one piece.
        return [] if method == "HEAD" else [reply.body]

    def _find(self, path: str, environ: WSGIEnvironment) -> Reply:
        """Answer for what is not in memory: not yet, not there, or elsewhere."""
        try:
            # PEP 3333: a path comes as its bytes, each in one Latin-1 character.
            name = path[len(PREFIX) :].encode("latin-1").decode()
            if "\0" in name:  # PostgreSQL would refuse to look for it
                return _NOT_FOUND
            answer = None if moved_to(name, self._config.moved) else self._shelf.get(name)
            return answer.choose(environ) if answer else self._elsewhere(name)
        except UnicodeDecodeError:
            return _NOT_FOUND
        except StoreError:
            return _UNAVAILABLE

    def _elsewhere(self, name: str) -> Reply:
        """Send on to the one address of what is meant, if there is such a thing."""
        meant = canonical(name)
        meant = moved_to(meant, self._config.moved) or meant
        if meant == GONE:
            return gone()
        if meant == name or self._shelf.get(meant) is None:
            return _NOT_FOUND
        return moved(document_url(meant, self._config))
