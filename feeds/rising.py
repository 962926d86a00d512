"""What rises: what is read far above what is usual for this hour of the week."""

from datetime import datetime, timedelta
from itertools import islice, takewhile
from statistics import fmean
from zoneinfo import ZoneInfo

from feeds.catalog import RISING
from feeds.model import Ranking, Term
from feeds.ranking import Rise, Rules, Usual, rank_rising
from feeds.store import SECONDS, Store

RECENT_HOURS = 3
"""Over so many hours, and the part of the present one, something can rise."""
WEEK = 7 * 24
WEEKS = 4
"""With so many weeks before it is compared."""

_MOST = 2_000  # of the most read, who alone can have risen far
_NEAR = 12  # hours: a week is known if anybody read anything so near


def rising(term: Term, store: Store, rules: Rules, zone: ZoneInfo, now: datetime) -> Ranking:
    """Rank a term's articles by how far they are above what is usual; raises StoreError."""
    counted = store.readers.counted(term, RECENT_HOURS)
    enough = takewhile(lambda each: each.readers >= rules.minimum, counted)
    recent = list(islice(enough, _MOST))
    week = store.readers.of([each.article_id for each in recent], WEEK)
    before = _readers_before(store)
    rises = [
        Rise(each, (week.get(each.article_id, 0) - each.readers) / before if before > 0 else 0.0)
        for each in recent
    ]
    ranked = rank_rising(rises, _usual(store, zone, now), rules)
    return Ranking(tuple(each.article_id for each in ranked), RISING)


def _readers_before(store: Store) -> int:
    """Add up the readers of the last week, but for those of the last hours."""
    return store.readers.of_all(WEEK) - store.readers.of_all(RECENT_HOURS)


def _usual(store: Store, zone: ZoneInfo, now: datetime) -> Usual:
    """Average what these hours brought in the weeks before; of the present one its part.

    Before there is a week to compare with, any hour since the start is as usual as another.
    """
    hour = int(now.timestamp()) // SECONDS
    readers, articles = 0.0, 0.0
    for back in range(RECENT_HOURS + 1):
        known = [each for each in _weeks_before(hour - back, zone) if _is_known(each, store)]
        past = store.readers.by_hour(known)
        part = 1 if back else now.timestamp() % SECONDS / SECONDS
        if known:
            readers += part * fmean(past.get(each, (0, 0))[0] for each in known)
            articles = max(articles, fmean(past.get(each, (0, 0))[1] for each in known))
        else:
            readers += part * _readers_an_hour(store, hour)
    return Usual(readers, articles)


def _weeks_before(hour: int, zone: ZoneInfo) -> list[int]:
    """Give the hours at which clocks of the paper showed the same on that day of earlier weeks."""
    here = datetime.fromtimestamp(hour * SECONDS, zone)
    before = (here - timedelta(weeks=weeks) for weeks in range(1, WEEKS + 1))
    return [int(each.timestamp()) // SECONDS for each in before]


def _is_known(hour: int, store: Store) -> bool:
    return store.readers.first_hour(hour - _NEAR, hour + _NEAR) is not None


def _readers_an_hour(store: Store, hour: int) -> float:
    until = hour - RECENT_HOURS
    first = store.readers.first_hour(hour - WEEK, until)
    return 0.0 if first is None else _readers_before(store) / (until - first)
