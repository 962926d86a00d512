"""The loops of the worker: fold views and rank; release embargoes and publish touched terms.

Any number of workers may run; the one that holds the lock of a task does it.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from feeds.config import Config
from feeds.errors import PublishError, StoreError, StoreFault
from feeds.logs import tell
from feeds.model import LATEST, Term
from feeds.most_read import rank_all
from feeds.pages import Pages
from feeds.publish import publish_term
from feeds.push import push
from feeds.store import POSTPONED, Store, Touched
from feeds.views import fold_all

logger = logging.getLogger(__name__)

_SECONDS_BETWEEN_PASSES = 0.2
_SECONDS_BETWEEN_FOLDS = 1.0
_SECONDS_AFTER_A_FAULT = 2.0

_RESTS = 3  # times as long as a renewal of pages takes

Progress = Callable[[Term], None]


class _Task(NamedTuple):
    """A task to repeat after `seconds`, or soon if `act` returns False: it was not done."""

    name: str
    seconds: float
    act: Callable[[], object]


def run(store: Store, config: Config, stop: threading.Event) -> None:
    """Publish until `stop` is set; wait for a store that is away.

    A task that fails is tried again soon. Counting the views of days may take minutes, and no
    article must wait for that, so counting has a thread of its own. So have the pages for people,
    which feeds do not wait for, and the deliveries to receivers.
    """

    def fold() -> None:
        fold_all(Path(config.views.spool), store, stop.is_set)

    pages = Pages(store, config)
    counting = _Task("counting", _SECONDS_BETWEEN_FOLDS, fold)
    ranking = _Task("ranking", config.most_read.refresh, lambda: rank(store, config, stop))
    renewing = _Task("renewing pages", 0.0, lambda: _renew(pages, store, stop))
    publishing = _Task("publishing", 0.0, lambda: publish_all(store, config, stop))
    pushing = _Task("pushing", 0.0, lambda: push(store, config, stop))
    others = {"counting": (counting, ranking), "pages": (renewing,), "pushing": (pushing,)}
    threads = [
        threading.Thread(target=_repeat, args=(stop, *tasks), name=name)
        for name, tasks in others.items()
    ]
    for thread in threads:
        thread.start()
    _repeat(stop, publishing)
    for thread in threads:
        thread.join()


def _renew(pages: Pages, store: Store, stop: threading.Event) -> bool:
    """Renew pages, and then rest: feeds are more urgent, and an import changes pages all along."""
    began = time.monotonic()
    is_done = keep_pages(pages, store)
    stop.wait(_RESTS * (time.monotonic() - began))
    return is_done


def _repeat(stop: threading.Event, *tasks: _Task) -> None:
    due = dict.fromkeys(tasks, 0.0)
    while not stop.is_set():
        for task in tasks:
            if time.monotonic() >= due[task]:
                pause = _pause_after(task)
                due[task] = time.monotonic() + pause
        # Embargoes end with a second.
        stop.wait(min(_SECONDS_BETWEEN_PASSES, 1 - time.time() % 1))


def _pause_after(task: _Task) -> float:
    """Do a task; return in how many seconds it is due again."""
    try:
        return 0.0 if task.act() is False else task.seconds
    except StoreError as error:
        logger.error("%s waits for the store: %s", task.name, error)  # noqa: TRY400 - its traceback says no more
    except Exception:
        logger.exception("%s goes on after a fault in this software", task.name)
    return _SECONDS_AFTER_A_FAULT


def rank(store: Store, config: Config, stop: threading.Event | None = None) -> bool:
    """Count new views, and bring all rankings up to date.

    Terms whose order changed are touched. Returns False when another process holds the ranking
    lock, and does this work. Raises StoreError.
    """
    stop = stop or threading.Event()
    with store.lock("ranking") as held:
        if held:
            is_whole = fold_all(Path(config.views.spool), store, stop.is_set)
            if not stop.is_set():
                rank_all(store, config, datetime.now(UTC), closing=is_whole)
    return held


def keep_pages(pages: Pages, store: Store) -> bool:
    """Renew the pages for people that changed; False when another process does. StoreError."""
    if pages.are_current():
        return True
    with store.lock("pages") as held:
        if held:
            pages.keep(datetime.now(UTC))
    return held


def publish_all(
    store: Store,
    config: Config,
    stop: threading.Event | None = None,
    progress: Progress = lambda _: None,
) -> bool:
    """Publish all touched terms, also those touched meanwhile.

    `progress` gets each term. Returns False when another process holds the publishing lock, and
    does this work. Raises StoreError while the store is away, and in the end PublishError if terms
    could not be published.
    """
    made_by = config.fingerprint()
    try:
        if store.changes.are_due(made_by, datetime.now(UTC)):
            with store.lock("publishing") as held:
                if not held:
                    return False
                store.changes.touch_all_unless(made_by)
                _publish_touched(store, config, stop or threading.Event(), progress)
        store.publishing.goes_on()
        store.publishing.fails("")
    except Exception as fault:
        with suppress(StoreError):  # a store that is away cannot note its fault either
            store.publishing.fails(str(fault) or repr(fault))
        raise
    return True


def _publish_touched(
    store: Store, config: Config, stop: threading.Event, progress: Progress
) -> None:
    """Publish until nothing is touched; a term that fails waits behind all others."""
    failed: dict[Term, Exception] = {}
    while touched := _next(store, failed):
        if stop.is_set():
            return
        began = time.monotonic()
        try:
            changed = publish_term(touched.term, store, config, datetime.now(UTC))
        except Exception as fault:
            if isinstance(fault, StoreError) and not isinstance(fault, StoreFault):
                raise
            failed[touched.term] = fault
            store.changes.postpone(touched)
        else:
            store.changes.settle(touched)
            progress(touched.term)
            _tell(touched.term, changed, time.monotonic() - began)
        if LATEST not in failed:
            store.publishing.goes_on()
    if failed:
        term, first = next(iter(failed.items()))
        more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
        raise PublishError(f"{_name(term)}{more} cannot be published: {first!r}") from first


def _tell(term: Term, documents: int, seconds: float) -> None:
    """Log a publication; nothing if no document changed."""
    if documents:
        about = {"term": _name(term), "documents": documents, "seconds": round(seconds, 3)}
        tell(logger, "published %s: %d documents in %.3f s", *about.values(), **about)


def _name(term: Term) -> str:
    return f"{term.kind} {term.slug}".strip()


def _next(store: Store, failed: Collection[Term]) -> Touched | None:
    """Give the term to publish next, if there is one that did not fail in this pass.

    Whatever is saved, or comes out of its embargo, overtakes a backlog.
    """
    store.changes.release(datetime.now(UTC))
    touched = store.changes.touched(1 + len(failed))
    due = (each for each in touched if each.stamp != POSTPONED or each.term not in failed)
    return next(due, None)
