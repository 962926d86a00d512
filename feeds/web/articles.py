"""The CMS's door: articles are saved, read and withdrawn over HTTP, one at a time or many.

A save is a merge (RFC 7396); PUT alone replaces. It is answered once it is durable. Errors are
problems (RFC 9457) that name the key.
"""

import hashlib
import io
import json
import logging
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import BinaryIO, cast

from flask import Blueprint, Response, abort, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import ClientDisconnected

from feeds.catalog import article_url, authority, document_url
from feeds.config import Config
from feeds.errors import ArticleError, StoreError
from feeds.importers import FORMATS, Accepted, Item, Source, read_object, read_record, record_of
from feeds.merge import replacing
from feeds.model import LATEST, Article, Patch, Term
from feeds.store import Saved, Store
from feeds.text import article_id_of, quoted
from feeds.web.streaming import UNANSWERED, batches

logger = logging.getLogger(__name__)

_SECONDS_BETWEEN_LOOKS = 0.05
_BUFFER = 2**16
# The web process gives a response up after 30.
_MOST_SECONDS_TO_WAIT = 20.0


def article_routes(store: Store, config: Config) -> Blueprint:
    """Build the routes below `/api/articles`; the blueprint above them asks for the token."""
    routes = Blueprint("articles", __name__, url_prefix="/articles")

    @routes.get("/<id:article_id>")
    def get(article_id: str) -> ResponseReturnValue:
        """Give an article as a record, embargoed and withdrawn articles too."""
        article = _found(article_id, store)
        response = jsonify(record_of(article))
        response.set_etag(_tag(article))
        return response.make_conditional(request)

    @routes.put("/<id:article_id>")
    def put(article_id: str) -> ResponseReturnValue:
        """Replace an article, or add it: a key that is absent is cleared."""
        patch, notes = _patch(article_id, config)
        return save(replacing(patch), notes, store, config)

    @routes.patch("/<id:article_id>")
    def patch(article_id: str) -> ResponseReturnValue:
        """Merge keys into an article, or add it: a key that is absent stays (RFC 7396)."""
        return save(*_patch(article_id, config), store, config)

    @routes.delete("/<id:article_id>")
    def delete(article_id: str) -> ResponseReturnValue:
        """Withdraw an article; it stays in the store."""
        article = _found(article_id, store)
        return save(Patch(article.id, {"status": "withdrawn"}), (), store, config)

    @routes.post("")
    def post() -> ResponseReturnValue:
        """Merge articles, one JSON object a line; each line gets a line that says its outcome."""
        request.max_content_length = sys.maxsize  # it is read line by line
        verdicts = _verdicts(_lines(), store, config)
        first = next(verdicts, b"")  # fails in time for another status
        sent = _until_away(first, verdicts)
        return Response(sent, mimetype="application/jsonl", direct_passthrough=True)

    return routes


def _found(article_id: str, store: Store) -> Article:
    article = store.articles.get(article_id_of(article_id))
    if article is None:
        abort(404, "There is no such article.")
    return article


def _patch(article_id: str, config: Config) -> tuple[Patch, tuple[str, ...]]:
    """Read the record in a request's body; its id may be left out, but must be the address's."""
    record = read_object(request.get_data())
    if article_id_of(str(record.setdefault("id", article_id))) != article_id_of(article_id):
        raise ArticleError("id: is not the id in the address; leave it out")
    return read_record(record, source_of(config))


def save(patch: Patch, notes: tuple[str, ...], store: Store, config: Config) -> ResponseReturnValue:
    """Save what the current request brings, under its conditions, and say what became of it."""
    if (wait := request.args.getlist("wait")) not in ([], ["1"]):
        raise ArticleError(f'wait: must be "1", not {quoted(wait[0])}; or leave it out')
    before = store.articles.terms(patch.id)
    (saved,) = store.articles.save([patch], authority(config), _now(), _precondition)
    if saved.article is None:
        raise ArticleError("; ".join(saved.notes))
    verdict = _verdict(saved, notes) | {"address": article_url(saved.article, config)}
    status = 201 if saved.outcome == "new" else 200
    if wait:
        if not _are_out({LATEST, *before, *store.articles.terms(patch.id)}, store):
            status = 202
        paths = store.documents.containing(saved.article)
        verdict["feeds"] = [document_url(path, config) for path in paths]
    response = jsonify(verdict)
    response.status_code = status
    response.set_etag(_tag(saved.article))
    return response


def _precondition(article: Article | None) -> None:
    tag = _tag(article) if article else ""
    if request.if_match and not (article and request.if_match.contains(tag)):
        abort(412, "The article is not the one that If-Match names.")
    if article and request.if_none_match.contains(tag):
        abort(412, "There is an article with this id, which If-None-Match excludes.")


def _lines() -> BinaryIO:
    """Give the current request's body, buffered: request.stream reads a line byte by byte.

    From `Upstream` a body without a length comes as it is, and ends with its connection; its own
    buffer gives a line before more has come.
    """
    if request.headers.get("Transfer-Encoding") == "identity":
        return cast("BinaryIO", request.environ["wsgi.input"])
    return io.BufferedReader(cast("io.RawIOBase", request.stream), _BUFFER)


def _verdicts(stream: BinaryIO, store: Store, config: Config) -> Generator[bytes, None, None]:
    """Save the lines of a stream in batches, each durable before its verdicts are given."""
    items = FORMATS["jsonl"].read(stream, source_of(config))
    with closing(batches(items)) as each:
        for batch in each:
            patches = [item.patch for item in batch if isinstance(item, Accepted)]
            saved = iter(store.articles.save(patches, authority(config), _now()))
            yield "".join(_verdict_line(item, saved) for item in batch).encode()


def _verdict_line(item: Item, saved: Iterator[Saved]) -> str:
    verdict: dict[str, object]
    if isinstance(item, Accepted):
        verdict = {"line": item.line} | _verdict(next(saved), item.notes)
    else:
        verdict = {"line": item.line, "outcome": "rejected", "notes": [item.reason]}
    return json.dumps(verdict, ensure_ascii=False) + "\n"


def _until_away(first: bytes, verdicts: Generator[bytes, None, None]) -> Iterator[bytes]:
    """End a response that has begun if the store or the client is gone."""
    try:
        with closing(verdicts):
            yield first
            yield from verdicts
    except (StoreError, ClientDisconnected) as error:
        logger.error("%s", error)  # noqa: TRY400 - the message says all
        yield UNANSWERED


def _verdict(saved: Saved, notes: tuple[str, ...]) -> dict[str, object]:
    verdict: dict[str, object] = {"id": saved.id, "outcome": saved.outcome}
    return verdict | {"notes": [*notes, *saved.notes]} if notes or saved.notes else verdict


def _are_out(terms: set[Term], store: Store) -> bool:
    """Wait until the feeds of these terms are out; False if that takes too long."""
    until = time.monotonic() + _MOST_SECONDS_TO_WAIT
    while store.changes.await_any(terms):
        if time.monotonic() > until:
            return False
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    return True


def _tag(article: Article) -> str:
    return hashlib.blake2b(repr(article).encode(errors="replace"), digest_size=12).hexdigest()


def source_of(config: Config) -> Source:
    """Give the source of articles that come over HTTP."""
    return Source("", config.site.zone, config.site.url)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
