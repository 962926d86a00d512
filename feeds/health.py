"""The health of the paper: all that is wrong with it, since when, and what to do.

`feeds status`, `/readyz` and the desk tell it. Moments are in the paper's time zone.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta, tzinfo
from gettext import NullTranslations
from pathlib import Path
from typing import Any, NamedTuple

from feeds.config import Config
from feeds.errors import StoreError
from feeds.feed_states import FeedState, HeldBackArticle, feed_states, held_back_articles
from feeds.store import Store
from feeds.views import unwritable, waiting_since

_ENGLISH = NullTranslations()
_UNHEARD = timedelta(seconds=30)
_AHEAD = timedelta(minutes=1)  # the clocks of two machines may differ a little
_LONG_FOR_VIEWS = timedelta(minutes=1)
_LONG_FOR_TERMS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong: the sentence says what, since when and why, the advice what to do.

    `about` is the name of its check; `since` is None if nobody knows it.
    """

    about: str
    sentence: str
    advice: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the paper at a moment, as far as it can be seen.

    A worker was last `heard` when it published something or had nothing left to do, and last saw
    `clock`. Some terms cannot be published since `failing`, for the reason `why`. There are
    `feeds`, the latest change of which was `published`; those with `faults` failed their last
    check. `waiting` terms are to be published, the first since `waiting_since`. The first view that
    is not counted came at `views_since`. The latest of the articles `held_back` is the first.
    """

    now: datetime
    store_fault: str = ""
    spool_fault: str = ""
    clock: datetime | None = None
    heard: datetime | None = None
    failing: datetime | None = None
    why: str = ""
    feeds: int = 0
    published: datetime | None = None
    faults: tuple[FeedState, ...] = ()
    waiting: int = 0
    waiting_since: datetime | None = None
    views_since: datetime | None = None
    held_back: tuple[HeldBackArticle, ...] = ()

    def troubles(self, words: NullTranslations = _ENGLISH) -> list[Trouble]:
        """List all that is wrong, the worst first, in the language of a catalog."""
        return [
            Trouble(
                check.about,
                words.gettext(check.sentence).format_map(self._shown()),
                words.gettext(check.advice),
                getattr(self, check.since) if check.since else None,
            )
            for check in _CHECKS
            if check.is_wrong(self)
        ]

    def sentence(self, words: NullTranslations = _ENGLISH) -> str:
        """Say that all is well, or what is worst."""
        well = words.gettext(_WELL).format_map(self._shown())
        return next((each.sentence for each in self.troubles(words)), well)

    def is_silent(self) -> bool:
        """Say whether no worker was heard of lately."""
        # A time ahead of now, noted before a clock was set back, is no sign of life.
        return not self.store_fault and (
            self.heard is None or abs(self.now - self.heard) > _UNHEARD
        )

    def _shown(self) -> dict[str, Any]:
        """Give what sentences are filled with: moments in short, the first of lists."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        moments = {k: self._when(v) for k, v in values.items() if isinstance(v, datetime)}
        lists = {k: len(v) for k, v in values.items() if isinstance(v, tuple)}
        fault, article = next(iter(self.faults), None), next(iter(self.held_back), None)
        return values | moments | lists | {"fault": fault, "article": article}

    def _when(self, moment: datetime) -> str:
        is_today = moment.date() == self.now.date()
        return f"{moment:%H:%M}" if is_today else f"{moment:%Y-%m-%d %H:%M}"


def health(store: Store, config: Config, now: datetime) -> Health:
    """Look at the whole paper; a store that cannot be read is a trouble like others."""
    zone, spool = config.site.zone, Path(config.views.spool)
    look = Health(now.astimezone(zone), spool_fault=unwritable(spool))
    try:
        clock, (feeds, published) = store.readers.clock(), store.documents.feeds()
        waiting, first = store.changes.waiting()
        return replace(
            _of_worker(look, store),
            clock=_at(clock.seen if clock else None, zone),
            feeds=feeds,
            published=_at(published, zone),
            faults=tuple(feed_states(store, config, faulty=True)),
            waiting=waiting,
            waiting_since=_at(first, zone),
            views_since=_at(waiting_since(spool, store), zone),
            held_back=tuple(held_back_articles(store, config)),
        )
    except StoreError as error:
        return replace(look, store_fault=str(error))


def publishing_health(store: Store, config: Config, now: datetime) -> Health:
    """Look at publishing alone, which costs little; raises StoreError.

    There is a trouble about `publishing` if nothing is published at all.
    """
    return _of_worker(Health(now.astimezone(config.site.zone)), store)


def _of_worker(look: Health, store: Store) -> Health:
    noted, zone = store.publishing.health(), look.now.tzinfo
    heard, failing = _at(noted.heard, zone), _at(noted.failing, zone)
    return replace(look, heard=heard, failing=failing, why=noted.why)


def _at(seconds: int | None, zone: tzinfo | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, zone) if seconds else None


class _Check(NamedTuple):
    """What may be wrong; sentences are filled with the values of `Health`."""

    about: str
    is_wrong: Callable[[Health], object]
    since: str
    sentence: str
    advice: str


def _(sentence: str) -> str:
    """Mark a sentence for the catalogs."""
    return sentence


_WELL = _("All is well: {feeds} feeds, the latest published at {published}.")
_CHECKS = (
    _Check(
        "store",
        lambda health: health.store_fault,
        "",
        _("The store cannot be read: {store_fault}."),
        _("Start its server, or put its file back. Feeds are served from memory until then."),
    ),
    _Check(
        "clock",
        lambda health: health.clock and health.clock - health.now > _AHEAD,
        "",
        _("The clock shows {now}, but the worker has already seen {clock}."),
        _("Let all machines take their time from the network (NTP)."),
    ),
    _Check(
        "publishing",
        lambda health: health.is_silent() and not (health.heard or health.why),
        "",
        _("Nothing has been published yet: no worker has run."),
        _("Start `feeds serve` or `feeds worker`."),
    ),
    _Check(
        "publishing",
        lambda health: health.is_silent() and health.heard and not health.why,
        "heard",
        _("Nothing has been published since {heard}: no worker is heard of."),
        _("Start `feeds serve` or `feeds worker`. If one runs, its log says what it waits for."),
    ),
    _Check(
        "publishing",
        lambda health: health.is_silent() and health.why,
        "failing",
        _("Nothing is published; publishing has failed since {failing}: {why}."),
        _("The worker tries again every few seconds; its log has the details."),
    ),
    _Check(
        "spool",
        lambda health: health.spool_fault,
        "",
        _("Views cannot be kept: {spool_fault}."),
        _("Let the service write to that folder, and free space. Until then views are refused."),
    ),
    _Check(
        "terms",
        lambda health: health.failing and not health.is_silent(),
        "failing",
        _("Publishing has failed for some feeds since {failing}: {why}."),
        _("All other feeds are published. The worker tries again; its log has the details."),
    ),
    _Check(
        "feeds",
        lambda health: health.faults,
        "",
        _("Feeds that failed their last check: {faults}. {fault.path}: {fault.fault}."),
        _("Their last good documents are still served. `feeds list --faulty` names all."),
    ),
    _Check(
        "backlog",
        lambda health: health.waiting_since and health.now - health.waiting_since > _LONG_FOR_TERMS,
        "waiting_since",
        _("Sections, authors, tags that wait to be published: {waiting}, since {waiting_since}."),
        _("The latest articles go first. While the number falls, there is nothing to do."),
    ),
    _Check(
        "views",
        lambda health: health.views_since and health.now - health.views_since > _LONG_FOR_VIEWS,
        "views_since",
        _("Views have waited to be counted since {views_since}."),
        _("They are not lost. The log of the worker says why it does not count them."),
    ),
    _Check(
        "articles",
        lambda health: health.held_back,
        "",
        _("Articles held back: {held_back}. “{article.headline}”: {article.reason}."),
        _("Correct them in the CMS and save them again. `feeds quarantine` names all."),
    ),
)
