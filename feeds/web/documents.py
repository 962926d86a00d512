"""The responses to requests for a document, prepared once, and the choice between them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Self
from wsgiref.types import WSGIEnvironment

from werkzeug.http import http_date, parse_accept_header, parse_date, parse_etags

from feeds.catalog import document_url, hub_links
from feeds.config import Config
from feeds.formats import FORMATS
from feeds.model import Bodies, Document
from feeds.web.response import A_DAY, CORS, FOR_A_DAY, GONE, NO_SNIFF, Response

IDENTITY = "identity"
CODINGS = ("br", "zstd", "gzip")
"""The content codings, favourite first: of those that a client likes equally, the smallest."""

_LONGEST_ACCEPT_ENCODING = 256  # characters; browsers send 40
# What compressing proxies append to the tags they pass on: Apache `-gzip`, Jetty `--gzip`.
_PROXY_SUFFIX = re.compile(r"(--?|;)(gzip|br|zstd|deflate)$")
# Clients that take a 226, by the first product of the user agent, with the version tried. Many
# others ask for one: feedparser asks on behalf of every program built on it, and rss2email then
# refuses the answer.
_TAKES_DELTAS = {"newsboat": "2.21", "liferea": "1.14.4", "python-reader": "3.26"}
_A_MINUTE = 60
# Articles show pictures, sound and players of other hosts; nothing else may run or be fetched.
_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self';"
    " connect-src 'self'; script-src 'self'; style-src 'self';"
    " frame-src https:; img-src http: https:; media-src http: https:"
)


ByCoding = Mapping[str, Response]


@dataclass(frozen=True, slots=True)
class DocumentResponses:
    """All responses to GET requests for one version of a document.

    `deltas` are by the tag, without quotes, of the version that a client has. `size` is in bytes.
    """

    etag: str
    last_modified: int
    not_modified: Response
    whole: ByCoding
    codings: tuple[str, ...]
    deltas: Mapping[str, ByCoding]
    size: int

    @classmethod
    def only(cls, response: Response) -> Self:
        """Answer each request with the same response."""
        return cls("", 0, response, {IDENTITY: response}, codings=(), deltas={}, size=0)

    def choose(self, environ: WSGIEnvironment) -> Response:
        """Pick the response by the request's conditions (RFC 9110, 13.2.2) and accepted codings.

        Entity tags may be listed, strong, unquoted, or carry a proxy's suffix.
        """
        responses = self.whole
        if_none_match = environ.get("HTTP_IF_NONE_MATCH")
        if if_none_match == self.etag:  # so are nearly all conditions that end in a 304
            return self.not_modified
        if if_none_match is not None:
            # "A recipient MUST ignore If-Modified-Since if the request contains If-None-Match."
            known = parse_etags(if_none_match)
            tags = {_PROXY_SUFFIX.sub("", tag) for tag in known.as_set(include_weak=True)}
            if known.star_tag or _opaque(self.etag) in tags:
                return self.not_modified
            if self.deltas and _takes_deltas(environ):
                deltas = (self.deltas[tag] for tag in self.deltas.keys() & tags)
                responses = min(
                    deltas, key=lambda each: len(each[IDENTITY].body), default=self.whole
                )
        elif (since := environ.get("HTTP_IF_MODIFIED_SINCE")) is not None and _is_current(
            since, self.last_modified
        ):
            return self.not_modified
        return responses[choose_coding(environ.get("HTTP_ACCEPT_ENCODING", ""), self.codings)]


def responses_to(document: Document, config: Config, gone: Response = GONE) -> DocumentResponses:
    """Prepare the responses to requests for a document; if it is gone, `gone` is the only one."""
    if not document.bodies:
        return DocumentResponses.only(gone)
    is_page = document.path.startswith("/")
    age = _age(document, config)
    # RFC 9110, 15.4.5: a 304 has the validators and the caching headers of the 200; clients
    # overwrite theirs with them.
    shared = [
        ("ETag", document.etag),
        ("Last-Modified", http_date(document.last_modified)),
        ("Vary", "Accept-Encoding"),
    ]
    if is_page:
        shared += page_headers(document.media_type)
    else:
        shared += [
            ("Cache-Control", f"public, {age}"),
            ("Link", ", ".join(_links(document, config))),
            CORS,
            ("Access-Control-Expose-Headers", "ETag, Last-Modified, Link"),
        ]
    typed = [("Content-Type", document.media_type), NO_SNIFF]
    # A shared cache that does not know 226 must not give a delta to other clients. The whole
    # document is right for every client, so its Vary is shorter.
    private = {
        "Cache-Control": f"private, {age}",
        "Vary": "Accept-Encoding, A-IM, If-None-Match, User-Agent",
    }
    of_delta = [(name, private.get(name, value)) for name, value in shared] + [("IM", "feed")]
    deltas = {
        _opaque(etag): _by_coding("226 IM Used", of_delta + typed, bodies)
        for etag, bodies in document.deltas.items()
    }
    every = (document.bodies, *document.deltas.values())
    return DocumentResponses(
        etag=document.etag,
        last_modified=document.last_modified,
        not_modified=Response("304 Not Modified", shared),
        whole=_by_coding("200 OK", shared + typed, document.bodies),
        codings=tuple(coding for coding in CODINGS if coding in document.bodies),
        deltas=deltas,
        size=sum(len(body) for bodies in every for body in bodies.values()),
    )


def page_headers(media_type: str) -> list[tuple[str, str]]:
    """Give the headers of a page, or of a file that pages load."""
    match media_type.partition(";")[0]:
        case "text/html":
            return [
                ("Cache-Control", f"public, max-age={_A_MINUTE}, stale-if-error={A_DAY}"),
                ("Content-Security-Policy", _CONTENT_SECURITY_POLICY),
                ("Referrer-Policy", "strict-origin-when-cross-origin"),
            ]
        case "text/css" | "text/javascript":  # pages name their version
            return [FOR_A_DAY]
    age = f"public, max-age={_A_MINUTE}"
    return [("Cache-Control", age), CORS]


def choose_coding(accept_encoding: str, available: tuple[str, ...]) -> str:
    """Choose one of the `available` codings, our favourite first (RFC 9110, 12.5.3).

    The highest quality wins. Identity is the answer if nothing else is welcome, and even if it is
    refused: a client can do more with a document than with a 406.
    """
    return _choose_coding(accept_encoding[:_LONGEST_ACCEPT_ENCODING], available)


@lru_cache(maxsize=4096)
def _choose_coding(accept_encoding: str, available: tuple[str, ...]) -> str:
    return parse_accept_header(accept_encoding).best_match((*available, IDENTITY), IDENTITY)


def _is_current(if_modified_since: str, last_modified: int) -> bool:
    """Say whether a date is at or after a time in seconds since 1970 (RFC 9110, 13.1.3).

    All three forms of HTTP dates are understood. A later date than we ever sent is current; a
    value that is no date is ignored.
    """
    try:
        since = parse_date(if_modified_since.partition(";")[0])
    except OverflowError:  # a year or a day of twenty digits
        return False
    return since is not None and since >= datetime.fromtimestamp(last_modified, UTC)


def _takes_deltas(environ: WSGIEnvironment) -> bool:
    """Say whether a client asks for the `feed` manipulation (RFC 3229, 10.5.3) and takes it."""
    asked = (each.strip().lower() for each in environ.get("HTTP_A_IM", "").split(","))
    product = environ.get("HTTP_USER_AGENT", "").partition("/")[0]
    return "feed" in asked and product.lower() in _TAKES_DELTAS


def _by_coding(status: str, headers: list[tuple[str, str]], bodies: Bodies) -> dict[str, Response]:
    responses = {}
    for coding, body in bodies.items():
        coded = [("Content-Encoding", coding)] if coding != IDENTITY else []
        coded.append(("Content-Length", str(len(body))))
        responses[coding] = Response(status, headers + coded, body)
    return responses


def _age(document: Document, config: Config) -> str:
    """Say how long a document may be kept: a quarter of the time between two changes.

    After that a cache may still send its copy while it asks for a new one (RFC 5861).
    """
    bounds = config.serve
    age = min(max((document.pace or 0) // 4, bounds.min_age), bounds.max_age)
    return f"max-age={age}, stale-while-revalidate={age}, stale-if-error={A_DAY}"


def _links(document: Document, config: Config) -> Iterator[str]:
    stem, _, extension = document.path.rpartition(".")
    yield f'<{document_url(document.path, config)}>; rel="self"'
    for hub in hub_links(config):
        yield f'<{hub.href}>; rel="hub"'
    yield f'<{document_url(stem, config)}>; rel="alternate"; type="text/html"'
    for other, form in FORMATS.items():
        if other != extension:
            media_type = form.media_type.partition(";")[0]
            url = document_url(f"{stem}.{other}", config)
            yield f'<{url}>; rel="alternate"; type="{media_type}"'


def _opaque(etag: str) -> str:
    """Give the tag without weakness and quotes: `a1` of `W/"a1"`."""
    return etag[3:-1]
