"""How soon subscribers get a saved article, and what readers of the feeds notice meanwhile."""

import json
import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import psutil
import urllib3

from feeds.catalog import authority
from feeds.config import load
from feeds.store import Receiver, Store, open_store
from tests import patches
from tests.bench.articles import SITE, article, articles
from tests.bench.measure import Numbers, Race, Table, run
from tests.bench.servers import Server, nginx_of_callbacks, require_programs
from tests.bench.wrk import Asked, asking
from tests.paper import write_config
from tests.postgres import postgres
from tests.processes import Running, eventually, free_port, serving

_ARTICLES = 500
_FEED = "latest.rss"
_ASKED = [Asked(f"/feeds/{_FEED}", {"Accept-Encoding": "gzip"})]
_SUBSCRIBERS, _HOSTS, _HANGING = 1_000, 200, 50
_RATIOS = {"× quiet": ("p99 ms", "quiet")}


@dataclass
class _Paper:
    """A paper that runs, and the file in which each delivery is a line: when, and to whom."""

    store: Store
    service: Running
    log: Path
    healthy: int
    numbers: Iterator[int]

    def save(self) -> list[float]:
        """Save an article; give the seconds until it was published, and until each delivery."""
        before, read = self._etag(), self.log.stat().st_size
        self._forgive()
        number = next(self.numbers)
        url = f"{self.service.url}/api/articles/{article(0).id}"
        body = json.dumps({"title": f"제목 {number}"}).encode()
        answer = urllib3.request("PATCH", url, body=body, headers=_HEADERS)
        saved = time.time()
        assert answer.status == 200, answer.data
        eventually(lambda: self._etag() != before)
        published = time.time()
        eventually(lambda: len(self._delivered(read)) == self.healthy)
        return [published - saved, *(at - saved for at in sorted(self._delivered(read).values()))]

    def _etag(self) -> str:
        """Give the ETag of the feed; other documents change longer."""
        found = self.store.documents.get(_FEED)
        assert found
        return found.etag

    def _forgive(self) -> None:
        """Let those that hang be tried at once, as if they had never failed."""
        failed = (each for each in self.store.receivers.all() if each.attempts)
        self.store.receivers.save(replace(each, attempts=0, due=0) for each in failed)

    def _delivered(self, read: int) -> dict[str, float]:
        with self.log.open() as file:
            file.seek(read)
            lines = [line.split() for line in file if line.endswith("\n")]
        return {url: float(seconds) for seconds, url in reversed(lines)}


_HEADERS = {"Authorization": "Bearer secret", "Content-Type": "application/merge-patch+json"}


def measure(repetitions: int) -> Iterator[Table]:
    """How soon 1,000 subscribers get a saved article, and how long readers wait meanwhile.

    `feeds serve --workers 1` runs with 500 articles. An article is saved through the API, which
    changes the feed that all subscribers have as their topic. They are at 250 hosts, and one in
    twenty takes the request and never answers. The others are nginx, which logs each delivery.
    Given are percentiles over all saves of the milliseconds from the answer to the save until the
    feed is published, until half of the subscribers have it, and until the last has it.

    Then 32 connections of wrk ask for the same feed for two seconds each round: while nothing is
    saved ("quiet"), and while an article is ("pushing"). "×" is how many times the quiet p99 it is.
    """
    require_programs()
    with ExitStack() as stack:
        yield from _measured("SQLite", repetitions, stack.enter_context(_paper()))
        url = stack.enter_context(postgres())
        yield from _measured("PostgreSQL", repetitions, stack.enter_context(_paper(store=url)))


def _measured(name: str, repetitions: int, paper: _Paper) -> Iterator[Table]:
    paper.save()
    saves = [paper.save() for _ in range(repetitions)]
    yield Table(
        f"{name}, until",
        {
            "it is published": _percentiles([published for published, *_ in saves]),
            "half have it": _percentiles([median(delivered) for _, *delivered in saves]),
            "the last has it": _percentiles([delivered[-1] for _, *delivered in saves]),
        },
    )
    server = Server(paper.service.url, psutil.Process(paper.service.process.pid))
    with TemporaryDirectory() as folder, ThreadPoolExecutor(1) as pool:
        quiet = asking(server, _ASKED, Path(folder))

        def pushing(repetition: object) -> Numbers:
            saving = pool.submit(paper.save)
            numbers = quiet(repetition)
            return {**numbers, "last ms": 1000 * saving.result()[-1]}

        contestants = {"quiet": quiet, "pushing": pushing}
        yield run(Race(name, contestants, _RATIOS), repetitions)


def _percentiles(seconds: Sequence[float]) -> Numbers:
    if len(seconds) == 1:
        return {"p50 ms": 1000 * seconds[0]}
    hundredths = quantiles(seconds, n=100, method="inclusive")
    return {"p50 ms": 1000 * median(seconds), "p99 ms": 1000 * hundredths[98]}


@contextmanager
def _paper(**settings: str) -> Iterator[_Paper]:
    websub = {"allow_private": True}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        config = load(write_config(folder, SITE, websub=websub, **settings))
        store = stack.enter_context(open_store(config.store))
        patches.save(store, articles(_ARTICLES), authority(config), datetime.now(UTC))
        addresses = [f"127.0.0.{number}" for number in range(2, _HOSTS + 2)]
        port, log = stack.enter_context(nginx_of_callbacks(folder, addresses))
        hosts = [f"{addresses[n % _HOSTS]}:{port}" for n in range(_SUBSCRIBERS - _HANGING)]
        hosts += [stack.enter_context(_silent()) for _ in range(_HANGING)]
        for number, host in enumerate(hosts):
            request = Receiver("subscribe", f"http://{host}/{number}", _FEED, lease=86_400)
            store.receivers.subscribe(request, int(time.time()))
        arguments = folder, free_port(), "--workers", "1"
        service = stack.enter_context(serving(*arguments, FEEDS_API_TOKEN="secret"))
        service.published(f"/feeds/{_FEED}")
        eventually(lambda: service.worker() is not None)
        yield _Paper(store, service, log, _SUBSCRIBERS - _HANGING, iter(range(10**6)))


@contextmanager
def _silent() -> Iterator[str]:
    """Take connections and requests, and never answer; give the host."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"
