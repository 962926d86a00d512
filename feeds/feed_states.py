"""The state of each feed in all its formats, and of each article that feeds leave out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from feeds.config import Config
from feeds.store import Status, Store


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


def feed_states(store: Store, config: Config, *, faulty: bool = False) -> list[FeedState]:
    """Give the state of each feed by path, or only of those at fault; raises StoreError."""
    left_out: dict[str, set[str]] = {}
    for held in store.documents.held_back():
        left_out.setdefault(_feed_path(held.path), set()).add(held.article_id)
    formats: dict[str, list[Status]] = {}
    for status in store.documents.statuses(faulty=faulty):
        formats.setdefault(_feed_path(status.path), []).append(status)
    return [
        _state(path, statuses, len(left_out.get(path, ())), config)
        for path, statuses in formats.items()
    ]


def _state(path: str, formats: Sequence[Status], held_back: int, config: Config) -> FeedState:
    zone, latest = config.site.zone, max(formats, key=lambda each: each.last_modified or 0)
    faults = dict.fromkeys(each.fault for each in formats if each.fault)
    return FeedState(
        path,
        latest.title,
        latest.entries,
        datetime.fromtimestamp(latest.last_modified, zone) if latest.last_modified else None,
        datetime.fromtimestamp(max(each.checked for each in formats), zone),
        "; ".join(faults) or None,
        held_back,
    )


def held_back_articles(store: Store, config: Config) -> list[HeldBackArticle]:
    """Give the articles that feeds leave out, the latest first; raises StoreError."""
    by_article = groupby(store.documents.held_back(), key=lambda held: held.article_id)
    groups = {article_id: list(group) for article_id, group in by_article}
    headlines = store.articles.headlines(groups)
    articles = [
        HeldBackArticle(
            article_id,
            headlines[article_id][0] if article_id in headlines else article_id,
            group[0].reason,
            datetime.fromtimestamp(min(held.since for held in group), config.site.zone),
            tuple(dict.fromkeys(_feed_path(held.path) for held in group)),
        )
        for article_id, group in groups.items()
    ]
    return sorted(articles, key=lambda each: each.since, reverse=True)


def _feed_path(path: str) -> str:
    return path.rpartition(".")[0]
