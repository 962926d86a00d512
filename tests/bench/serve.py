"""How fast published documents are answered, beside a static file server and other software."""

import gzip
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import urllib3

from feeds.catalog import authority
from feeds.config import load
from feeds.model import Article, Bodies, Document
from feeds.store import open_store
from feeds.worker import publish_all
from tests import patches
from tests.bench.articles import SITE, articles
from tests.bench.korean import SECTIONS
from tests.bench.measure import Race, Table, run
from tests.bench.servers import Server, nginx, require_programs, site, web_process
from tests.bench.sites import ARTICLES, GZIPPED, SECTION
from tests.bench.wrk import Asked, asking
from tests.paper import write_config
from tests.processes import Running, free_port, serving

_PAGES = {"the front page": "/", "an article's page": "/articles/page"}
_TAGS = 334  # with three formats each: about 1,000 documents
_TAGS_EACH = 3
_FEED = f"sections/{SECTION.slug}.rss"
_GZIP = {"Accept-Encoding": "gzip"}


@dataclass(frozen=True)
class Entrant:
    """A server and the path of its feed; `documents` are the feeds it serves, if they are ours."""

    name: str
    server: Server
    path: str
    documents: Sequence[Document] = ()


Ask = Callable[[Entrant], Iterator[Asked]]
"""Checks how an entrant answers a case, and gives the requests; none if it cannot take part."""


def measure(repetitions: int) -> Iterator[Table]:
    """Answers a second to 32 connections of wrk: a section's RSS feed of 50 articles, and pages.

    Each server has one process that answers. In each round all of them are asked for two seconds
    each, one after the other, each time another one first. A ratio, ×, is how many times as many
    answers as the peer it gave in the same round: more is better. "cpu" is the server's processor
    time per answer, which other work on the machine disturbs least; "bytes" are those of an answer
    with its headers; "MB" is its resident memory.

    \b
    Who answers:
      feeds             `feeds serve --workers 1`, over SQLite, its worker idle beside it
      nginx             one worker, the same bytes as static files, compressed beforehand
      bare callable     granian alone: a WSGI callable that answers with constants
      Flask + feedgen   a route that builds the feed of articles in memory
      Django            its syndication framework over articles in memory; GZipMiddleware,
                        ConditionalGetMiddleware

    \b
    What is asked for:
      304               If-None-Match with the entrant's own ETag; gzip accepted
      gzip 200          gzip accepted
      identity 200      nothing accepted
      1,000 feeds       all tags in all formats in turns, gzip accepted; 4 of 5 with the ETag
      pages             the front page, which the worker keeps, and the page of an article, which
                        the application made when it was first asked for; likewise
    """
    require_programs()
    with TemporaryDirectory() as name, _entrants(folder := Path(name)) as entrants:
        for case, (peers, ask) in _CASES.items():
            asked = [(entrant, list(ask(entrant))) for entrant in entrants]
            contestants = {
                entrant.name: asking(entrant.server, requests, folder)
                for entrant, requests in asked
                if requests
            }
            ratios = {f"× {peer}": ("answers/s", peer.split()[0]) for peer in peers}
            yield run(Race(case, contestants, ratios), repetitions)


@contextmanager
def _entrants(folder: Path) -> Iterator[list[Entrant]]:
    documents = _published(folder)
    feed = next(each for each in documents if each.path == _FEED)
    gzipped = folder / "feed.gz"
    gzipped.write_bytes(feed.bodies["gzip"])
    with (
        serving(folder, free_port(), "--workers", "1") as running,
        nginx(folder, _files(running, documents)) as static,
        site("bare", **{GZIPPED: str(gzipped)}) as bare,
        site("flask") as flask,
        site("in_django") as django,
    ):
        path = f"/feeds/{quote(_FEED)}"
        yield [
            Entrant("feeds", web_process(running), path, documents),
            Entrant("nginx", static, path, documents),
            Entrant("bare callable", bare, "/"),
            Entrant("Flask + feedgen", flask, "/feed.rss"),
            Entrant("Django", django, "/feed.rss"),
        ]


def _files(running: Running, documents: Sequence[Document]) -> dict[str, Bodies]:
    pages = {path: _bodies(running, path) for path in _PAGES.values()}
    return {f"/feeds/{each.path}": each.bodies for each in documents} | pages


def _bodies(running: Running, path: str) -> Bodies:
    running.published(path)
    sent = {each: {"Accept-Encoding": each} for each in ("identity", "gzip")}
    return {
        coding: urllib3.request(
            "GET", running.url + path, headers=headers, decode_content=False
        ).data
        for coding, headers in sent.items()
    }


def _published(folder: Path) -> list[Document]:
    config = load(write_config(folder, SITE))
    with open_store(config.store) as store:
        patches.save(store, _articles(), authority(config), datetime.now(UTC))
        assert publish_all(store, config)
        found = map(store.documents.get, store.documents.changed_since(0))
        return [document for document in found if document and document.bodies]


def _articles() -> Iterator[Article]:
    for number, article in enumerate(articles(ARTICLES * len(SECTIONS))):
        tags = {f"꼬리표 {(number * _TAGS_EACH + each) % _TAGS}" for each in range(_TAGS_EACH)}
        yield replace(article, tags=tuple(sorted(tags)))
    yield replace(article, id="page", url=None, sections=())


def _not_modified(entrant: Entrant) -> Iterator[Asked]:
    etag = _probe(entrant, _GZIP, 200).headers["ETag"]
    asked = Asked(entrant.path, {**_GZIP, "If-None-Match": etag})
    assert _probe(entrant, asked.headers, 304).data == b""
    yield asked


def _gzipped(entrant: Entrant) -> Iterator[Asked]:
    response = _probe(entrant, _GZIP, 200)
    assert response.headers["Content-Encoding"] == "gzip"
    _assert_same(entrant, response.data, "gzip")
    assert gzip.decompress(response.data).count(b"<item>") == ARTICLES
    yield Asked(entrant.path, _GZIP)


def _identity(entrant: Entrant) -> Iterator[Asked]:
    if entrant.name == "bare callable":
        return  # it would show the same as for gzip
    response = _probe(entrant, {}, 200)
    _assert_same(entrant, response.data, "identity")
    assert response.data.count(b"<item>") == ARTICLES
    yield Asked(entrant.path, {})


def _page(path: str, *, known: bool) -> Ask:
    def ask(entrant: Entrant) -> Iterator[Asked]:
        if not entrant.documents:
            return
        one = replace(entrant, path=path)
        response = _probe(one, _GZIP, 200)
        assert response.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(response.data).startswith(b"<!doctype html>")
        etag = {"If-None-Match": response.headers["ETag"]} if known else {}
        _probe(one, _GZIP | etag, 304 if known else 200)
        yield Asked(path, _GZIP | etag)

    return ask


def _mix(entrant: Entrant) -> Iterator[Asked]:
    tagged = (each for each in entrant.documents if each.path.startswith("tags/"))
    for number, document in enumerate(tagged):
        path = f"/feeds/{quote(document.path)}"
        one = replace(entrant, path=path)
        etag = _probe(one, _GZIP, 200).headers["ETag"]
        known = {"If-None-Match": etag} if number % 5 else {}
        assert _probe(one, _GZIP | known, 304 if known else 200).data == (
            b"" if known else document.bodies["gzip"]
        )
        yield Asked(path, _GZIP | known)


_CASES: Mapping[str, tuple[Sequence[str], Ask]] = {
    "304": (("nginx (goal 0.8)", "Django (goal 50)"), _not_modified),
    "gzip 200": (("nginx (goal 1)", "Django (goal 50)"), _gzipped),
    "identity 200": (("nginx", "Django"), _identity),
    "1,000 feeds": (("nginx",), _mix),
    **{
        f"{name}, {case}": (("nginx (goal 0.6)",), _page(path, known=case == "304"))
        for name, path in _PAGES.items()
        for case in ("304", "gzip 200")
    },
}
"""By case: the peers to compare answers a second with, and the requests."""


def _probe(entrant: Entrant, headers: Mapping[str, str], status: int) -> urllib3.BaseHTTPResponse:
    response = urllib3.request(
        "GET", entrant.server.url + entrant.path, headers=headers, decode_content=False
    )
    assert response.status == status, f"{entrant.name}: {response.status} for {entrant.path}"
    return response


def _assert_same(entrant: Entrant, body: bytes, coding: str) -> None:
    for document in entrant.documents:
        if document.path == _FEED:
            assert body == document.bodies[coding], f"{entrant.name}: not the published bytes"
