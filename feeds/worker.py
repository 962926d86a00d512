"""The loop that publishes: fold views, rank, release embargoes, publish whatever was touched.

Any number of workers may run; the one that holds the publisher lock does the next pass.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path

from feeds import __version__
from feeds.config import Config
from feeds.errors import StoreError
from feeds.mostread import rank_all
from feeds.publish import publish_term
from feeds.readership import fold_all
from feeds.storage import POSTPONED, Store, Term, Touched

logger = logging.getLogger(__name__)

# How many terms are published before looking for newer ones.
_BATCH = 10
_SECONDS_BETWEEN_PASSES = 0.2
_SECONDS_AFTER_A_FAULT = 2.0
_SECONDS_BETWEEN_FOLDS = 1.0

Progress = Callable[[Term, int], None]


def run(store: Store, config: Config, stop: threading.Event) -> None:
    """Publish until `stop` is set; a store that is away is waited for."""
    folding, ranking = _Every(_SECONDS_BETWEEN_FOLDS), _Every(config.most_read.refresh)
    while not stop.is_set():
        pause = _SECONDS_BETWEEN_PASSES
        try:
            if folding.is_due():
                fold_all(Path(config.views.spool), store, stop.is_set)
                folding.start_over()
            ranked = ranking.is_due()
            if publish_all(store, config, stop, ranked=ranked) and ranked:
                ranking.start_over()
        except StoreError as error:
            logger.error("publishing waits for the store: %s", error)  # noqa: TRY400 - its traceback says no more
            pause = _SECONDS_AFTER_A_FAULT
        except Exception:
            logger.exception("publishing goes on after a fault in this software")
            pause = _SECONDS_AFTER_A_FAULT
        stop.wait(pause)


class _Every:
    """Something that is due so many seconds after it was done last, and at first at once."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = time.monotonic()

    def is_due(self) -> bool:
        return time.monotonic() >= self._next

    def start_over(self) -> None:
        self._next = time.monotonic() + self._seconds


def publish_all(
    store: Store,
    config: Config,
    stop: threading.Event | None = None,
    progress: Progress = lambda _term, _changed: None,
    *,
    ranked: bool = True,
) -> bool:
    """Make one pass: rank if that is wanted, and publish every term that was or is touched.

    `progress` is told each term and how many of its documents changed. Returns False when another
    process holds the publisher lock, and so does the work. Raises StoreError, and in the end the
    first fault of this software that kept a term from being published.
    """
    with store.publisher_lock() as held:
        if not held:
            return False
        store.changes.touch_all_unless(f"{__version__} {config.fingerprint()}")
        if ranked:
            rank_all(store, config, datetime.now(UTC))
        failed: dict[Term, Exception] = {}
        while touched := _touched(store, failed):
            for each in touched:
                if stop is not None and stop.is_set():
                    return True
                fault = _publish(each, store, config, progress)
                if fault is not None:
                    failed[each.term] = fault
        if failed:
            raise next(iter(failed.values()))
    return True


def _publish(
    touched: Touched, store: Store, config: Config, progress: Progress
) -> Exception | None:
    """Publish a term; one that fails is put behind all others, which are not to wait for it."""
    try:
        changed = publish_term(touched.term, store, config, datetime.now(UTC))
    except StoreError:
        raise
    except Exception as fault:  # noqa: BLE001 - raised again when the others are out
        store.changes.postpone(touched)
        return fault
    store.changes.settle(touched)
    progress(touched.term, changed)
    return None


def _touched(store: Store, failed: Collection[Term]) -> list[Touched]:
    """Give the terms to publish next, but for those that failed in this pass already."""
    store.changes.release(datetime.now(UTC))
    touched = store.changes.touched(_BATCH)
    return [each for each in touched if each.stamp != POSTPONED or each.term not in failed]
