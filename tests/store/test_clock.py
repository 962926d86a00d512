"""A clock that is ahead, or was, destroys nothing; one that is right destroys what it has to."""

import logging
from collections.abc import Iterable
from datetime import timedelta

import pytest
import time_machine

from feeds.config import Config
from feeds.store import Store
from feeds.store.clock import Clock
from feeds.worker import rank
from tests.newsroom import configured
from tests.store.samples import MIDNIGHT, NOW, TODAY, fold, rows, tally, view

HOUR = 3600
DAY = 24 * HOUR
PAUSE = HOUR + 300
CONFIG = configured()


def rank_at(store: Store, *after: timedelta, config: Config = CONFIG) -> None:
    """Let the worker count and rank at times after NOW."""
    for each in after:
        with time_machine.travel(NOW + each, tick=False):
            assert rank(store, config)


def passes(hours: float, *, after: timedelta = timedelta()) -> Iterable[timedelta]:
    """Name the times of passes for some hours, one each half hour."""
    return (after + timedelta(hours=n / 2) for n in range(int(hours * 2) + 1))


def read_today(store: Store) -> None:
    """Let two readers open an article this morning, and the worker count them."""
    with time_machine.travel(NOW, tick=False):
        store.visits.salt(TODAY)
    fold(store, view(1), view(2, visitor=2))
    rank_at(store, timedelta())


def is_whole(store: Store) -> bool:
    """Say whether the day can be counted further, and its counts are there."""
    return TODAY in store.counting.open_days() and rows(store, "visits") == 2 == readers(store)


def readers(store: Store) -> int:
    return sum(n for (_, kind, _), n in tally(store).items() if kind == "reader")


@pytest.mark.parametrize("ahead", [timedelta(hours=27), timedelta(days=40), timedelta(days=40_000)])
def test_one_pass_with_a_clock_ahead_destroys_nothing(store: Store, ahead: timedelta) -> None:
    read_today(store)
    salt = store.visits.salt(TODAY)
    rank_at(store, ahead, timedelta(minutes=5))
    assert is_whole(store)
    assert store.visits.salt(TODAY) == salt


def test_neither_does_the_first_pass_of_all(store: Store) -> None:
    with time_machine.travel(NOW, tick=False):
        store.visits.salt(TODAY)
    fold(store, view(1), view(2, visitor=2))
    rank_at(store, timedelta(days=40))
    assert is_whole(store)


def test_the_same_readers_count_once_after_a_clock_was_ahead(store: Store) -> None:
    read_today(store)
    rank_at(store, timedelta(hours=27))
    fold(store, view(3), view(3, visitor=2))
    rank_at(store, timedelta(hours=1))
    assert readers(store) == 2


def test_a_second_machine_with_a_clock_ahead_destroys_nothing_however_often_it_comes(
    store: Store,
) -> None:
    read_today(store)
    for minutes in range(30, 180, 30):
        rank_at(store, timedelta(minutes=minutes), timedelta(hours=27, minutes=minutes))
    assert is_whole(store)


def test_counts_of_long_ago_stay_until_the_clock_is_believed(store: Store) -> None:
    read_today(store)
    much_later = timedelta(days=60)
    rank_at(store, much_later)
    assert readers(store) == 2
    rank_at(store, *passes(1, after=much_later))
    assert readers(store) == 0


def test_after_a_week_without_the_service_its_last_day_is_closed_within_an_hour(
    store: Store,
) -> None:
    read_today(store)
    back = timedelta(days=7)
    rank_at(store, *passes(0.5, after=back))
    assert is_whole(store)
    rank_at(store, back + timedelta(hours=1))
    assert (store.counting.open_days(), rows(store, "visits"), readers(store)) == ({}, 0, 2)


def test_a_service_that_runs_on_closes_each_day_when_it_is_over(store: Store) -> None:
    read_today(store)
    over = timedelta(hours=15 + 2)  # NOW is nine in the morning; a day is open two hours longer
    rank_at(store, *passes(16.9))
    assert TODAY in store.counting.open_days()
    rank_at(store, over)
    assert store.counting.open_days() == {}


def test_who_publishes_once_a_day_closes_a_day_one_pass_later(store: Store) -> None:
    read_today(store)
    rank_at(store, timedelta(days=1))
    assert is_whole(store)
    rank_at(store, timedelta(days=2))
    assert store.counting.open_days() == {}


def test_a_paper_that_ranks_once_a_day_is_not_warned_of_it(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    read_today(store)
    slow = configured(most_read={"refresh": DAY})
    rank_at(store, timedelta(days=1, minutes=3), timedelta(days=2, minutes=6), config=slow)
    assert caplog.messages == []
    assert store.counting.open_days() == {}


def test_a_jump_is_told_once(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        read_today(store)
        assert caplog.messages == []
        rank_at(store, *passes(2, after=timedelta(days=40)))
    (warning,) = caplog.messages
    assert warning.startswith(
        "the clock shows 2026-04-11 09:00, and was last seen 40 days, 0:00:00"
    )


def test_a_clock_that_is_set_back_is_told_once(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    read_today(store)
    rank_at(store, timedelta(hours=27))
    caplog.clear()
    rank_at(store, *passes(2))
    assert caplog.messages == [
        "the clock shows 2026-03-02 09:00: it was set back by 1 day, 3:00:00"
    ]


def test_seconds_between_two_machines_are_no_matter(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    read_today(store)
    rank_at(store, *(timedelta(seconds=seconds) for seconds in (-2, 0, 300, 297, 600)))
    assert caplog.messages == []


START = int(NOW.timestamp())


def looked(*after: int) -> Clock:
    """Look at a clock at some seconds after NOW, one after the other; give it relative to NOW."""
    clock = Clock(START, START, START)
    for each in after:
        clock = clock.look(START + each, PAUSE)
    return Clock(clock.believed - START, clock.since - START, clock.seen - START)


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([300], Clock(300, 300, 300)),
        ([PAUSE], Clock(PAUSE, PAUSE, PAUSE)),
        ([PAUSE + 1], Clock(0, PAUSE + 1, PAUSE + 1)),
        ([DAY, DAY + 300], Clock(0, DAY, DAY + 300)),
        ([DAY, DAY + HOUR], Clock(DAY + HOUR, DAY + HOUR, DAY + HOUR)),
        ([DAY, 300], Clock(300, 300, 300)),
        ([DAY, DAY + HOUR, 300], Clock(300, 300, 300)),
        ([DAY, 2 * DAY], Clock(DAY, 2 * DAY, 2 * DAY)),
        ([9 * DAY, 7 * DAY], Clock(0, 7 * DAY, 7 * DAY)),
        ([9 * DAY, 7 * DAY, 7 * DAY + HOUR], Clock(*[7 * DAY + HOUR] * 3)),
        ([-DAY], Clock(-DAY, -DAY, -DAY)),
    ],
)
def test_a_time_is_believed_once_the_clock_has_gone_on_from_it(
    looks: list[int], expected: Clock
) -> None:
    assert looked(*looks) == expected


def test_the_first_look_goes_by_the_last_readers(store: Store) -> None:
    fold(store, view(5, left_out="robot"))
    before, after = store.counting.look_at_clock(START + 40 * DAY, PAUSE)
    assert before.believed == after.believed == (MIDNIGHT + 5) * HOUR


def test_a_store_without_readers_believes_the_first_clock(store: Store) -> None:
    _, after = store.counting.look_at_clock(START, PAUSE)
    assert after == Clock(START, START, START)
