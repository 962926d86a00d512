"""What became of a delivery, and what follows from it for its receiver."""

import random
from dataclasses import dataclass, replace
from http import HTTPStatus

from feeds.http_client import Answer
from feeds.store import REQUESTS, SUSPENDED_AFTER, Receiver
from feeds.text import one_line

_FIRST_PAUSE, _GROWTH, _LONGEST_PAUSE = 10, 3, 3600  # seconds
_SECONDS_UNTIL_GIVEN_UP = 3 * 86_400
_MOST_TRIES_OF_A_REQUEST = 3
_LONGEST_REASON = 300


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
