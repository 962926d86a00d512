"""Everything that a request for one document can be answered with, made once per version."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from wsgiref.types import WSGIEnvironment

from werkzeug.http import http_date

from feeds.catalog import document_url, hub_links
from feeds.config import Config
from feeds.formats import FORMATS
from feeds.model import Bodies, Document
from feeds.web import conditions
from feeds.web.addresses import moved_to
from feeds.web.codings import IDENTITY, ORDER, choose
from feeds.web.reply import HeaderList, Reply, gone, line

# RFC 3229, 10.4.1; `feed` is the manipulation that feed readers ask for.
_IM_USED = line(HTTPStatus.IM_USED)
# Who takes a 226, by the first product of its user agent, with the version that was tried. Many
# more ask for one: feedparser does for every program built on it, and rss2email refuses it then.
_TAKES_DELTAS = {"newsboat": "2.21", "liferea": "1.14.4", "python-reader": "3.26"}
_LONGEST_PRODUCT = max(map(len, _TAKES_DELTAS))
_A_DAY = 86_400

Replies = Mapping[str, Reply]


@dataclass(frozen=True, slots=True)
class Answer:
    """The replies to a conditional GET of a document, and its size in memory in bytes.

    `deltas` are by the tag, without quotes, that a client comes with.
    """

    etag: str
    last_modified: int
    not_modified: Reply
    codings: tuple[str, ...]
    replies: Replies
    deltas: Mapping[str, Replies]
    size: int

    def choose(self, environ: WSGIEnvironment) -> Reply:
        """Pick the reply by the request's conditions (RFC 9110, 13.2.2) and accepted codings."""
        replies = self.replies
        if_none_match = environ.get("HTTP_IF_NONE_MATCH")
        if if_none_match == self.etag:  # as nearly every request that will be a 304 has it
            return self.not_modified
        if if_none_match is not None:
            # "A recipient MUST ignore If-Modified-Since if the request contains If-None-Match."
            if conditions.names(if_none_match, self.etag):
                return self.not_modified
            if self.deltas and "HTTP_A_IM" in environ:
                replies = self._since(if_none_match, environ)
        elif (since := environ.get("HTTP_IF_MODIFIED_SINCE")) is not None and conditions.is_current(
            since, self.last_modified
        ):
            return self.not_modified
        return replies[choose(environ.get("HTTP_ACCEPT_ENCODING", ""), self.codings)]

    def _since(self, if_none_match: str, environ: WSGIEnvironment) -> Replies:
        """Give what is new since the latest version that the client names, else all."""
        asked = (wanted.strip().lower() for wanted in environ["HTTP_A_IM"].split(","))
        if "feed" not in asked or not _takes_deltas(environ.get("HTTP_USER_AGENT", "")):
            return self.replies
        known = self.deltas.keys() & conditions.opaque_tags(if_none_match)
        return min((self.deltas[tag] for tag in known), key=_length, default=self.replies)


@dataclass(frozen=True, slots=True)
class Fixed:
    """The one reply to all requests, as for a document that is gone."""

    reply: Reply
    size: int = 0

    def choose(self, _environ: WSGIEnvironment) -> Reply:
        """Give the reply."""
        return self.reply


def answer_of(document: Document, config: Config) -> Answer | Fixed | None:
    """Prepare the replies to requests for a document; none for one whose address leads on."""
    if moved_to(document.path, config.moved):
        return None
    if not document.bodies:
        return Fixed(gone())
    validators = [("ETag", document.etag), ("Last-Modified", http_date(document.last_modified))]
    age = _age(document, config)
    # RFC 9110, 15.4.5: a 304 has the validators and the caching headers of the 200; clients
    # overwrite what they know with it.
    shared = [
        *validators,
        ("Cache-Control", f"public, {age}"),
        ("Vary", "Accept-Encoding"),
        ("Link", ", ".join(_links(document, config))),
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Expose-Headers", "ETag, Last-Modified, Link"),
    ]
    typed = [("Content-Type", document.media_type), ("X-Content-Type-Options", "nosniff")]
    # A shared cache that has never heard of 226 must not give a delta to anyone else. The whole
    # document is right for everyone, so that one depends on less.
    vary = {
        "Cache-Control": f"private, {age}",
        "Vary": "Accept-Encoding, A-IM, If-None-Match, User-Agent",
    }
    manipulated = [(name, vary.get(name, value)) for name, value in shared] + [("IM", "feed")]
    return Answer(
        etag=document.etag,
        last_modified=document.last_modified,
        not_modified=Reply(line(HTTPStatus.NOT_MODIFIED), shared),
        codings=tuple(coding for coding in ORDER if coding in document.bodies),
        replies=_replies(line(HTTPStatus.OK), shared + typed, document.bodies),
        deltas={
            etag[3:-1]: _replies(_IM_USED, manipulated + typed, bodies)
            for etag, bodies in document.deltas.items()
        },
        size=sum(map(_bytes, [document.bodies, *document.deltas.values()])),
    )


def _takes_deltas(user_agent: str) -> bool:
    product = user_agent[: _LONGEST_PRODUCT + 1].partition("/")[0]
    return product.lower() in _TAKES_DELTAS


def _replies(status: str, headers: HeaderList, bodies: Bodies) -> Replies:
    return {
        coding: Reply(
            status,
            [
                *headers,
                *([("Content-Encoding", coding)] if coding != IDENTITY else []),
                ("Content-Length", str(len(body))),
            ],
            body,
        )
        for coding, body in bodies.items()
    }


def _age(document: Document, config: Config) -> str:
    """Say how long the document may be kept: a quarter of the time that it usually stays as it is.

    After that a cache may still answer from what it has while it asks (RFC 5861).
    """
    bounds = config.serve
    age = min(max((document.pace or 0) // 4, bounds.min_age), bounds.max_age)
    return f"max-age={age}, stale-while-revalidate={age}, stale-if-error={_A_DAY}"


def _links(document: Document, config: Config) -> Iterator[str]:
    stem, _, extension = document.path.rpartition(".")
    yield f'<{document_url(document.path, config)}>; rel="self"'
    for hub in hub_links(config):
        yield f'<{hub.href}>; rel="hub"'
    for other, form in FORMATS.items():
        if other != extension:
            address = document_url(f"{stem}.{other}", config)
            media_type = form.media_type.partition(";")[0]
            yield f'<{address}>; rel="alternate"; type="{media_type}"'


def _length(replies: Replies) -> int:
    return len(replies[IDENTITY].body)


def _bytes(bodies: Bodies) -> int:
    return sum(map(len, bodies.values()))
