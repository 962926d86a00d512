"""The cost of subscribers: a day of polling, counted in requests and bytes."""

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
from tests import patches
from tests.bench.articles import SITE, article
from tests.bench.korean import SECTIONS
from tests.bench.measure import Numbers, Table
from tests.paper import write_config

_SECTION = Term("section", SECTIONS[0])
_FEED = f"sections/{_SECTION.slug}.rss"
_MIDNIGHT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # in Seoul
_DAY = timedelta(days=1)
_BEFORE = 50  # articles that the section has when the day begins
_FIRST, _EVERY, _NEWS = timedelta(hours=6, minutes=10), timedelta(minutes=40), 24


@dataclass
class Subscriber:
    """A kind of client: how often it asks, with which headers, and what it remembers.

    `remembers` is a request header by the response header that it repeats. A poll is kept as its
    status, and the bytes of headers and body.
    """

    name: str
    every: timedelta
    sends: Mapping[str, str]
    remembers: Mapping[str, str] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    polls: list[tuple[int, int, int]] = field(default_factory=list)

    def poll(self, port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.putrequest("GET", f"/feeds/{quote(_FEED)}", skip_accept_encoding=True)
        for name, value in {**self.sends, **self.known}.items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        body = response.read()
        connection.close()
        for theirs, ours in self.remembers.items():
            if value := response.headers[theirs]:
                self.known[ours] = value
        self.polls.append((response.status, _size_of_head(response), len(body)))

    def statuses(self) -> list[int]:
        return [status for status, _, _ in self.polls]

    def bodies(self) -> int:
        return sum(body for _, _, body in self.polls)

    def numbers(self, naive: "Subscriber") -> Numbers:
        """Add up its day, beside the day of its twin at a naive service."""
        ours, theirs = (sum(head + body for _, head, body in it.polls) for it in (self, naive))
        statuses = {str(status): self.statuses().count(status) for status in (304, 226, 200)}
        return {
            "polls": len(self.polls),
            **statuses,
            "headers kB": (ours - self.bodies()) / 1000,
            "bodies kB": self.bodies() / 1000,
            "kB a day": ours / 1000,
            "% of naive": 100 * ours / theirs,
        }


_DATE = {"Last-Modified": "If-Modified-Since"}
_BOTH = {"ETag": "If-None-Match", **_DATE}
_GZIP = {"Accept-Encoding": "gzip, deflate"}


def subscribers() -> list[Subscriber]:
    """One of each kind, before its first poll."""

    def subscriber(
        name: str, minutes: int, sends: Mapping[str, str], remembers: Mapping[str, str] = _BOTH
    ) -> Subscriber:
        return Subscriber(name, timedelta(minutes=minutes), sends, remembers)

    deltas = {"A-IM": "feed", **_GZIP}
    reader = "python-reader/3.26 (+https://github.com/lemon24/reader)"
    rss2email = "rss2email/3.14 (https://github.com/rss2email/rss2email)"
    return [
        subscriber("newsboat", 60, {"User-Agent": "newsboat/2.21.0 (Linux x86_64)", **deltas}),
        subscriber("reader", 30, {"User-Agent": reader, **deltas}),
        subscriber("rss2email", 30, {"User-Agent": rss2email, **deltas}),
        subscriber("FreshRSS", 20, _GZIP),
        subscriber("Miniflux", 60, {"Accept-Encoding": "br, gzip"}),
        subscriber("Thunderbird", 100, {"Accept-Encoding": "gzip, deflate, br"}, _DATE),
        subscriber("careless, gzip", 30, {"Accept-Encoding": "gzip"}, {}),
        subscriber("careless", 30, {}, {}),
    ]


def measure(_repetitions: int) -> Iterator[Table]:
    """Bytes a day that one subscriber of a section's RSS feed costs, by kind of client.

    One simulated day: the section has 50 articles at midnight and gets 24 more, one every 40
    minutes from 06:10 on, each published through the gate; in between each kind of client polls
    at its own interval. The first poll of the day finds a client that has read the feed before.
    The answers are those of `feeds.web.wsgi.Front`, in this process behind Werkzeug's development
    server, over real HTTP on loopback; a version is published between two polls. Nothing
    is timed; every run gives the same numbers.

    \b
    newsboat, reader       both validators, gzip, and A-IM: feed; every 60 and 30 minutes
    rss2email              the same every 30 minutes, but it takes no 226
    FreshRSS, Miniflux     both validators; gzip every 20 minutes; brotli or gzip every 60
    Thunderbird            If-Modified-Since only, brotli or gzip; every 100 minutes
    careless               no validators, with gzip and without; every 30 minutes

    \b
    naive       the same documents and clients, without validators, 304 and compression
    deltas: 0   ours, serve.deltas 0: a client with an old version gets the whole document
    deltas: 4   ours, serve.deltas 4, the default: 226 with the news for clients that take it
    """
    naive = _day(0, _naive)
    days = {"naive": naive, "deltas: 0": _day(0), "deltas: 4": _day(4)}
    for service, day in days.items():
        pairs = zip(day, naive, strict=True)
        yield Table(service, {one.name: one.numbers(its_twin) for one, its_twin in pairs})


def _naive(front: Front) -> WSGIApplication:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        found = front.cache.read(path_info_of(_FEED))
        assert found is not None
        response = found.choose({})
        kept = ("Content-Type", "Content-Length")
        start_response(response.status, [pair for pair in response.headers if pair[0] in kept])
        return [response.body]

    return answer


def _day(
    deltas: int, serve: Callable[[Front], WSGIApplication] = lambda front: front
) -> list[Subscriber]:
    with TemporaryDirectory() as folder:
        config = load(write_config(Path(folder), SITE, serve={"deltas": deltas}))
        with open_store(config.store) as store:
            front = Front(store, config, create_app(store, config))
            front.cache.refresh()
            with _serving(serve(front)) as port:
                return _polled(_Paper(store, config, front.cache), port)


@dataclass(frozen=True)
class _Paper:
    """A paper that publishes."""

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
        patches.save(self.store, fresh, authority(self.config), datetime.now(UTC))
        assert publish_term(_SECTION, self.store, self.config, at)
        self.cache.refresh()


def _polled(paper: _Paper, port: int) -> list[Subscriber]:
    for hour in range(5):  # for earlier versions, and a pace of publishing
        numbers = range(hour * 10, hour * 10 + 10)
        paper.publish(numbers, _MIDNIGHT - timedelta(hours=5 - hour))
    everyone = subscribers()
    for one in everyone:
        one.poll(port)
        one.polls.clear()
    for at, event in _events(everyone):
        if isinstance(event, Subscriber):
            event.poll(port)
        else:
            paper.publish([_BEFORE + event], at)
    return everyone


def _events(everyone: Sequence[Subscriber]) -> list[tuple[datetime, Subscriber | int]]:
    """The events of the day, in order: a poll, or the publication of an article by number."""
    news: list[tuple[datetime, Subscriber | int]] = [
        (_MIDNIGHT + _FIRST + number * _EVERY, number) for number in range(_NEWS)
    ]
    # Each polls at its own minute.
    polls = [
        (_MIDNIGHT + timedelta(minutes=3 * number + 1) + turn * one.every, one)
        for number, one in enumerate(everyone)
        for turn in range(int(_DAY / one.every))
    ]
    return sorted([*news, *polls], key=lambda event: event[0])


def _size_of_head(response: http.client.HTTPResponse) -> int:
    """Bytes of a response's head, down to its empty line."""
    lines = [f"{name}: {value}\r\n" for name, value in response.headers.items()]
    return len(f"HTTP/1.1 {response.status} {response.reason}\r\n") + sum(map(len, lines)) + 2


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        """Log nothing; there are hundreds."""


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
