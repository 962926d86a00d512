"""The WSGI callable in front of Flask: it answers published documents and passes on the rest.

Flask's routing costs several times what such an answer does.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from feeds.errors import StoreError
from feeds.web.addresses import canonical, moved_to
from feeds.web.reply import Reply, gone, moved, plain
from feeds.web.shelf import PREFIX, Shelf

_BRIEFLY = ("Cache-Control", "public, max-age=60")
_NOT_FOUND = plain(HTTPStatus.NOT_FOUND, "There is no such feed.", _BRIEFLY)
_NOT_ALLOWED = plain(
    HTTPStatus.METHOD_NOT_ALLOWED, "Feeds are read with GET or HEAD.", ("Allow", "GET, HEAD")
)
_UNAVAILABLE = plain(
    HTTPStatus.SERVICE_UNAVAILABLE, "This feed cannot be read just now.", ("Retry-After", "30")
)


class Front:
    """Answer `/feeds/…` from the shelf; hand everything else to the application behind.

    `moved` is the configuration's: what was renamed, and what is gone.
    """

    def __init__(
        self, shelf: Shelf, application: WSGIApplication, moved: Mapping[str, str]
    ) -> None:
        self._shelf = shelf
        self._application = application
        self._moved = moved

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        path: str = environ["PATH_INFO"]
        answer = self._shelf.held(path)
        if answer is None and not path.startswith(PREFIX):
            return self._application(environ, start_response)
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            reply = _NOT_ALLOWED
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
            answer = None if moved_to(name, self._moved) else self._shelf.get(name)
            return answer.choose(environ) if answer else self._elsewhere(name, environ)
        except UnicodeDecodeError:
            return _NOT_FOUND
        except StoreError:
            return _UNAVAILABLE

    def _elsewhere(self, name: str, environ: WSGIEnvironment) -> Reply:
        """Send on to the one address of what is meant, if there is such a thing."""
        meant = canonical(name)
        meant = moved_to(meant, self._moved) or meant
        if meant == "gone":
            return gone()
        if meant == name or self._shelf.get(meant) is None:
            return _NOT_FOUND
        return moved(f"{environ.get('SCRIPT_NAME', '')}{PREFIX}{quote(meant)}")
