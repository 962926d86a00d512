"""Pages that the application makes when they are asked for, as one web process serves them.

The web process is a shared cache in front of the application (RFC 9111): it keeps a page until
anything changes in the store, and then asks whether its copy is still right.
"""

import threading
import time
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import werkzeug
from werkzeug.http import parse_cache_control_header

from feeds.config import Config
from feeds.model import Document
from feeds.pages import HTML, Templates
from feeds.rendition import encoded
from feeds.web.cache import Cache
from feeds.web.documents import DocumentResponses, page_headers, responses_to
from feeds.web.response import API, Response

_LOCKS = 1024  # so many that pages seldom wait for another one, such as a search of the desk
# A page is for all readers: what one of them accepts or has is not for the application.
_OF_A_READER = ("HTTP_ACCEPT_ENCODING", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE", "HTTP_IF_RANGE")


class MadePages:
    """A WSGI application: answers pages from the cache, and asks the application for the others.

    Of the requests for one page only one is passed on; the others wait for its answer. Readers of
    a page get a page in its place while it cannot be made.
    """

    def __init__(self, cache: Cache, application: WSGIApplication, config: Config) -> None:
        self._cache = cache
        self._application = application
        self._config = config
        templates = Templates(config)
        self._errors = {f"{status}": templates.error(status) for status in (500, 503)}
        self._locks = [threading.Lock() for _ in range(_LOCKS)]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._application(environ, start_response)
        with self._locks[hash(path) % _LOCKS]:
            page = self._cache.get(path)
            response = page.choose(environ) if page else self._ask(path, environ)
        return self.for_people(path, response)(environ, start_response)

    def for_people(self, path: str, response: Response) -> Response:
        """Replace the text of an error by a page, except where programs ask."""
        page = self._errors.get(response.status.partition(" ")[0])
        # The desk has a page of its own, and /readyz answers in JSON.
        is_text = dict(response.headers).get("Content-Type", "").startswith("text/plain")
        if not (page and is_text) or path.startswith(API) or "." in path.rpartition("/")[2]:
            return response
        old = ("Content-Type", "Content-Length")
        headers = [header for header in response.headers if header[0] not in old]
        new = [("Content-Type", HTML), ("Content-Length", str(len(page)))]
        policies = [each for each in page_headers(HTML) if each[0] != "Cache-Control"]
        return Response(response.status, headers + new + policies, page)

    def _ask(self, path: str, environ: WSGIEnvironment) -> Response:
        state, stale = self._cache.state, self._cache.stale(path)
        asked = {k: v for k, v in environ.items() if k not in _OF_A_READER}
        asked |= {"REQUEST_METHOD": "GET", "HTTP_IF_NONE_MATCH": stale.etag if stale else ""}
        taken = werkzeug.Response.from_app(self._application, asked, buffered=True)
        response = Response(taken.status, list(taken.headers), taken.get_data())
        is_same = stale is not None and response.status.startswith("304")
        page = stale if is_same else self._page(path, response, stale)
        if page is None:
            return response
        self._cache.keep_page(path, page, state)
        return page.choose(environ)

    def _page(
        self, path: str, response: Response, stale: DocumentResponses | None
    ) -> DocumentResponses | None:
        """Make a page of a response that may be kept, also if it says that there is no page."""
        headers = dict(response.headers)
        kept = parse_cache_control_header(headers.get("Cache-Control"))
        if response.status.startswith("404") and not kept.no_store:
            return DocumentResponses.only(response)
        # A file is sent with its own headers.
        is_page = "ETag" in headers and "Last-Modified" not in headers
        if not response.status.startswith("200") or not is_page or kept.no_store:
            return None
        now = int(time.time())
        document = Document(
            path=path.encode("latin-1").decode(errors="replace"),
            media_type=headers["Content-Type"],
            etag=headers["ETag"],
            last_modified=max(now, stale.last_modified + 1) if stale else now,
            pace=None,
            bodies=encoded(response.body),
            deltas={},
        )
        return responses_to(document, self._config)
