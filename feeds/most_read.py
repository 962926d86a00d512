"""The orders of the ranked feeds, made from the store's counts and kept until the next ranking."""

import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice, takewhile
from statistics import fmean
from zoneinfo import ZoneInfo

from feeds.catalog import RISING, Feed, feeds_of
from feeds.config import Config
from feeds.model import LATEST, Term
from feeds.ranking import EVER, Counted, Ranking, Rules, Usual, rank_rising, widen
from feeds.store import SECONDS, Block, Bursts, Clock, Store, Unreadable
from feeds.views import start_of

logger = logging.getLogger(__name__)

RECENT_HOURS = 3
"""The full hours before the present one in which an article can rise."""

_WEEK = 7 * 24
_WEEKS = 4  # to compare the recent hours with
_MOST_READ = 2_000  # articles that are looked at: others cannot have risen far
_NEAR = 12  # hours: a week counts as known if it has any readers so near
_KEPT = (_WEEKS + 1) * _WEEK  # hours of counts

_PROBATION = 3600  # seconds that a clock must go on after a jump before it is believed
_SECONDS_SET_BACK = 60  # the clocks of two machines may differ a little


def rank_all(store: Store, config: Config, now: datetime, *, closing: bool = True) -> None:
    """Bring all counts and orders up to date, and close the days that are over.

    Days stay open without `closing`, when some of their views may still be spooled, and while the
    clock is not believed. Terms whose order has changed are touched. The caller holds the ranking
    lock. Raises StoreError.
    """
    believed = _believed_time(store, config, int(now.timestamp()))
    count_readers(store, config, now)
    for term in (LATEST, *store.documents.terms("section")):
        by_window = {feed.window: feed for feed in feeds_of(term, config) if feed.window}
        for feed in by_window.values():
            rank_feed(feed, store, config, now, touching=True)
    if closing and believed is not None:
        # A salt that an imported old log made has to last for the other logs of its day.
        open_days = store.readers.open_days().items()
        ends = {day: max(start_of(day + 1, config.site.zone), made) for day, made in open_days}
        is_open_for = config.views.open_hours * SECONDS
        over = [day for day, end in ends.items() if end + is_open_for <= believed]
        store.readers.close(over, since=believed // SECONDS - max(_KEPT, *_spans(config)))
        store.polls.forget(before=believed // SECONDS - _KEPT)


def count_readers(store: Store, config: Config, now: datetime) -> None:
    """Count the folded views; the caller holds the ranking lock. Raises StoreError."""
    views = config.views
    bursts = Bursts(views.burst_articles, views.burst_network, views.burst_share)
    store.readers.count(hour_of(now), _spans(config), bursts)


def hour_of(moment: datetime) -> int:
    """Give the hour since 1970 that a moment falls in."""
    return int(moment.timestamp()) // SECONDS


def rank_feed(
    feed: Feed, store: Store, config: Config, now: datetime, *, touching: bool = False
) -> None:
    """Rank a feed and store its order; with `touching`, touch the term of a new order."""
    window = feed.window or ""
    ranked, basis = ranking_of(feed.term, window, store, config, now)
    ranking = Ranking(tuple(each.article_id for each in ranked), basis)
    store.rankings.save(feed.term, window, ranking, _rules_digest(config), touching=touching)


def rank_if_outdated(feed: Feed, store: Store, config: Config, now: datetime) -> bool:
    """Rank a feed if it cannot wait for the next ranking; say whether it could not.

    It cannot wait without an order by these rules, with a withdrawn or blocked article, or with
    carried-over readers, which any import may have changed.
    """
    ranking = store.rankings.get(feed.term, feed.window or "", _rules_digest(config))
    if ranking is not None and ranking.basis != EVER:
        live = {article.id for article in store.articles.listed(feed.term, ranking.articles, now)}
        if live - _blocked(store) >= set(ranking.articles):
            return False
    rank_feed(feed, store, config, now)
    return True


def ranking_of(
    term: Term, window: str, store: Store, config: Config, now: datetime
) -> tuple[list[Counted], str]:
    """Rank a term's articles over a window, or a longer one if need be; or those that rise.

    The window that was counted in fact comes with the order.
    """
    wanted, hours = config.most_read, config.most_read.hours
    oldest = now - timedelta(days=wanted.max_age) if wanted.max_age else None
    rules = Rules(
        now=int(now.timestamp()),
        limit=wanted.limit,
        minimum=wanted.minimum_readers,
        fill=wanted.fill,
        since=int(oldest.timestamp()) if oldest else -(2**62),
        blocked=_blocked(store),
    )
    if window == RISING:
        return _rising(term, store, rules, config.site.zone, now), RISING
    longer = sorted((name for name in hours if hours[name] > hours[window]), key=hours.__getitem__)
    return widen(
        ((name, store.readers.counted(term, hours[name])) for name in (window, *longer)),
        lambda ranked: _ever(ranked, term, store),
        rules,
    )


@dataclass(frozen=True, slots=True)
class Place:
    """An article in a ranking, with its readers and the views that did not count, by reason."""

    rank: int
    id: str
    readers: int
    title: str
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Top:
    """A ranking with its readers; `left_out` is about all articles of the newspaper."""

    window: str
    basis: str
    articles: Sequence[Place]
    left_out: Mapping[str, int]
    blocked: Sequence[Block]


def top_of(term: Term, window: str, store: Store, config: Config, now: datetime) -> Top:
    """Rank a term's articles by a window, or `RISING`, as staff see it; raises StoreError."""
    ranked, basis = ranking_of(term, window, store, config, now)
    readers = {each.article_id: each.readers for each in ranked}
    hours = {**config.most_read.hours, RISING: RECENT_HOURS}
    span = hours.get(basis) or max(hours.values())
    left_out = store.readers.invalid_traffic(hour_of(now) - span)
    places = []
    for rank, each in enumerate(store.articles.listed(term, list(readers), now), 1):
        title = f"({each.id} {each.reason})" if isinstance(each, Unreadable) else each.title
        places.append(Place(rank, each.id, readers[each.id], title, left_out.get(each.id, {})))
    reasons = dict(sum(map(Counter[str], left_out.values()), Counter[str]()))
    return Top(window, basis, places, reasons, store.rankings.blocks())


def _rules_digest(config: Config) -> str:
    wanted = config.most_read
    return json.dumps([wanted.limit, wanted.minimum_readers, wanted.fill, wanted.max_age])


def _blocked(store: Store) -> frozenset[str]:
    return frozenset(block.article_id for block in store.rankings.blocks())


def _spans(config: Config) -> set[int]:
    return {*config.most_read.hours.values(), RECENT_HOURS, _WEEK}


def _ever(ranked: Sequence[Counted], term: Term, store: Store) -> Iterator[Counted]:
    """Add carried-over readers to those of the longest window, and give the highest sums first.

    Articles below the minimum there count with their carried-over readers alone.
    """
    ids = {each.article_id for each in ranked}
    carried = store.readers.carried_by(ids)
    sums = [
        Counted(each.article_id, each.published, each.readers + carried.get(each.article_id, 0))
        for each in ranked
    ]
    others = (each for each in store.readers.carried_over(term) if each.article_id not in ids)
    return merge(sorted(sums, key=_falling), others, key=_falling)


def _falling(article: Counted) -> int:
    return -article.readers


def _rising(term: Term, store: Store, rules: Rules, zone: ZoneInfo, now: datetime) -> list[Counted]:
    counted = store.readers.counted(term, RECENT_HOURS)
    enough = takewhile(lambda each: each.readers >= rules.minimum, counted)
    recent = list(islice(enough, _MOST_READ))
    of_week = store.readers.of([each.article_id for each in recent], _WEEK)
    before = store.readers.of_all(_WEEK) - store.readers.of_all(RECENT_HOURS)
    shares = {
        each.article_id: (of_week.get(each.article_id, 0) - each.readers) / before
        for each in recent
        if before > 0
    }
    return rank_rising(recent, shares, _usual(before, store, zone, now), rules)


def _usual(before: int, store: Store, zone: ZoneInfo, now: datetime) -> Usual:
    """Average the same hours of earlier weeks; the present hour counts in part.

    Without an earlier week, the average hour of this week is usual: `before` are the readers of
    this week without the recent hours.
    """
    recent = hour_of(now) - RECENT_HOURS
    first = store.readers.first_hour(hour_of(now) - _WEEK, recent)
    an_hour = 0.0 if first is None else before / (recent - first)
    readers, articles = 0.0, 0.0
    for back in range(RECENT_HOURS + 1):
        part = 1 if back else now.timestamp() % SECONDS / SECONDS
        known = [
            hour
            for hour in _weeks_before(now, back, zone)
            if store.readers.first_hour(hour - _NEAR, hour + _NEAR) is not None
        ]
        past = store.readers.by_hour(known)
        weeks = [past.get(hour, (0.0, 0)) for hour in known] or [(an_hour, 0)]
        readers += part * fmean(each for each, _ in weeks)
        articles = max(articles, fmean(each for _, each in weeks))
    return Usual(readers, articles)


def _weeks_before(now: datetime, back: int, zone: ZoneInfo) -> list[int]:
    """Give the hours of earlier weeks at the same local time as the one `back` hours ago."""
    here = datetime.fromtimestamp((hour_of(now) - back) * SECONDS, zone)
    return [hour_of(here - timedelta(weeks=weeks)) for weeks in range(1, _WEEKS + 1)]


def _believed_time(store: Store, config: Config, now: int) -> int | None:
    """Give the time up to which days can be over: destroyed data does not come back.

    After a long absence the clock may be ahead. It is believed once it has gone on for an hour, or
    shows a later time after another absence; until then None is given.
    """
    before = store.readers.clock() or Clock(now, now)
    was_away = now - before.seen > _PROBATION + config.most_read.refresh
    jumped = was_away or now < before.since
    store.readers.save_clock(Clock(now if jumped else before.since, now))
    shown = f"the clock shows {datetime.fromtimestamp(now, config.site.zone):%Y-%m-%d %H:%M}"
    if before.seen - now > _SECONDS_SET_BACK:
        logger.warning("%s: it was set back by %s", shown, timedelta(seconds=before.seen - now))
    elif was_away:
        logger.warning(
            "%s, and was last seen %s before that: the service was off, or the clock is ahead."
            " Days stay open, and old counts are kept, until the clock has run for an hour;"
            " if it is wrong, correct it before then",
            shown,
            timedelta(seconds=now - before.seen),
        )
    if now - before.since < _PROBATION:
        return None
    return before.since if was_away else now
