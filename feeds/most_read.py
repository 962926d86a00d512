"""The orders of the ranked feeds: made of the store's counts, kept until they are due again."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from heapq import merge

from feeds.catalog import RISING, Feed, feeds_of
from feeds.config import Config
from feeds.model import LATEST, Counted, Ranking, Term
from feeds.ranking import EVER, Rules, widen
from feeds.rising import RECENT_HOURS, WEEK, WEEKS, rising
from feeds.store import PROBATION, SECONDS, Bursts, Store
from feeds.views.visitors import start_of

logger = logging.getLogger(__name__)

_KEPT = (WEEKS + 1) * WEEK  # hours of counts: what rises is compared with the weeks before
_SECONDS_SET_BACK = 60  # more is told; the clocks of two machines may differ a little


def rank_all(store: Store, config: Config, now: datetime, *, closing: bool = True) -> None:
    """Bring all counts and orders up to a moment, and close the days that are over.

    They stay open unless it is `closing`: while views of them may still be spooled; and while the
    clock is not believed. Terms whose order changed are touched. The caller holds the ranking lock.
    Raises StoreError.
    """
    come = _time_that_has_come(store, config, int(now.timestamp()))
    settle(store, config, now)
    for term in (LATEST, *store.documents.terms("section")):
        ranked = {feed.window: feed for feed in feeds_of(term, config) if feed.window}
        for feed in ranked.values():
            rerank(feed, store, config, now, touching=True)
    if closing:
        over = list(_days_over(store.counting.open_days(), config, come))
        store.counting.close(over, since=come // SECONDS - max(_KEPT, *_spans(config)))


def settle(store: Store, config: Config, now: datetime) -> None:
    """Bring the counts of readers up to a moment; raises StoreError."""
    views = config.views
    bursts = Bursts(views.burst_articles, views.burst_network, views.burst_share)
    store.counting.settle(hour_of(now), _spans(config), bursts)


def hour_of(moment: datetime) -> int:
    """Give the hour since 1970 that a moment falls in."""
    return int(moment.timestamp()) // SECONDS


def rerank(
    feed: Feed, store: Store, config: Config, now: datetime, *, touching: bool = False
) -> None:
    """Rank a feed anew from the settled counts, and keep the order.

    If it is another one than before, the feed's term can be marked for publishing with it.
    """
    window = feed.window or ""
    ranking = ranking_of(feed.term, window, store, config, now)
    store.rankings.save(feed.term, window, ranking, _rules_digest(config), touching=touching)


def is_out_of_date(feed: Feed, store: Store, config: Config, now: datetime) -> bool:
    """Say whether a feed cannot wait for its next ranking.

    There is no order yet, or one by other rules; an article of it is gone or kept out by now; or it
    is made of what was imported, which has changed.
    """
    ranking = store.rankings.get(feed.term, feed.window or "", _rules_digest(config))
    if ranking is None or ranking.basis == EVER:
        return True
    blocked = {block.article_id for block in store.rankings.blocks()}
    live = {article.id for article in store.articles.listed(feed.term, ranking.articles, now)}
    return not live - blocked >= set(ranking.articles)


def ranking_of(term: Term, window: str, store: Store, config: Config, now: datetime) -> Ranking:
    """Rank a term's articles over a window, a longer one if need be, or what rises (`RISING`)."""
    rules = rules_of(store, config, now)
    if window == RISING:
        return rising(term, store, rules, config.site.zone, now)
    hours = config.most_read.hours
    longer = sorted((name for name in hours if hours[name] > hours[window]), key=hours.__getitem__)
    return widen(
        ((name, store.readers.counted(term, hours[name])) for name in (window, *longer)),
        lambda ranked: _ever(ranked, term, store),
        rules,
    )


def rules_of(store: Store, config: Config, now: datetime) -> Rules:
    """Give the rules of the config, and what editors keep out."""
    wanted = config.most_read
    oldest = now - timedelta(days=wanted.max_age) if wanted.max_age else None
    return Rules(
        now=int(now.timestamp()),
        limit=wanted.limit,
        minimum=wanted.minimum_readers,
        fill=wanted.fill,
        since=int(oldest.timestamp()) if oldest else -(2**62),
        blocked=frozenset(block.article_id for block in store.rankings.blocks()),
    )


def _time_that_has_come(store: Store, config: Config, now: int) -> int:
    """Give the time up to which days can be over; what is destroyed does not come back."""
    before, after = store.counting.look_at_clock(now, PROBATION + config.most_read.refresh)
    shown = f"the clock shows {datetime.fromtimestamp(now, config.site.zone):%Y-%m-%d %H:%M}"
    if before.seen - now > _SECONDS_SET_BACK:
        logger.warning("%s: it was set back by %s", shown, timedelta(seconds=before.seen - now))
    elif after.since not in (before.since, after.believed):
        logger.warning(
            "%s, and was last seen %s before that: the service was off, or the clock is ahead. What"
            " tells the visitors of a day again, and counts of long ago, stay until the clock has"
            " gone on for an hour; if it is wrong, set it right before",
            shown,
            timedelta(seconds=now - before.seen),
        )
    return after.believed


def _days_over(open_days: Mapping[int, int], config: Config, now: int) -> Iterator[int]:
    """Name the days that nothing is awaited for any more.

    Logs of long ago make a day's secret late, and then it has to last for all of them.
    """
    for day, made in open_days.items():
        end = start_of(day + 1, config.site.zone)
        if max(end, made) + config.views.open_hours * SECONDS <= now:
            yield day


def _ever(ranked: Sequence[Counted], term: Term, store: Store) -> Iterator[Counted]:
    """Add carried-over readers to what the longest window ranked, by falling sums.

    Of an article with fewer readers than the minimum only those carried over count.
    """
    carried = store.readers.carried_by([each.article_id for each in ranked])
    sums = sorted(
        (
            Counted(each.article_id, each.published, each.readers + carried[each.article_id])
            for each in ranked
        ),
        key=_falling,
    )
    others = (each for each in store.readers.carried_over(term) if each.article_id not in carried)
    return merge(sums, others, key=_falling)


def _falling(article: Counted) -> int:
    return -article.readers


def _spans(config: Config) -> set[int]:
    return {*config.most_read.hours.values(), RECENT_HOURS, WEEK}


def _rules_digest(config: Config) -> str:
    wanted = config.most_read
    return json.dumps([wanted.limit, wanted.minimum_readers, wanted.fill, wanted.max_age])
