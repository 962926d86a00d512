"""Everything that a request for one document can be answered with, made once per version."""

from dataclasses import dataclass
from http import HTTPStatus
from wsgiref.types import WSGIEnvironment

from werkzeug.http import http_date, is_resource_modified, parse_accept_header

from feeds.model import Document

HeaderList = list[tuple[str, str]]

_CACHE_CONTROL = "public, max-age=300"


@dataclass(frozen=True, slots=True)
class Reply:
    """A status line, headers and a body, ready to be sent."""

    status: str
    headers: HeaderList
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """The three replies to a conditional GET of a document."""

    etag: str
    last_modified: str
    not_modified: Reply
    identity: Reply
    gzip: Reply

    def choose(self, environ: WSGIEnvironment) -> Reply:
        """Pick the reply to a request by its conditions and its Accept-Encoding."""
        if not is_resource_modified(environ, etag=self.etag, last_modified=self.last_modified):
            return self.not_modified
        accepted = parse_accept_header(environ.get("HTTP_ACCEPT_ENCODING"))
        return self.gzip if accepted.quality("gzip") > 0 else self.identity


def answer_of(document: Document) -> Answer:
    """Prepare the replies to requests for a document."""
    last_modified = http_date(document.last_modified)
    # RFC 9110, 15.4.5: a 304 has the validators and the caching headers of the 200.
    shared = [
        ("ETag", document.etag),
        ("Last-Modified", last_modified),
        ("Cache-Control", _CACHE_CONTROL),
        ("Vary", "Accept-Encoding"),
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Expose-Headers", "ETag, Last-Modified, Link"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    typed = [*shared, ("Content-Type", document.media_type)]
    return Answer(
        etag=document.etag,
        last_modified=last_modified,
        not_modified=reply(HTTPStatus.NOT_MODIFIED, shared),
        identity=reply(HTTPStatus.OK, typed, document.body),
        gzip=reply(HTTPStatus.OK, [*typed, ("Content-Encoding", "gzip")], document.gzip),
    )


def plain(status: HTTPStatus, text: str, *headers: tuple[str, str]) -> Reply:
    """Prepare a short answer for people and machines alike."""
    body = f"{text}\n".encode()
    return reply(status, [("Content-Type", "text/plain; charset=utf-8"), *headers], body)


def reply(status: HTTPStatus, headers: HeaderList, body: bytes = b"") -> Reply:
    """Prepare a reply, with its length where the status allows a body."""
    length = [] if status == HTTPStatus.NOT_MODIFIED else [("Content-Length", str(len(body)))]
    return Reply(f"{status.value} {status.phrase}", [*headers, *length], body)
