"""The health of the paper: all that is wrong with it, since when, and what to do.

`feeds status`, `/readyz` and the desk tell it. Moments are in the paper's time zone.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta, tzinfo
from gettext import NullTranslations
from pathlib import Path
from typing import Any, NamedTuple

from feeds.config import Config
from feeds.errors import StoreError
from feeds.feed_states import FeedState, HeldBackArticle, feed_states, held_back_articles
from feeds.model import PAGES
from feeds.store import CONFIGURED, Receiver, Status, Store
from feeds.translations import marked as _
from feeds.views import unwritable, waiting_since

_ENGLISH = NullTranslations()
_UNHEARD = timedelta(seconds=30)
_AHEAD = timedelta(minutes=1)  # the clocks of two machines may differ a little
_LONG_FOR_VIEWS = timedelta(minutes=1)
_LONG = timedelta(minutes=5)  # for terms and receivers

# Each trouble with what to do, the worst first; filled with the values of `Health`.
_TROUBLES = {
    "store": (
        _("The store cannot be read: {store_fault}."),
        _("If it existed before, start its server or put its file back. Feeds come from memory."),
    ),
    "clock": (
        _("The clock shows {now}, but the worker has already seen {clock}."),
        _("Synchronize the clocks of all machines (NTP)."),
    ),
    "no worker": (
        _("Nothing has been published yet: no worker has run."),
        _("Start `feeds serve` or `feeds worker`."),
    ),
    "silence": (
        _("Nothing has been published since {heard}: no worker responds."),
        _("Start `feeds serve` or `feeds worker`. If one is running, its log says why it waits."),
    ),
    "publishing": (
        _("Nothing is published; publishing has failed since {failing}: {why}."),
        _("The worker tries again every few seconds; its log has the details."),
    ),
    "spool": (
        _("Views cannot be saved: {spool_fault}."),
        _("Let the service write to that folder, or free space. Until then, views are refused."),
    ),
    "terms": (
        _("Publishing has failed for some feeds since {failing}: {why}."),
        _("All other feeds are published. The worker tries again; its log has the details."),
    ),
    "feeds": (
        _("Feeds that failed their last check: {faults}. {fault.path}: {fault.fault}."),
        _("Their last good documents are still served. `feeds list --faulty` lists them all."),
    ),
    "pages": (
        _("Pages that failed their last check: {pages}. {page.path}: {page.fault}."),
        _("Their last good versions are still served. Check your own templates, if any."),
    ),
    "backlog": (
        _("Sections, authors, tags have waited to be published since {waiting_since}: {waiting}."),
        _("The latest articles go first. While the number falls, there is nothing to do."),
    ),
    "views": (
        _("Views have waited to be counted since {views_since}."),
        _("They are not lost. The log of the worker says why it does not count them."),
    ),
    "receivers": (
        _("{receiver.host} has taken no deliveries since {failing_receiver}: {receiver.reason}."),
        _("Check that system, or remove it from the config. Deliveries are tried again."),
    ),
    "deliveries": (
        _("Deliveries to subscribers and others have waited since {deliveries_since}."),
        _("They are not lost. The log of the worker says why it does not send them."),
    ),
    "articles": (
        _("Articles held back: {held_back}. “{article.headline}”: {article.reason}."),
        _("Correct them in the CMS and save them again. `feeds quarantine` lists them all."),
    ),
}
_WELL = _("All is well: {feeds} feeds, the latest published at {published}.")


class Trouble(NamedTuple):
    """Something that is wrong, as `about` names it: since when and why, and what to do."""

    about: str
    sentence: str
    advice: str


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the paper at a moment, as far as it can be seen.

    A worker was last `heard` when it published something or had nothing left to do, and last saw
    `clock`. Some terms cannot be published since `failing`, for the reason `why`. There are
    `feeds`, the latest change of which was `published`; those with `faults` failed their last
    check, and so did `pages` for people. `waiting` terms are to be published, the first since
    `waiting_since`. The first view that is not counted came at `views_since`. Of the receivers of
    the config, `receivers` take no deliveries; `deliveries_since` is the time when the
    first untried delivery was due. The articles `held_back` come latest first.
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
    pages: tuple[Status, ...] = ()
    waiting: int = 0
    waiting_since: datetime | None = None
    views_since: datetime | None = None
    receivers: tuple[Receiver, ...] = ()
    deliveries_since: datetime | None = None
    held_back: tuple[HeldBackArticle, ...] = ()

    def troubles(self, words: NullTranslations = _ENGLISH) -> list[Trouble]:
        """List all that is wrong, the worst first, in the language of a catalog."""
        wrong, shown = self._wrong(), self._shown()
        return [
            Trouble(about, words.gettext(sentence).format_map(shown), words.gettext(advice))
            for about, (sentence, advice) in _TROUBLES.items()
            if wrong[about]
        ]

    def sentence(self, words: NullTranslations = _ENGLISH) -> str:
        """Say that all is well, or what is worst."""
        well = words.gettext(_WELL).format_map(self._shown())
        return next((each.sentence for each in self.troubles(words)), well)

    @property
    def is_stuck(self) -> bool:
        """Whether nothing is published, and nobody finds that there is nothing to publish."""
        # A time ahead of now, noted before a clock was set back, is no sign of life.
        is_heard = self.heard is not None and abs(self.now - self.heard) <= _UNHEARD
        return not is_heard and not self.store_fault

    def _wrong(self) -> dict[str, object]:
        return {
            "store": self.store_fault,
            "clock": self.clock and self.clock - self.now > _AHEAD,
            "no worker": self.is_stuck and not self.why and not self.heard,
            "silence": self.is_stuck and not self.why and self.heard,
            "publishing": self.is_stuck and self.why,
            "spool": self.spool_fault,
            "terms": self.failing and not self.is_stuck,
            "feeds": self.faults,
            "pages": self.pages,
            "backlog": self.waiting_since and self.now - self.waiting_since > _LONG,
            "views": self.views_since and self.now - self.views_since > _LONG_FOR_VIEWS,
            "receivers": self.receivers,
            "deliveries": self.deliveries_since and self.now - self.deliveries_since > _LONG,
            "articles": self.held_back,
        }

    def _shown(self) -> dict[str, Any]:
        """Give what sentences are filled with: moments in short, the first of lists."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        moments = {k: self._when(v) for k, v in values.items() if isinstance(v, datetime)}
        lists = {k: len(v) for k, v in values.items() if isinstance(v, tuple)}
        firsts = {"fault": self.faults, "page": self.pages, "article": self.held_back}
        firsts |= {"receiver": self.receivers}
        shown = values | moments | lists | {k: next(iter(v), None) for k, v in firsts.items()}
        since = self.receivers and _at(self.receivers[0].failing, self.now.tzinfo)
        return shown | {"failing_receiver": self._when(since) if since else None}

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
            publishing_health(store, config, now),
            spool_fault=look.spool_fault,
            clock=_at(clock.seen if clock else None, zone),
            feeds=feeds,
            published=_at(published, zone),
            faults=tuple(feed_states(store, config, faulty=True)),
            pages=tuple(store.documents.statuses(term=PAGES, faulty=True)),
            waiting=waiting,
            waiting_since=_at(first, zone),
            views_since=_at(waiting_since(spool, store), zone),
            receivers=tuple(
                each
                for each in store.receivers.all(*CONFIGURED)
                if each.failing and each.failing <= (now - _LONG).timestamp()
            ),
            deliveries_since=_at(store.receivers.overdue(int(now.timestamp())), zone),
            held_back=tuple(held_back_articles(store, config)),
        )
    except StoreError as error:
        return replace(look, store_fault=str(error))


def publishing_health(store: Store, config: Config, now: datetime) -> Health:
    """Look at publishing alone, which costs little; raises StoreError."""
    zone, heard = config.site.zone, store.publishing.heard()
    failing, why = store.publishing.fault() or (None, "")
    now = now.astimezone(zone)
    return Health(now, heard=_at(heard, zone), failing=_at(failing, zone), why=why)


def _at(seconds: int | None, zone: tzinfo | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, zone) if seconds else None
