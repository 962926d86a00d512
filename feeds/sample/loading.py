"""The sample newspaper as if it came out in the last weeks: moved in time, and with readers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from feeds.catalog import authority
from feeds.config import Config
from feeds.importers import FORMATS, Accepted, Source
from feeds.model import Article, Patch
from feeds.sample import ARTICLES
from feeds.store import SECONDS, Store

_DATES = ("published", "updated")
_DAY = timedelta(days=1)
_MONTH = 30 * 24
_EMBARGOED = "gn-2026-0040"
_RISING = frozenset({"gn-2026-0016", "gn-2026-0029", "gn-2026-0034"})
_RISING_HOURS = 3


def load_sample(store: Store, config: Config, now: datetime) -> None:
    """Save the sample's articles and readers; raises StoreError."""
    saved = store.articles.save(sample_patches(config, now), authority(config), now)
    articles = [each.article for each in saved if each.article]
    store.readers.give(_readers(articles, int(now.timestamp()) // SECONDS))


def sample_patches(config: Config, now: datetime) -> Iterator[Patch]:
    """Read the sample, moved by whole days so that the newest came out in the last 24 hours.

    One more article is under embargo then, until 11 to 35 hours later.
    """
    source = Source(ARTICLES.name, config.site.zone, config.site.url)
    with ARTICLES.open("rb") as stream:
        items = list(FORMATS["jsonl"].read(stream, source))
    patches = [item.patch for item in items if isinstance(item, Accepted)]
    out = [patch.given for patch in patches if patch.id != _EMBARGOED]
    newest = max(given[key] for given in out for key in _DATES if key in given)
    days = (now - newest) // _DAY * _DAY
    for patch in patches:
        moved = {key: patch.given[key] + days for key in _DATES if key in patch.given}
        yield replace(patch, given={**patch.given, **moved})


def _readers(articles: Iterable[Article], now: int) -> Mapping[tuple[int, str], int]:
    """Make up readers by hour and article: fewer the older it is, some suddenly more."""
    readers = {}
    for article in articles:
        published = int(article.published.timestamp()) // SECONDS
        for hour in range(max(published, now - _MONTH), now + 1):
            number = article.views // (20 + 2 * (hour - published))
            if article.id in _RISING and hour > now - _RISING_HOURS:
                number = 9 * (number + 9)
            if number:
                readers[hour, article.id] = number
    return readers
