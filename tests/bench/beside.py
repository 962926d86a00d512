"""How much longer readers of a feed wait while others ask for everything that is slow."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from feeds.catalog import authority
from feeds.config import load
from feeds.store import open_store
from tests import patches
from tests.bench.articles import SITE, article, articles
from tests.bench.measure import Numbers, Race, Table, run
from tests.bench.servers import Server, require_programs
from tests.bench.wrk import Asked, asking, disturbed
from tests.paper import write_config
from tests.postgres import frozen, postgres
from tests.processes import eventually, free_port, serving

_ARTICLES = 500
_FEED = "/feeds/latest.rss"
_ASKED = [Asked(_FEED, {"Accept-Encoding": "gzip"})]
_SLOW = [
    asked
    for number in range(50)
    for asked in (
        Asked("/", {}),
        Asked("/feeds/", {}),
        Asked(f"/feeds/search?q={number}", {}),
        Asked("/articles/page", {}),
        Asked("/feeds.opml", {}),
        Asked(f"/feeds/tags/none-{number}.rss", {}),
        Asked(f"/articles/none-{number}", {}),
        Asked(f"/views/none-{number}", {}, "POST"),
    )
]
_RATIOS = {f"× {number}": (number, "quiet") for number in ("answers/s", "p50 ms", "p99 ms")}


def measure(repetitions: int) -> Iterator[Table]:
    """How long readers of a feed wait: by themselves, and beside others who ask for slow pages.

    `feeds serve --workers 1` is asked by 32 connections of wrk for a feed, gzip accepted, two
    seconds each round ("quiet"); and also while 32 others ask for `/`, `/feeds/`, searches of it,
    an article's page, `/feeds.opml`, unknown feeds, unknown articles and views of these ("beside",
    whose "cpu" is for all of them). "×" is how many times the quiet number it is, round by round;
    the goal for p99 is 2.

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
            page = replace(article(_ARTICLES), id="page", url=None)
            stored = (*articles(_ARTICLES), page)
            patches.save(store, stored, authority(config), datetime.now(UTC))
        with serving(folder, free_port(), "--workers", "1") as running:
            for path in (_FEED, "/", "/feeds/", "/articles/page"):
                running.published(path)
            eventually(lambda: running.worker() is not None)
            yield Server(running.url, psutil.Process(running.process.pid))


def _measured(
    store: str, repetitions: int, service: Server, state: AbstractContextManager[None]
) -> Table:
    with TemporaryDirectory() as ours, TemporaryDirectory() as theirs, state:
        quiet = asking(service, _ASKED, Path(ours))

        def beside(repetition: object) -> Numbers:
            with disturbed(service, _SLOW, Path(theirs)):
                return quiet(repetition)

        return run(Race(store, {"quiet": quiet, "beside": beside}, _RATIOS), repetitions)
