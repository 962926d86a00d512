"""How fast views are accepted, folded and imported from access logs, and articles ranked."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from feeds.catalog import RISING, authority
from feeds.config import Config, load
from feeds.importers import Source
from feeds.importers.record import read_record
from feeds.model import LATEST, Term
from feeds.most_read import count_readers, hour_of, ranking_of
from feeds.store import Store, open_store
from feeds.store.schema import articles, counts, listings
from feeds.store.visits import READER
from feeds.views import (
    Hit,
    LogImport,
    Spool,
    Visitors,
    fold_all,
)
from tests.bench.korean import SECTIONS
from tests.bench.measure import Contestant, Numbers, Race, Table, run, timed_race
from tests.bench.servers import nginx_that_logs, require_programs, web_process
from tests.bench.wrk import Asked, asking
from tests.paper import record, settings, write_articles, write_config
from tests.processes import eventually, free_port, imported, serving
from tests.readers import DESK, PHONE

_ARTICLES = 200
_REQUESTS = 4_000
_VIEWS = 200_000
_MANY_ARTICLES = 1_000_000
_MANY_VIEWS = 10_000_000
_HOURS = 30 * 24
_NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_SECTION = Term("section", SECTIONS[0])
_PIECE = 50_000


def measure(repetitions: int) -> Iterator[Table]:
    """Views a second at each step from a reader's browser to an order of articles.

    \b
    views: 32 connections of wrk that send views of 200 articles by 4,000 visitors to
      feeds             the beacon of `feeds serve --workers 1`, its worker folding beside it
      alone             the same while that worker rests: what one web process accepts
      nginx             one worker that answers 204 and writes an access log in combined format

    \b
    count: 200,000 views of 200 articles by 50,000 visitors on one day, into an empty SQLite store
      fold              spool files, as the worker folds them
      count             the counts of that day from its visits, and the totals of all windows
      import            an access log; half of its lines are views of articles
      dictionary        the same log split at its blanks and counted in memory

    \b
    rank: 1,000,000 articles that had 10,000,000 readers in 30 days
      a name            the order of that window, for the paper
      section           the default window, for one section
      rising            articles that are read more than usual
      next hour         the count after an hour, when the oldest one leaves each window
      GROUP BY 24h      the same order as 24h, added up from the counts in one query
    """
    require_programs()
    with TemporaryDirectory() as name:
        yield _accepted(Path(name), repetitions)
    with TemporaryDirectory() as name:
        yield run(_counting(Path(name)), repetitions)
    with TemporaryDirectory() as name:
        config = settings(Path(name))
        with open_store(config.store) as store:
            yield run(_ranking(store, config), repetitions)


def _accepted(folder: Path, repetitions: int) -> Table:
    write_config(folder, views={"proxies": 1})
    ids = [str(number) for number in range(_ARTICLES)]
    imported(folder, write_articles(folder / "articles.jsonl", map(record, ids)))
    asked = [
        Asked(f"/views/{number % _ARTICLES}", {**headers, "Accept": "*/*"}, "POST")
        for number, headers in zip(range(_REQUESTS), _visitors(), strict=False)
    ]
    with serving(folder, free_port()) as running, nginx_that_logs(folder) as peer:
        worker = eventually(running.worker)
        feeds, nginx = (asking(each, asked, folder) for each in (web_process(running), peer))

        def resting(contestant: Contestant[object]) -> Contestant[object]:
            def turn(repetition: object) -> Numbers:
                worker.suspend()
                try:
                    return contestant(repetition)
                finally:
                    worker.resume()

            return turn

        contestants = {"feeds": feeds, "alone": resting(feeds), "nginx": resting(nginx)}
        return run(Race("views", contestants, {"× nginx": ("answers/s", "nginx")}), repetitions)


def _visitors() -> Iterator[dict[str, str]]:
    for number in count():
        agent = (PHONE, DESK)[number % 2]
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        yield {"User-Agent": agent, "X-Forwarded-For": address}


@dataclass(frozen=True, slots=True)
class _Given:
    """A store with articles, a folder of spools, and a log, all of one day of views."""

    spooled: Store
    logged: Store
    config: Config
    spool: Path
    log: Path


def _counting(folder: Path) -> Race[_Given]:
    hits = list(_hits(Random(1)))

    def given(repetition: int) -> _Given:
        here = folder / str(repetition)
        here.mkdir()
        config = load(write_config(here))
        stores = [_small_store(here / name, config) for name in ("spooled.db", "logged.db")]
        made = _Given(*stores, config, here / "spool", here / "access.log")
        made.spool.mkdir()
        spool, visitors = Spool(made.spool), Visitors(config, made.spooled.visits.salt)
        for each in hits:
            spool.append(visitors.view(each))
        spool.close()
        made.log.write_text("".join(_lines(hits)), "utf-8")
        return made

    ours: Mapping[str, Callable[[_Given], object]] = {
        "fold": lambda it: fold_all(it.spool, it.spooled),
        "count": lambda it: count_readers(it.spooled, it.config, _NOW),
        "import": _import,
    }
    peers = {"dictionary": _count_in_memory}
    return timed_race("count", (_VIEWS, "views"), given, ours, peers)


def _small_store(path: Path, config: Config) -> Store:
    store = open_store(f"sqlite:///{path}").__enter__()  # closed with the process
    source = Source("", config.site.zone, config.site.url)
    accepted = [read_record(record(str(number)), source)[0] for number in range(_ARTICLES)]
    store.articles.save(accepted, authority(config), _NOW)
    return store


def _hits(random: Random) -> Iterator[Hit]:
    """Make hits of one day; the lower an article's number, the more hits it has."""
    start = int((_NOW - timedelta(hours=8)).timestamp())
    people = [visitor for visitor, _ in zip(_visitors(), range(50_000), strict=False)]
    for number in range(_VIEWS):
        person = random.choice(people)
        article_id = str(int(_ARTICLES * random.random() ** 3))
        moment = start + number * 8 * 3600 // _VIEWS
        yield Hit(article_id, moment, person["X-Forwarded-For"], person["User-Agent"])


def _lines(hits: Sequence[Hit]) -> Iterator[str]:
    for each in hits:
        time = datetime.fromtimestamp(each.moment, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
        for target in (f"/news/view.php?idx={each.article_id}&page=1", "/css/paper.css?v=3"):
            yield (
                f'{each.address} - - [{time}] "GET {target} HTTP/1.1" 200 5120'
                f' "https://www.news.example/" "{each.agent}"\n'
            )


def _import(given: _Given) -> None:
    importer = LogImport(given.logged, given.config)
    importer.run(given.log, id)
    assert importer.tally.views == _VIEWS


def _count_in_memory(given: _Given) -> None:
    seen = set()
    with given.log.open(encoding="utf-8") as log:
        for line in log:
            parts = line.split(" ", 11)
            if "idx=" in parts[6]:
                seen.add((parts[0], parts[11], parts[6]))
    assert len(Counter(target for _, _, target in seen)) == _ARTICLES


def _ranking(store: Store, config: Config) -> Race[Store]:
    _fill(store, Random(1))
    count_readers(store, config, _NOW)
    hours = count(1)

    def next_hour(_: Store) -> None:
        count_readers(store, config, _NOW + timedelta(hours=next(hours)))

    def order(window: str, term: Term = LATEST) -> Callable[[Store], object]:
        return lambda it: ranking_of(term, window, it, config, _NOW)

    ours = {window: order(window) for window in config.most_read.windows}
    ours["section"] = order(config.most_read.default, _SECTION)
    ours[RISING] = order(RISING)
    ours["next hour"] = next_hour
    peers = {"GROUP BY 24h": _group_by}
    return timed_race("rank", (1, "orders"), lambda _: store, ours, peers)


def _group_by(store: Store) -> None:
    readers = sa.func.sum(counts.c.number)
    query = (
        sa.select(counts.c.article_id, readers, articles.c.published)
        .join_from(counts, articles, articles.c.id == counts.c.article_id)
        .where(counts.c.hour > hour_of(_NOW) - 24, counts.c.kind == READER)
        .where(articles.c.status == "live", articles.c.published <= int(_NOW.timestamp()))
        .group_by(counts.c.article_id, articles.c.published)
        .order_by(readers.desc(), articles.c.published.desc(), counts.c.article_id)
        .limit(10)
    )
    with store._database.reading() as connection:
        assert len(connection.execute(query).all()) == 10


def _fill(store: Store, random: Random) -> None:
    """Fill a store as `save` and `fold` would in an hour; newer articles have more readers."""
    now = int(_NOW.timestamp())
    with store._database.writing() as connection:
        for start in range(0, _MANY_ARTICLES, _PIECE):
            rows = [_row(number, now) for number in range(start, start + _PIECE)]
            connection.execute(sa.insert(articles), rows)
            connection.execute(sa.insert(listings), [one for row in rows for one in _listed(row)])
        for back in range(_HOURS):
            readers = Counter(
                int(_MANY_ARTICLES * random.random() ** 6) for _ in range(_MANY_VIEWS // _HOURS)
            )
            hour = hour_of(_NOW) - back
            connection.execute(
                sa.insert(counts),
                [
                    {"hour": hour, "kind": READER, "article_id": str(n), "number": many}
                    for n, many in readers.items()
                ],
            )


def _row(number: int, now: int) -> dict[str, object]:
    published = now - number * 420
    name = str(number)
    shared = {"authors": [], "sections": [], "tags": [], "views": 0, "status": "live"}
    dates = {"published": published, "updated": published}
    return {"id": name, "guid": f"tag:{name}", "title": f"제목 {name}", **dates, **shared}


def _listed(row: dict[str, object]) -> Iterator[dict[str, object]]:
    section = SECTIONS[int(str(row["id"])) % len(SECTIONS)]
    for kind, slug in (("latest", ""), ("section", section)):
        yield {
            "article_id": row["id"],
            "kind": kind,
            "slug": slug,
            "name": slug,
            "published": row["published"],
            "views": 0,
        }
