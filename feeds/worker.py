"""The loops that publish: fold views and rank; release embargoes and publish whatever was touched.

Any number of workers may run; the one that holds the lock of a task does it next.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from feeds.config import Config
from feeds.errors import PublishError, StoreError, StoreFault
from feeds.model import LATEST, Term
from feeds.most_read import rank_all
from feeds.publish import fingerprint, publish_term
from feeds.store import POSTPONED, Store, Touched
from feeds.views import fold_all

logger = logging.getLogger(__name__)

# How many terms are published before looking for newer ones.
_BATCH = 10
_SECONDS_BETWEEN_PASSES = 0.2
_SECONDS_BETWEEN_FOLDS = 1.0
_SECONDS_AFTER_A_FAULT = 2.0

Progress = Callable[[Term, int], None]


def run(store: Store, config: Config, stop: threading.Event) -> None:
    """Publish until `stop` is set; a store that is away is waited for.

    What fails in one step is tried again soon. To count the views of days may take minutes, and no
    article is to wait for that: it has a thread of its own.
    """
    counting = (
        _Step("counting", _SECONDS_BETWEEN_FOLDS, lambda: fold(store, config, stop)),
        _Step("ranking", config.most_read.refresh, lambda: rank(store, config, stop)),
    )
    publishing = _Step("publishing", 0.0, lambda: publish_all(store, config, stop))
    counter = threading.Thread(target=_repeat, args=(counting, stop), name="counting")
    counter.start()
    _repeat([publishing], stop)
    counter.join()


def _repeat(steps: Iterable["_Step"], stop: threading.Event) -> None:
    while not stop.is_set():
        for step in steps:
            step.take()
        stop.wait(_SECONDS_BETWEEN_PASSES)


class _Step:
    """Something to do so many seconds after it was done last, and at first at once.

    It says whether it was done; if not, another process is at it.
    """

    def __init__(self, name: str, seconds: float, act: Callable[[], bool]) -> None:
        self._name = name
        self._seconds = seconds
        self._act = act
        self._next = time.monotonic()

    def take(self) -> None:
        """Do it if it is due."""
        if time.monotonic() >= self._next:
            self._next = self._try() + time.monotonic()

    def _try(self) -> float:
        """Do it; return in how many seconds it is due again."""
        try:
            return self._seconds if self._act() else 0.0
        except StoreError as error:
            logger.error("%s waits for the store: %s", self._name, error)  # noqa: TRY400 - its traceback says no more
        except Exception:
            logger.exception("%s goes on after a fault in this software", self._name)
        return _SECONDS_AFTER_A_FAULT


def fold(store: Store, config: Config, stop: threading.Event) -> bool:
    """Take the views in that are spooled; True, since whoever is at it takes them all."""
    fold_all(Path(config.views.spool), store, stop.is_set)
    return True


def rank(store: Store, config: Config, stop: threading.Event | None = None) -> bool:
    """Count the views that came, and bring all rankings up to date.

    Terms whose order changed are touched. Returns False when another process holds the ranking
    lock, and so does the work. Raises StoreError.
    """
    stopped = stop.is_set if stop else lambda: False
    with store.ranking_lock() as held:
        if held:
            folded = fold_all(Path(config.views.spool), store, stopped)
            if not stopped():
                rank_all(store, config, datetime.now(UTC), closing=folded.whole)
    return held


def publish_all(
    store: Store,
    config: Config,
    stop: threading.Event | None = None,
    progress: Progress = lambda _term, _changed: None,
) -> bool:
    """Publish every term that was touched, or is meanwhile.

    `progress` is told each term and how many of its documents changed. Returns False when another
    process holds the publishing lock, and so does the work. Raises StoreError while the store is
    away, and in the end PublishError if terms could not be published.
    """
    made_by = fingerprint(config)
    try:
        if store.changes.are_due(made_by, datetime.now(UTC)):
            with store.publishing_lock() as held:
                if not held:
                    return False
                store.changes.touch_all_unless(made_by)
                _publish_touched(store, config, stop or threading.Event(), progress)
        store.publishing.goes_on()
        store.publishing.fails("")
    except Exception as fault:
        with suppress(StoreError):  # a store that is away takes no notes either
            store.publishing.fails(str(fault) or repr(fault))
        raise
    return True


def _publish_touched(
    store: Store, config: Config, stop: threading.Event, progress: Progress
) -> None:
    failed: dict[Term, Exception] = {}
    while touched := _touched(store, failed):
        for each in touched:
            if stop.is_set():
                return
            fault = _publish(each, store, config, progress)
            if fault is not None:
                failed[each.term] = fault
            if LATEST not in failed:
                store.publishing.goes_on()
    if failed:
        raise _summed_up(failed)


def _publish(
    touched: Touched, store: Store, config: Config, progress: Progress
) -> Exception | None:
    """Publish a term; one that fails is put behind all others, which are not to wait for it."""
    try:
        changed = publish_term(touched.term, store, config, datetime.now(UTC))
    except Exception as fault:
        if isinstance(fault, StoreError) and not isinstance(fault, StoreFault):
            raise
        store.changes.postpone(touched)
        return fault
    store.changes.settle(touched)
    progress(touched.term, changed)
    return None


def _touched(store: Store, failed: Collection[Term]) -> list[Touched]:
    """Give the terms to publish next, but for those that failed in this pass already."""
    store.changes.release(datetime.now(UTC))
    touched = store.changes.touched(_BATCH + len(failed))
    due = (each for each in touched if each.stamp != POSTPONED or each.term not in failed)
    return list(islice(due, _BATCH))


def _summed_up(failed: Mapping[Term, Exception]) -> PublishError:
    term, fault = next(iter(failed.items()))
    name = " ".join(filter(None, (term.kind, term.slug)))
    error = PublishError(f"{len(failed)} of the terms cannot be published; {name}: {fault!r}")
    error.__cause__ = fault
    return error
