"""What readers of a feed notice of others who ask for all that is slow."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psutil

from feeds.catalog import authority
from feeds.config import load
from feeds.store import open_store
from tests.bench.articles import SITE, articles
from tests.bench.measure import aligned
from tests.bench.servers import Server, require_programs
from tests.bench.wrk import Asked, Load, answered, asking
from tests.paper import write_config
from tests.postgres import frozen, postgres
from tests.processes import eventually, free_port, serving

_SECONDS = 2.0
_ARTICLES = 500
_FEED = "/feeds/latest.rss"
_ASKED = [Asked(_FEED, {"Accept-Encoding": "gzip"})]
_SLOW = [
    asked
    for number in range(50)
    for asked in (
        Asked("/", {}),
        Asked("/feeds.opml", {}),
        Asked(f"/feeds/tags/none-{number}.rss", {}),
        Asked(f"/articles/none-{number}", {}),
        Asked(f"/views/none-{number}", {}, "POST"),
    )
]


@dataclass(frozen=True)
class Neighbours:
    """A feed's rounds by itself and beside 32 connections, in one state of the store."""

    store: str
    quiet: list[Load] = field(default_factory=list)
    beside: list[Load] = field(default_factory=list)

    def ratio(self, number: str) -> float:
        """How many times a number of the quiet feed the one beside others is, round by round."""
        pairs = zip(self.quiet, self.beside, strict=True)
        return median(getattr(loud, number) / getattr(quiet, number) for quiet, loud in pairs)

    def table(self) -> str:
        """Show it to people."""
        head = [self.store, "answers/s", "p50 ms", "p99 ms"]
        rows = [_cells(name, loads) for name, loads in self._rows().items()]
        ratios = [f"{self.ratio(name):.2f}" for name in ("per_second", "p50", "p99")]
        return aligned([head, *rows, ["  ×", *ratios]])

    def as_json(self) -> Mapping[str, object]:
        """Give it to scripts: times in seconds."""
        numbers = ("per_second", "p50", "p99")
        rows = {
            name: [{number: getattr(load, number) for number in numbers} for load in loads]
            for name, loads in self._rows().items()
        }
        ratios = {number: self.ratio(number) for number in numbers}
        return {"name": self.store, "rounds": rows, "ratios": ratios}

    def _rows(self) -> Mapping[str, list[Load]]:
        return {"quiet": self.quiet, "beside": self.beside}


def measure(repetitions: int) -> Iterator[Neighbours]:
    """What a feed's readers wait: by themselves, and beside those who ask for all that is slow.

    `feeds serve --workers 1` is asked by 32 connections of wrk for a feed, gzip accepted, two
    seconds each round; and then again while 32 others ask for `/`, `/feeds.opml`, unknown feeds,
    unknown articles and views of these. "×" is the second beside the first; the goal for p99 is 2.

    \b
    The store:
      SQLite               is there
      PostgreSQL           is there
      PostgreSQL, frozen   is stopped (SIGSTOP): it takes connections, and never answers
    """
    require_programs()
    with ExitStack() as stack:
        yield _measured("SQLite", repetitions, stack.enter_context(_service()), nullcontext())
        url = stack.enter_context(postgres())
        service = stack.enter_context(_service(store=url))
        yield _measured("PostgreSQL", repetitions, service, nullcontext())
        yield _measured("PostgreSQL, frozen", repetitions, service, frozen(url))


@contextmanager
def _service(**settings: str) -> Iterator[Server]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        config = load(write_config(folder, SITE, **settings))
        with open_store(config.store) as store:
            store.articles.save(articles(_ARTICLES), authority(config))
        with serving(folder, free_port(), "--workers", "1") as running:
            running.published(_FEED)
            eventually(lambda: running.worker() is not None)
            yield Server(running.url, psutil.Process(running.process.pid))


def _measured(
    store: str, repetitions: int, service: Server, state: AbstractContextManager[None]
) -> Neighbours:
    found = Neighbours(store)
    with TemporaryDirectory() as ours, TemporaryDirectory() as theirs, state:
        for _ in range(repetitions):
            found.quiet.append(answered(service, _ASKED, _SECONDS, Path(ours)))
            with asking(service, _SLOW, Path(theirs)):
                found.beside.append(answered(service, _ASKED, _SECONDS, Path(ours)))
    return found


def _cells(name: str, loads: list[Load]) -> list[str]:
    per_second = median(load.per_second for load in loads)
    waits = [median(getattr(load, number) for load in loads) for number in ("p50", "p99")]
    return [f"  {name}", f"{per_second:,.0f}", *(f"{1000 * wait:.2f}" for wait in waits)]
