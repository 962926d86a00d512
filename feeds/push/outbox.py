"""The outbox: it finds the receivers that lack something, and notes what became of deliveries."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from feeds.config import Config
from feeds.errors import CipherError, FetchError, StoreError
from feeds.http_client import tls
from feeds.push import hooks, indexnow, websub
from feeds.push.deliveries import Deliveries, Delivery, Ended
from feeds.push.sending import Outcome, Sender, after
from feeds.store import REQUESTS, SUSPENDED_AFTER, Receiver, Store

logger = logging.getLogger(__name__)

_MOST_LISTED = 5_000
_SECONDS_OF_A_TURN = 0.2
_SECONDS_TO_GATHER = 1.1  # a little longer than changes are gathered for a hub
_SECONDS_TO_END = 2.0
_SECONDS_OF_THE_SLOWEST = 15.0
_SECONDS_BETWEEN_CLEANINGS = 3600.0
_RESTS = 9  # times as long as a look takes
_REMEMBERED = timedelta(days=3)

Send = Callable[[Receiver, int, Sender], Outcome]

SENDS: Mapping[str, Send] = {
    "subscriber": websub.distribute,
    "subscribe": websub.verify,
    "unsubscribe": websub.verify,
    "denied": websub.deny,
    "hub": websub.ping,
    "indexnow": indexnow.submit,
    "hook": hooks.tell_news,
    "most-read": hooks.tell_order,
}


def push(store: Store, config: Config, stop: threading.Event) -> bool:
    """Tell receivers until `stop` is set; False if another process does. Raises StoreError."""
    with store.lock("pushing") as held:
        if held:
            receivers = [*websub.receivers(config), *indexnow.receivers(config)]
            receivers += hooks.receivers(config)
            store.receivers.configure(receivers)
            is_news_wanted = any(each.kind in ("hook", "indexnow") for each in receivers)
            store.announcements.want(wanted=is_news_wanted)
            _Outbox(store, config).run(stop)
    return held


class _Outbox:
    def __init__(self, store: Store, config: Config) -> None:
        self._store = store
        self._sender = Sender(store, config)
        tls()  # here, or each of many threads would make one at first
        self._deliveries = Deliveries(self._send)
        self._heads: object = None
        self._is_cut = False
        self._next_look = 0.0
        self._rests_until = self._next_cleaning = time.monotonic()

    def run(self, stop: threading.Event) -> None:
        """Send until `stop` is set; raises StoreError."""
        try:
            while not stop.is_set():
                self._turn(datetime.now(UTC))
        finally:
            # After a fault, too: what is under way must not arrive after what is newer.
            seconds = _SECONDS_TO_END if stop.is_set() else _SECONDS_OF_THE_SLOWEST
            ended = self._deliveries.finish(seconds)
        self._save(ended)

    def _turn(self, now: datetime) -> None:
        self._store.announcements.announce(now)
        self._look_if_needed()
        self._save(self._deliveries.run(_SECONDS_OF_A_TURN))
        if time.monotonic() >= self._next_cleaning:
            self._next_cleaning = time.monotonic() + _SECONDS_BETWEEN_CLEANINGS
            self._store.receivers.forget_expired(int(now.timestamp()))
            self._store.announcements.forget(now - _REMEMBERED)

    def _look_if_needed(self) -> None:
        """Look if there is something new or due, or if the last look did not show all."""
        heads, began = self._store.receivers.heads(), time.monotonic()
        is_changed = heads != self._heads
        if is_changed:  # no article that was withdrawn may go out with a document in memory
            self._sender.forget_documents()
        if began < self._rests_until:
            return
        is_short = self._is_cut and self._deliveries.waiting < _MOST_LISTED // 2
        if is_changed or is_short or time.time() >= self._next_look:
            self._heads = heads
            self._look(time.time(), again=is_changed)
            self._rests_until = time.monotonic() + _RESTS * (time.monotonic() - began)

    def _look(self, now: float, *, again: bool) -> None:
        """List who lacks something; look `again` once the changes for hubs are gathered."""
        pending = self._store.receivers.pending(_MOST_LISTED, int(now))
        waiting = [Delivery(*each) for each in pending]
        if waiting:
            self._store.receivers.save()  # a process that lost the lease fails here
        again |= any(map(self._is_behind, waiting))
        next_due = self._store.receivers.next_due(int(now))
        self._next_look = now + _SECONDS_TO_GATHER if again else next_due
        self._is_cut = len(waiting) == _MOST_LISTED
        self._deliveries.replace(waiting)

    def _is_behind(self, delivery: Delivery) -> bool:
        """Say whether its receiver is being sent something older."""
        under_way = self._deliveries.of(delivery.key)
        return under_way is not None and under_way.head < delivery.head

    def _send(self, delivery: Delivery) -> Outcome:
        receiver = delivery.receiver
        try:
            return SENDS[receiver.kind](receiver, delivery.head, self._sender)
        except (CipherError, FetchError) as error:
            return Outcome(fault=str(error))
        except StoreError as error:
            logger.warning("%s: %s", receiver.host, error)
            return Outcome(fault="the store was away")
        except Exception as fault:
            logger.exception("%s: a fault in this software", receiver.host)
            return Outcome(fault=repr(fault))

    def _save(self, ended: Iterable[Ended]) -> None:
        """Save how deliveries went."""
        saved, gone = list[Receiver](), list[Receiver]()
        for delivery, outcome in ended:
            before = delivery.receiver
            state = after(before, outcome, delivery.head, int(time.time()))
            _tell(before, state, outcome)
            if state is None:
                gone.append(before)
                self._heads = None  # a verified subscriber may lack what is new since it asked
                continue
            saved.append(state)
            if outcome.fault or state.position < delivery.head:
                self._next_look = min(self._next_look, state.due)
        if saved or gone:
            self._store.receivers.save(saved, gone)


def _tell(before: Receiver, state: Receiver | None, outcome: Outcome) -> None:
    """Log that a receiver fails, works again or ends, but not each of its failures."""
    about = before.kind, before.host
    if state is None:
        logger.info("%s %s: ended: %s", *about, outcome.fault or "done")
    elif outcome.fault and state.position > (outcome.position or before.position):
        logger.warning(
            "%s %s: failed for three days; it misses what was new: %s", *about, outcome.fault
        )
    elif state.attempts == 1 and before.kind not in REQUESTS:  # which anybody can make fail
        logger.warning("%s %s: failed: %s; it is tried again", *about, outcome.fault)
    elif state.attempts == SUSPENDED_AFTER:
        logger.warning("%s %s: suspended, tried once an hour: %s", *about, outcome.fault)
    elif before.attempts and not state.attempts:
        logger.info("%s %s: works again", *about)
