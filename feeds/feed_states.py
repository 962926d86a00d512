"""The state of each feed in all its formats, and of each article that feeds leave out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from feeds.catalog import feed_path
from feeds.config import Config
from feeds.store import Status, Store
from feeds.text import clean


@dataclass(frozen=True, slots=True)
class FeedState:
    """The state of a feed; moments are in the paper's time zone.

    `path` is below `/feeds/`, without an extension. `changed` is None while nothing is published,
    and `fault` if the last check found none. `held_back` is a number of articles.
    """

    path: str
    title: str
    articles: int
    changed: datetime | None
    checked: datetime
    fault: str | None
    held_back: int


@dataclass(frozen=True, slots=True)
class HeldBackArticle:
    """An article that feeds leave out; `feeds` are paths as in `FeedState`."""

    id: str
    headline: str
    reason: str
    since: datetime
    feeds: tuple[str, ...]


def feed_states(
    store: Store, config: Config, *kinds: str, faulty: bool = False, about: str = ""
) -> list[FeedState]:
    """Give the state of feeds by path: all, of kinds of terms, or at fault; raises StoreError.

    A feed is `about` a text that is in its path or title, in any case; the paper's name, which is
    in all titles, does not count.
    """
    held_back = {(feed_path(each.path), each.article_id) for each in store.documents.held_back()}
    numbers = Counter(feed for feed, _ in held_back)
    statuses = store.documents.statuses(*kinds, faulty=faulty)
    states = groupby(statuses, key=lambda status: feed_path(status.path))
    found = [_state(path, list(formats), numbers[path], config) for path, formats in states]
    text, paper = clean(about).casefold(), f"{config.site.title} – "
    names = (f"/feeds/{each.path}\n{each.title.removeprefix(paper)}" for each in found)
    return [each for each, name in zip(found, names, strict=True) if text in name.casefold()]


def _state(path: str, formats: Sequence[Status], held_back: int, config: Config) -> FeedState:
    latest = max(formats, key=lambda each: each.last_modified or 0)
    faults = dict.fromkeys(each.fault for each in formats if each.fault)
    return FeedState(
        path,
        latest.title,
        latest.entries,
        _at(latest.last_modified, config) if latest.last_modified else None,
        _at(max(each.checked for each in formats), config),
        "; ".join(faults) or None,
        held_back,
    )


def held_back_articles(store: Store, config: Config) -> list[HeldBackArticle]:
    """Give the articles that feeds leave out, the latest first; raises StoreError."""
    groups = groupby(store.documents.held_back(), key=lambda held: held.article_id)
    by_article = {article_id: list(group) for article_id, group in groups}
    headlines = store.headlines.of(by_article)
    articles = [
        HeldBackArticle(
            article_id,
            headlines[article_id].title if article_id in headlines else article_id,
            group[0].reason,
            _at(min(held.since for held in group), config),
            tuple(dict.fromkeys(feed_path(held.path) for held in group)),
        )
        for article_id, group in by_article.items()
    ]
    return sorted(articles, key=lambda each: each.since, reverse=True)


def _at(seconds: int, config: Config) -> datetime:
    return datetime.fromtimestamp(seconds, config.site.zone)
