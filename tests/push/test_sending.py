"""What follows from a delivery for its receiver."""

from dataclasses import replace

import pytest

from feeds.http_client import Answer
from feeds.push.sending import Outcome, after, outcome_of
from feeds.store import SUSPENDED_AFTER, Receiver

NOW = 1_800_000_000
HOUR, DAY = 3600, 86_400
HEAD = 9
PLAIN = Receiver("subscriber", "https://reader.example/1", "latest.rss", position=3)
FAULT = Outcome(fault="it answers 500")


def failing(attempts: int, since: int = NOW - 60, kind: str = "subscriber") -> Receiver:
    return replace(PLAIN, kind=kind, attempts=attempts, failing=since, reason="it hangs", due=NOW)


@pytest.mark.parametrize("before", [PLAIN, failing(7)], ids=["well", "suspended"])
def test_a_receiver_that_took_all_has_no_fault(before: Receiver) -> None:
    assert after(before, Outcome(HEAD), HEAD, NOW) == replace(PLAIN, position=HEAD, delivered=NOW)


def test_what_was_delivered_before_a_fault_is_not_sent_again() -> None:
    state = after(PLAIN, Outcome(5, fault="it hangs"), HEAD, NOW)
    assert state
    assert (state.position, state.delivered, state.attempts) == (5, NOW, 1)


@pytest.mark.parametrize(
    ("attempts", "shortest", "longest"),
    [(0, 5, 15), (1, 15, 45), (2, 45, 135), (4, 405, 1215), (6, 1800, 5400), (50, 1800, 5400)],
)
def test_pauses_grow_to_an_hour_and_vary(attempts: int, shortest: int, longest: int) -> None:
    states = [after(failing(attempts), FAULT, HEAD, NOW) for _ in range(200)]
    pauses = {state.due - NOW for state in states if state}
    assert shortest <= min(pauses) < max(pauses) <= longest


@pytest.mark.parametrize(
    ("asked", "shortest", "longest"), [(7200, 7200, 7200), (1, 5, 15), (DAY, DAY, DAY)]
)
def test_a_receiver_is_left_alone_as_long_as_it_asks(
    asked: int, shortest: int, longest: int
) -> None:
    state = after(PLAIN, outcome_of(Answer(503, b"", asked), 5), HEAD, NOW)
    assert state
    assert shortest <= state.due - NOW <= longest
    assert (state.reason, state.position) == ("it answers 503", 3)


@pytest.mark.parametrize("kind", ["subscribe", "unsubscribe", "denied"])
def test_a_request_is_given_up_after_three_tries(kind: str) -> None:
    assert after(failing(1, kind=kind), FAULT, HEAD, NOW)
    assert after(failing(2, kind=kind), FAULT, HEAD, NOW) is None


@pytest.mark.parametrize("kind", ["subscriber", "hub", "hook", "indexnow", "most-read"])
@pytest.mark.parametrize(("since", "position"), [(NOW - 3 * DAY, 3), (NOW - 3 * DAY - 1, HEAD)])
def test_all_others_miss_what_they_could_not_take_for_three_days(
    kind: str, since: int, position: int
) -> None:
    state = after(failing(70, since, kind), FAULT, HEAD, NOW)
    assert state
    assert (state.position, state.failing, state.reason) == (position, since, "it answers 500")
    assert state.due > NOW


def test_the_reason_is_one_short_line() -> None:
    state = after(PLAIN, Outcome(fault="no\x00\n\nanswer" + "!" * 999), HEAD, NOW)
    assert state
    assert state.reason
    assert state.reason.startswith("no answer!!")
    assert len(state.reason) <= 300


@pytest.mark.parametrize("outcome", [Outcome(is_over=True), Outcome(5, is_over=True)])
def test_a_receiver_that_wants_no_more_goes(outcome: Outcome) -> None:
    assert after(PLAIN, outcome, HEAD, NOW) is None


@pytest.mark.parametrize(
    ("receiver", "state"),
    [
        (PLAIN, "ok"),
        (failing(1), "failing"),
        (failing(SUSPENDED_AFTER - 1), "failing"),
        (failing(SUSPENDED_AFTER), "suspended"),
        (failing(9, kind="hook"), "suspended"),
        (failing(1, kind="subscribe"), "waiting"),
    ],
)
def test_a_receiver_says_how_it_goes(receiver: Receiver, state: str) -> None:
    assert receiver.state == state
