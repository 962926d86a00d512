"""What the desk shows of the whole paper; a part that cannot be read leaves out no other."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from feeds.catalog import RISING
from feeds.config import Config
from feeds.errors import StoreError
from feeds.feed_states import feed_states
from feeds.health import health
from feeds.model import LATEST
from feeds.most_read import hour_of, top_of
from feeds.store import CONFIGURED, SECONDS, Store
from feeds.translations import translations

_MOST_EMBARGOED = 50
_MOST_HOSTS = 20
_HOURS = 24
_DAYS = 30

Bars = Sequence[tuple[str, int]]
"""Numbers over time: the label of each, and the number. The last one is not over yet."""


def overview_of(store: Store, config: Config, now: datetime) -> dict[str, object]:
    """Give the parts by name; None for a part that cannot be read."""
    look, words = health(store, config, now), translations(config.site.language)
    told = {"health": look, "troubles": look.troubles(words), "sentence": look.sentence(words)}
    parts = dict[str, object].fromkeys(_PARTS)
    for name, part in _PARTS.items():
        with suppress(StoreError):
            parts[name] = part(store, config, now)
    return told | parts


def _blocked(store: Store, _config: Config, _now: datetime) -> Mapping[str, str]:
    """Give the titles of the articles that editors keep out of rankings, by id."""
    found = store.headlines.of([block.article_id for block in store.rankings.blocks()])
    return {article_id: headline.title for article_id, headline in found.items()}


def _plots(store: Store, config: Config, now: datetime) -> Mapping[str, tuple[Bars, Bars]]:
    """Give each kind of number by the hour and by the day."""
    local = now.astimezone(config.site.zone)
    first = local.replace(hour=0, minute=0, second=0) - timedelta(_DAYS - 1)
    since = hour_of(first)
    numbers = {
        "readers": store.readers.sums(since, hour_of(now) + 1),
        "polls": {hour: each.requests for hour, each in store.polls.by_hour(since).items()},
        "articles": store.headlines.by_hour(since, now),
    }
    return {kind: (hourly(each, local), daily(each, local)) for kind, each in numbers.items()}


def hourly(numbers: Mapping[int, int], now: datetime) -> Bars:
    """Give the last 24 hours of numbers by hours since 1970, in the zone of `now`."""
    last = hour_of(now)
    hours = range(last - _HOURS + 1, last + 1)
    return [(f"{_start(hour, now):%H:%M}", numbers.get(hour, 0)) for hour in hours]


def daily(numbers: Mapping[int, int], now: datetime) -> Bars:
    """Give the last 30 days of numbers by hours since 1970, in the zone of `now`."""
    sums = {now.date() - timedelta(back): 0 for back in reversed(range(_DAYS))}
    for hour, number in numbers.items():
        if (day := _start(hour, now).date()) in sums:
            sums[day] += number
    return [(f"{day:%m-%d}", number) for day, number in sums.items()]


def _start(hour: int, now: datetime) -> datetime:
    return datetime.fromtimestamp(hour * SECONDS, now.tzinfo)


_Part = Callable[[Store, Config, datetime], object]
_PARTS: Mapping[str, _Part] = {
    "embargoed": lambda store, _, now: store.headlines.embargoed(now, _MOST_EMBARGOED),
    "top": lambda store, config, now: top_of(LATEST, config.most_read.default, store, config, now),
    "rising": lambda store, config, now: top_of(LATEST, RISING, store, config, now),
    "blocked": _blocked,
    "plots": _plots,
    "pollers": lambda store, _, now: store.polls.by_client(hour_of(now) - _HOURS + 1),
    "subscribers": lambda store, _, __: store.receivers.hosts(_MOST_HOSTS),
    "receivers": lambda store, _, __: store.receivers.all(*CONFIGURED),
    "feeds": lambda store, config, _: feed_states(store, config, LATEST.kind, "section"),
}
