"""What all deliveries need, and what follows from their outcomes."""

import random
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from feeds.config import Config
from feeds.errors import FetchError
from feeds.http_client import Answer
from feeds.model import Document
from feeds.store import REQUESTS, SUSPENDED_AFTER, Receiver, Store
from feeds.text import one_line

_MOST_REMEMBERED = 64
_FIRST_PAUSE, _GROWTH, _LONGEST_PAUSE = 10, 3, 3600  # seconds
_SECONDS_UNTIL_GIVEN_UP = 3 * 86_400
_MOST_TRIES_OF_A_REQUEST = 3
_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Sender:
    """What the functions that send have in common.

    `orders` are the ids that each webhook of the most read was told last.
    """

    store: Store
    config: Config
    orders: dict[str, list[str]] = field(default_factory=dict)
    _documents: dict[str, Document] = field(default_factory=dict)
    _reading: threading.Lock = field(default_factory=threading.Lock)

    def document(self, path: str, last_modified: int) -> Document | None:
        """Give a document as it is now, at least as new as a Last-Modified; None if it is gone.

        For a thousand subscribers of a topic it is read once.
        """
        with self._reading:
            found = self._documents.get(path)
            if found is None or found.last_modified < last_modified:
                self._documents.pop(path, None)
                found = self.store.documents.get(path)
                if found is not None:
                    self._documents[path] = found
            if len(self._documents) > _MOST_REMEMBERED:
                del self._documents[next(iter(self._documents))]
        return found if found and found.bodies else None

    def forget_documents(self) -> None:
        """Forget the documents in memory, because some have changed."""
        with self._reading:
            self._documents.clear()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a delivery.

    All up to `position` is delivered; with a `fault`, the rest failed, and the next try is not
    before a `pause` in seconds. With `is_over` the receiver wants, or gets, nothing more.
    """

    position: int | None = None
    fault: str | None = None
    pause: int = 0
    is_over: bool = False


def outcome_of(answer: Answer, position: int) -> Outcome:
    """Judge the response to what a receiver was sent, which is all up to a position."""
    if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return Outcome(position)
    return Outcome(fault=f"it answers {answer.status}", pause=answer.retry_after)


def in_turn(outcomes: Iterable[Outcome], position: int) -> Outcome:
    """Make deliveries one after the other, up to a position.

    The first failure ends them; what was delivered before it is not sent again.
    """
    delivered = None
    try:
        for outcome in outcomes:
            if outcome.fault is not None:
                return replace(outcome, position=delivered)
            delivered = outcome.position
    except FetchError as error:
        return Outcome(delivered, str(error))
    return Outcome(position)


def after(receiver: Receiver, outcome: Outcome, head: int, now: int) -> Receiver | None:
    """Give the state of a receiver after a delivery; None if it goes.

    Pauses grow threefold from ten seconds to an hour, and vary by half, so that receivers that
    failed together do not come back together. After three days a receiver misses what there is up
    to `head`; what comes next is tried again (WebSub, 7: "the hub MUST keep the subscription active
    until the end of the lease duration"). A request goes after three tries.
    """
    if outcome.is_over:
        return None
    if outcome.position is not None:
        receiver = replace(receiver, position=outcome.position, delivered=now)
    if outcome.fault is None:
        return replace(receiver, due=0, attempts=0, failing=None, reason=None)
    attempts, failing = receiver.attempts + 1, receiver.failing or now
    if receiver.kind in REQUESTS and attempts >= _MOST_TRIES_OF_A_REQUEST:
        return None
    if now - failing > _SECONDS_UNTIL_GIVEN_UP:
        receiver = replace(receiver, position=head)
    pause = min(_FIRST_PAUSE * _GROWTH ** min(attempts - 1, SUSPENDED_AFTER), _LONGEST_PAUSE)
    pause = max(outcome.pause, round(pause * random.uniform(0.5, 1.5)))  # noqa: S311 - no secret
    reason = one_line(outcome.fault)[:_LONGEST_REASON]
    return replace(receiver, due=now + pause, attempts=attempts, failing=failing, reason=reason)
