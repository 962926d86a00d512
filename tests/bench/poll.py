"""What subscribers cost: a day of polling, counted in requests and bytes."""

import http.client
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.serving import WSGIRequestHandler, make_server

from feeds.catalog import authority
from feeds.config import Config, load
from feeds.model import Term
from feeds.publish import publish_term
from feeds.store import Store, open_store
from feeds.web import create_app
from feeds.web.cache import Cache, path_info_of
from feeds.web.wsgi import Front
from tests.bench.articles import SITE, article
from tests.bench.korean import SECTIONS
from tests.bench.measure import aligned
from tests.paper import write_config

_SECTION = Term("section", SECTIONS[0])
_FEED = f"sections/{_SECTION.slug}.rss"
_MIDNIGHT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # in Seoul
_DAY = timedelta(days=1)
_BEFORE = 50  # articles that the section has when the day begins
_FIRST, _EVERY, _NEWS = timedelta(hours=6, minutes=10), timedelta(minutes=40), 24
_DELTAS = 4


@dataclass(frozen=True)
class Kind:
    """A kind of subscriber: how often it asks, with which headers, and what it remembers.

    `remembers` is a request header by the response header that it repeats.
    """

    name: str
    every: timedelta
    sends: Mapping[str, str]
    remembers: Mapping[str, str] = field(default_factory=dict)


_TAG = {"ETag": "If-None-Match"}
_DATE = {"Last-Modified": "If-Modified-Since"}


def _asking_for_deltas(user_agent: str) -> Mapping[str, str]:
    return {"User-Agent": user_agent, "A-IM": "feed", "Accept-Encoding": "gzip, deflate"}


_NEWSBOAT = _asking_for_deltas("newsboat/2.21.0 (Linux x86_64)")
_READER = _asking_for_deltas("python-reader/3.26 (+https://github.com/lemon24/reader)")
_RSS2EMAIL = _asking_for_deltas("rss2email/3.14 (https://github.com/rss2email/rss2email)")

KINDS = (
    Kind("newsboat", timedelta(minutes=60), _NEWSBOAT, _TAG | _DATE),
    Kind("reader", timedelta(minutes=30), _READER, _TAG | _DATE),
    Kind("rss2email", timedelta(minutes=30), _RSS2EMAIL, _TAG | _DATE),
    Kind("FreshRSS", timedelta(minutes=20), {"Accept-Encoding": "gzip, deflate"}, _TAG | _DATE),
    Kind("Miniflux", timedelta(minutes=60), {"Accept-Encoding": "br, gzip"}, _TAG | _DATE),
    Kind("Thunderbird", timedelta(minutes=100), {"Accept-Encoding": "gzip, deflate, br"}, _DATE),
    Kind("careless, gzip", timedelta(minutes=30), {"Accept-Encoding": "gzip"}),
    Kind("careless", timedelta(minutes=30), {}),
)


@dataclass
class Row:
    """What one subscriber got in a day; `headers` and `bodies` in bytes."""

    name: str
    headers: int = 0
    bodies: int = 0
    statuses: list[int] = field(default_factory=list)

    @property
    def size(self) -> int:
        """All bytes that were sent to it."""
        return self.headers + self.bodies


@dataclass(frozen=True)
class Day:
    """A day of one service: a row for each kind of subscriber."""

    service: str
    rows: Sequence[Row]
    naive: Sequence[Row]

    def table(self) -> str:
        """Show it to people."""
        head = [self.service, "polls", "304", "226", "200", "headers kB", "bodies kB", "kB a day"]
        lines = [list(_cells(*pair)) for pair in zip(self.rows, self.naive, strict=True)]
        return aligned([[*head, "of naive"], *lines])

    def as_json(self) -> Mapping[str, object]:
        """Give it to scripts; sizes in bytes."""
        rows = [
            {
                "name": row.name,
                "polls": len(row.statuses),
                "statuses": {str(code): row.statuses.count(code) for code in (304, 226, 200)},
                "headers": row.headers,
                "bodies": row.bodies,
                "of naive": row.size / naive.size,
            }
            for row, naive in zip(self.rows, self.naive, strict=True)
        ]
        return {"name": self.service, "rows": rows}


def measure(_repetitions: int) -> Iterator[Day]:
    """Bytes a day that one subscriber of a section's RSS feed costs, by kind of client.

    One simulated day: the section has 50 articles at midnight and gets 24 more, one every 40
    minutes from 06:10 on, each published through the gate; in between each kind of client polls
    at its own interval. The first poll of the day finds a client that has read the feed before.
    The answers are those of `feeds.web.wsgi.Front`, in this process behind Werkzeug's development
    server, over real HTTP on loopback; a version is published between two polls, so that nobody
    waits. Nothing is timed; every run gives the same numbers.

    \b
    newsboat, reader       both validators, gzip, and A-IM: feed; every 60 and 30 minutes
    rss2email              the same every 30 minutes, but it takes no 226
    FreshRSS, Miniflux     both validators; gzip every 20 minutes; brotli or gzip every 60
    Thunderbird            If-Modified-Since only, brotli or gzip; every 100 minutes
    careless               no validators, with gzip and without; every 30 minutes

    \b
    naive       the same documents and clients, without validators, 304 and compression
    deltas: 0   ours, serve.deltas 0: who comes with an old version gets the whole document
    deltas: 4   ours, serve.deltas 4, the default: 226 with what is new for those who take it
    """
    naive = _day(0, _naive)
    yield Day("naive", naive, naive)
    for deltas in (0, _DELTAS):
        yield Day(f"deltas: {deltas}", _day(deltas), naive)


def _naive(front: Front) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        found = front.cache.read(path_info_of(_FEED))
        assert found is not None
        response = found.choose({})
        kept = ("Content-Type", "Content-Length")
        start_response(response.status, [pair for pair in response.headers if pair[0] in kept])
        return [response.body]

    return answer


def _day(deltas: int, serve: Callable[[Front], WSGIApplication] = lambda front: front) -> list[Row]:
    with TemporaryDirectory() as folder:
        config = load(write_config(Path(folder), SITE, serve={"deltas": deltas}))
        with open_store(config.store) as store:
            front = Front(store, config, create_app(store, config))
            front.cache.refresh()
            with _serving(serve(front)) as port:
                return _polled(_Paper(store, config, front.cache), port)


@dataclass(frozen=True)
class _Paper:
    """What changes a feed."""

    store: Store
    config: Config
    cache: Cache

    def publish(self, numbers: Iterable[int], at: datetime) -> None:
        """Publish articles that carry that time, as the worker does, and show them to readers."""
        fresh = [
            replace(
                article(number),
                published=at,
                updated=at,
                sections=(_SECTION.slug,),
            )
            for number in numbers
        ]
        self.store.articles.save(fresh, authority(self.config))
        assert publish_term(_SECTION, self.store, self.config, at)
        self.cache.refresh()


def _polled(paper: _Paper, port: int) -> list[Row]:
    for hour in range(5):  # so that there are earlier versions, and a pace
        numbers = range(hour * 10, hour * 10 + 10)
        paper.publish(numbers, _MIDNIGHT - timedelta(hours=5 - hour))
    rows = {kind.name: Row(kind.name) for kind in KINDS}
    known: dict[str, dict[str, str]] = {kind.name: {} for kind in KINDS}
    for kind in KINDS:
        _poll(kind, known[kind.name], port)
    for at, event in _events():
        if isinstance(event, Kind):
            _count(rows[event.name], _poll(event, known[event.name], port))
        else:
            paper.publish([_BEFORE + event], at)
    return list(rows.values())


def _events() -> list[tuple[datetime, Kind | int]]:
    """What happens in the day, in order: a poll by a kind, or the publication of a number."""
    news: list[tuple[datetime, Kind | int]] = [
        (_MIDNIGHT + _FIRST + number * _EVERY, number) for number in range(_NEWS)
    ]
    # Each asks at its own minute, as it happens to have been started.
    polls = [
        (_MIDNIGHT + timedelta(minutes=3 * number + 1) + turn * kind.every, kind)
        for number, kind in enumerate(KINDS)
        for turn in range(int(_DAY / kind.every))
    ]
    return sorted([*news, *polls], key=lambda event: event[0])


@dataclass(frozen=True)
class _Got:
    status: int
    headers: int
    body: int


def _poll(kind: Kind, known: dict[str, str], port: int) -> _Got:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest("GET", f"/feeds/{quote(_FEED)}", skip_accept_encoding=True)
    for name, value in {**kind.sends, **known}.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    body = response.read()
    connection.close()
    for theirs, ours in kind.remembers.items():
        if value := response.headers[theirs]:
            known[ours] = value
    return _Got(response.status, _size(response), len(body))


def _size(response: http.client.HTTPResponse) -> int:
    """How many bytes a head took, down to its empty line."""
    lines = [f"{name}: {value}\r\n" for name, value in response.headers.items()]
    return len(f"HTTP/1.1 {response.status} {response.reason}\r\n") + sum(map(len, lines)) + 2


def _count(row: Row, got: _Got) -> None:
    row.statuses.append(got.status)
    row.headers += got.headers
    row.bodies += got.body


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        """Say nothing; there are hundreds."""


@contextmanager
def _serving(application: WSGIApplication) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, application, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _cells(row: Row, naive: Row) -> Iterator[str]:
    yield f"  {row.name}"
    yield str(len(row.statuses))
    yield from (str(row.statuses.count(code)) for code in (304, 226, 200))
    yield from (f"{size / 1000:,.0f}" for size in (row.headers, row.bodies, row.size))
    yield f"{row.size / naive.size:.1%}"
