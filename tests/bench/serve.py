"""How fast published documents are answered, beside a static file server and other software."""

import gzip
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import quote

import urllib3

from feeds.catalog import authority
from feeds.config import load
from feeds.model import Article, Document
from feeds.store import open_store
from feeds.worker import publish_all
from tests.bench.articles import SITE, articles
from tests.bench.korean import SECTIONS
from tests.bench.measure import aligned
from tests.bench.servers import Server, nginx, require_programs, site
from tests.bench.sites import ARTICLES, GZIPPED, SECTION
from tests.bench.wrk import Asked, Load, answered
from tests.paper import write_config
from tests.processes import free_port, serving

_SECONDS = 2.0
_TAGS = 334  # with three formats each: about 1,000 documents
_TAGS_EACH = 3
_FEED = f"sections/{SECTION.slug}.rss"
_GZIP = {"Accept-Encoding": "gzip"}


@dataclass(frozen=True)
class Entrant:
    """A server, and where it has the feed; `documents` are all it has, if they are ours."""

    name: str
    server: Server
    path: str
    documents: Sequence[Document] = ()


@dataclass(frozen=True)
class Row:
    """What one entrant did, by round; `memory` is in bytes, after the rounds."""

    name: str
    memory: int
    loads: list[Load] = field(default_factory=list)

    def ratio(self, peer: "Row") -> float:
        """How many times as many answers as a peer it gave in the same round."""
        pairs = zip(self.loads, peer.loads, strict=True)
        return median(ours.per_second / theirs.per_second for ours, theirs in pairs)

    def middle(self, number: str) -> float:
        """The median over the rounds."""
        return float(median(getattr(each, number) for each in self.loads))


@dataclass(frozen=True)
class Case:
    """One kind of request, and how the entrants answered it; `goals` are by peer."""

    name: str
    goals: Mapping[str, float]
    rows: Sequence[Row]

    def table(self) -> str:
        """Show it to people."""
        peers = [row for row in self.rows if row.name in _PEERS]
        ratios = [f"× {peer.name}{self._goal(peer)}" for peer in peers]
        head = [self.name, "answers/s", "cpu µs", "p50 ms", "p99 ms", "bytes", *ratios, "MB"]
        return aligned([head, *(list(_cells(row, peers)) for row in self.rows)])

    def as_json(self) -> Mapping[str, object]:
        """Give it to scripts: times in seconds, sizes in bytes."""
        rows = [_json_row(row, self.rows) for row in self.rows]
        return {"name": self.name, "goals": self.goals, "rows": rows}

    def _goal(self, peer: Row) -> str:
        return f" (goal {self.goals[peer.name]:g})" if peer.name in self.goals else ""


_PEERS = ("nginx", "Django")
Ask = Callable[[Entrant], Iterator[Asked]]
"""Checks how an entrant answers a case, and gives what to ask it for; nothing if it cannot race."""


def measure(repetitions: int) -> Iterator[Case]:
    """Answers a second to 32 connections of wrk, for a section's RSS feed of 50 articles.

    Each server has one process that answers. In each round all of them are asked for two seconds
    each, one after the other, each time another one first. A ratio, ×, is how many times as many
    answers as the peer gave in the same round: more is better. "cpu" is the server's processor time
    per answer, which other work on the machine disturbs least; "bytes" are those of an answer with
    its headers; "MB" is what the process has resident.

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
    """
    require_programs()
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        entrants = stack.enter_context(_entrants(folder))
        for case, goals, ask in _CASES:
            asked = {each.name: list(ask(each)) for each in entrants}
            racing = [each for each in entrants if asked[each.name]]
            yield Case(case, goals, _race(racing, asked, repetitions, folder))


@contextmanager
def _entrants(folder: Path) -> Iterator[list[Entrant]]:
    documents = _published(folder)
    feed = next(each for each in documents if each.path == _FEED)
    gzipped = folder / "feed.gz"
    gzipped.write_bytes(feed.bodies["gzip"])
    with (
        serving(folder, free_port(), "--workers", "1") as running,
        nginx(folder, documents) as static,
        site("bare", **{GZIPPED: str(gzipped)}) as bare,
        site("flask") as flask,
        site("in_django") as django,
    ):
        path = f"/feeds/{quote(_FEED)}"
        ours = Server(running.url, max(running.web_processes(), key=_resident))
        yield [
            Entrant("feeds", ours, path, documents),
            Entrant("nginx", static, path, documents),
            Entrant("bare callable", bare, "/"),
            Entrant("Flask + feedgen", flask, "/feed.rss"),
            Entrant("Django", django, "/feed.rss"),
        ]


def _published(folder: Path) -> list[Document]:
    config = load(write_config(folder, SITE))
    with open_store(config.store) as store:
        store.articles.save(_articles(), authority(config))
        assert publish_all(store, config)
        found = map(store.documents.get, store.documents.changed_since(0))
        return [document for document in found if document and document.bodies]


def _articles() -> Iterator[Article]:
    for number, article in enumerate(articles(ARTICLES * len(SECTIONS))):
        tags = {f"꼬리표 {(number * _TAGS_EACH + each) % _TAGS}" for each in range(_TAGS_EACH)}
        yield replace(article, tags=tuple(sorted(tags)))


def _resident(process: object) -> int:
    return int(process.memory_info().rss)  # type: ignore[attr-defined]


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
        return  # it would say the same as for gzip
    response = _probe(entrant, {}, 200)
    _assert_same(entrant, response.data, "identity")
    assert response.data.count(b"<item>") == ARTICLES
    yield Asked(entrant.path, {})


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


_CASES: tuple[tuple[str, Mapping[str, float], Ask], ...] = (
    ("304", {"nginx": 0.8, "Django": 50}, _not_modified),
    ("gzip 200", {"nginx": 1.0, "Django": 50}, _gzipped),
    ("identity 200", {}, _identity),
    ("1,000 feeds", {}, _mix),
)


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


def _race(
    entrants: Sequence[Entrant],
    asked: Mapping[str, Sequence[Asked]],
    repetitions: int,
    folder: Path,
) -> list[Row]:
    loads: dict[str, list[Load]] = {each.name: [] for each in entrants}
    for round_ in range(repetitions):
        first = round_ % len(entrants)
        for each in chain(entrants[first:], entrants[:first]):
            found = answered(each.server, asked[each.name], _SECONDS, folder)
            loads[each.name].append(found)
    return [Row(each.name, each.server.memory(), loads[each.name]) for each in entrants]


def _cells(row: Row, peers: Sequence[Row]) -> Iterator[str]:
    yield f"  {row.name}"
    yield f"{row.middle('per_second'):,.0f}"
    yield f"{1e6 * row.middle('busy'):,.0f}"
    yield f"{1000 * row.middle('p50'):.2f}"
    yield f"{1000 * row.middle('p99'):.2f}"
    yield f"{row.middle('size'):,.0f}"
    yield from (f"{row.ratio(peer):.2f}" for peer in peers)
    yield f"{row.memory / 1e6:.0f}"


def _json_row(row: Row, rows: Sequence[Row]) -> Mapping[str, object]:
    numbers = ("per_second", "busy", "p50", "p99", "size")
    return {
        "name": row.name,
        "memory": row.memory,
        **{number: row.middle(number) for number in numbers},
        "ratios": {peer.name: row.ratio(peer) for peer in rows if peer.name in _PEERS},
        "rounds": [{number: getattr(each, number) for number in numbers} for each in row.loads],
    }
