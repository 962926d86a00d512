"""A clock that is ahead, or was, destroys nothing; a clock that is right closes days in time."""

import logging
from collections.abc import Iterable
from datetime import timedelta

import pytest
import time_machine

from feeds.config import Config
from feeds.store import Store
from feeds.worker import rank
from tests.newsroom import configured
from tests.store.samples import NOW, TODAY, fold, rows, tally, view

DAY = 24 * 3600
CONFIG = configured()
DAILY = configured(most_read={"refresh": DAY})
# The number of readers that are counted, of visits that are kept, and whether the day is open.
OPEN, CLOSED, FORGOTTEN = (2, 2, True), (2, 0, False), (0, 0, False)


def rank_at(store: Store, after: Iterable[timedelta], config: Config = CONFIG) -> None:
    """Let the worker count and rank at times after NOW."""
    for each in after:
        with time_machine.travel(NOW + each, tick=False):
            assert rank(store, config)


def passes(hours: float, *, after: timedelta = timedelta()) -> list[timedelta]:
    """Name the times of passes for some hours, one each hour."""
    return [after + timedelta(hours=n) for n in (*range(int(hours)), hours)]


def days(*numbers: float) -> list[timedelta]:
    return [timedelta(days=number) for number in numbers]


def hours(*numbers: float) -> list[timedelta]:
    return [timedelta(hours=number) for number in numbers]


def read_today(store: Store) -> None:
    """Let two readers open an article this morning."""
    with time_machine.travel(NOW, tick=False):
        store.visits.salt(TODAY)
    fold(store, view(1), view(2, visitor=2))


def readers(store: Store) -> int:
    return sum(n for (_, kind, _), n in tally(store).items() if kind == "reader")


def state(store: Store) -> tuple[int, int, bool]:
    is_open = store.readers.open_days().get(TODAY, 0) > 0
    return readers(store), rows(store, "visits"), is_open


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param([*days(0), *hours(27, 0.1)], OPEN, id="a clock 27 hours ahead"),
        pytest.param([*days(0, 40_000), *hours(0.1)], OPEN, id="a clock a century ahead"),
        pytest.param(days(40), OPEN, id="a clock ahead at the first pass of all"),
        pytest.param(
            hours(0, *(n for half in range(1, 6) for n in (half / 2, 27 + half / 2))),
            OPEN,
            id="a second machine with a clock ahead",
        ),
        pytest.param([*days(0), *passes(0.5, after=timedelta(7))], OPEN, id="just back"),
        pytest.param([*days(0), *passes(1, after=timedelta(7))], CLOSED, id="back for an hour"),
        pytest.param([*days(0), *passes(1, after=timedelta(60))], FORGOTTEN, id="counts of then"),
        # NOW is nine in the morning; a day is open two hours longer.
        pytest.param(passes(16.9), OPEN, id="running on until the day is over"),
        pytest.param(passes(17), CLOSED, id="running on"),
        pytest.param(days(0, 1), OPEN, id="once a day, the next day"),
        pytest.param(days(0, 1, 2), CLOSED, id="once a day, the day after"),
    ],
)
def test_a_day_is_closed_once_the_clock_is_believed(
    store: Store, after: list[timedelta], expected: tuple[int, int, bool]
) -> None:
    read_today(store)
    salt = store.visits.salt(TODAY)
    rank_at(store, after)
    assert state(store) == expected
    assert expected != OPEN or store.visits.salt(TODAY) == salt


def test_the_same_readers_count_once_after_a_clock_was_ahead(store: Store) -> None:
    read_today(store)
    rank_at(store, hours(0, 27))
    fold(store, view(3), view(3, visitor=2))
    rank_at(store, hours(1))
    assert readers(store) == 2


@pytest.mark.parametrize(
    ("after", "config", "said"),
    [
        ([*days(0), *passes(2, after=timedelta(40))], CONFIG, ["2026-04-11 09:00"]),
        ([*hours(0, 27), *passes(2)], CONFIG, ["2026-03-03 12:00", "was set back by 1 day"]),
        ([timedelta(seconds=n) for n in (0, -2, 0, 300, 297, 600)], CONFIG, []),
        ([timedelta(n, 180 * n) for n in range(3)], DAILY, []),
    ],
    ids=["a jump", "set back", "seconds between two machines", "a paper that ranks once a day"],
)
def test_a_jump_is_told_once(
    store: Store,
    caplog: pytest.LogCaptureFixture,
    after: list[timedelta],
    config: Config,
    said: list[str],
) -> None:
    read_today(store)
    with caplog.at_level(logging.WARNING):
        rank_at(store, after, config)
    assert len(caplog.messages) == len(said)
    assert all(word in message for word, message in zip(said, caplog.messages, strict=True))
