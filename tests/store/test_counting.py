"""Readers by hour, and of the last hours, whatever way their views came."""

from collections import Counter
from collections.abc import Iterable

import pytest

from feeds.store import Bursts, Store, View
from tests.store.samples import (
    MIDNIGHT,
    TODAY,
    fold,
    settle_views,
    tally,
    totals,
    view,
)

# Three articles a visitor, two visitors of a network on an article.
STRICT = Bursts(articles=3, network=2)

Counts = dict[tuple[int, str, str], int]


def neighbours(hours: Iterable[int], *, network: int = 7) -> list[View]:
    """One view an hour, each by another visitor of one network."""
    first = network * 100
    return [view(hour, visitor=first + n, network=network) for n, hour in enumerate(hours)]


def give(store: Store, hour: int, readers: int, article_id: str = "1") -> None:
    store.readers.give({(MIDNIGHT + hour, article_id): readers})


COUNTED: dict[str, tuple[list[View], Counts]] = {
    "a visitor counts once a day, in the first hour": (
        [view(5), view(1), view(2)],
        {(1, "reader", "1"): 1, (1, "repeat", "1"): 2},
    ),
    "every visitor and every article counts by itself": (
        [view(), view(visitor=2), view(article_id="2"), view(visitor=-(2**63))],
        {(0, "reader", "1"): 3, (0, "reader", "2"): 1},
    ),
    "a visitor of more than three articles is a burst": (
        [view(hour, name) for hour, name in enumerate("1234")],
        {(hour, "burst", name): 1 for hour, name in enumerate("1234")},
    ),
    "a burst is of one day": (
        [view(n, str(n)) for n in range(21, 27)],
        {(n, "reader", str(n)): 1 for n in range(21, 27)},
    ),
    "reloads are no burst": (
        [view(n) for n in range(9)],
        {(0, "reader", "1"): 1, (0, "repeat", "1"): 8},
    ),
    "invalid traffic makes no burst, and no reader a repeat": (
        [view(article_id=name, left_out="prefetch") for name in "1234"] + [view()],
        {(0, "prefetch", name): 1 for name in "1234"} | {(0, "reader", "1"): 1},
    ),
    "the first of a network count, the others are a crowd": (
        [*neighbours([3, 1, 2, 0]), view(3, visitor=700, network=7)],
        {
            (0, "reader", "1"): 1,
            (1, "reader", "1"): 1,
            (2, "crowd", "1"): 1,
            (3, "crowd", "1"): 2,
        },
    ),
    "a crowd is of one network, one article and one day": (
        [
            *neighbours([22, 23, 24, 25]),
            *neighbours([22, 23], network=8),
            view(22, "2", visitor=700, network=7),
        ],
        {
            (22, "reader", "1"): 2,
            (23, "reader", "1"): 2,
            (24, "reader", "1"): 1,
            (25, "reader", "1"): 1,
            (22, "reader", "2"): 1,
        },
    ),
    "a burst takes no place in a crowd": (
        [view(0, name, visitor=-1, network=7) for name in "1234"] + neighbours([1, 2, 3]),
        {(0, "burst", name): 1 for name in "1234"}
        | {(1, "reader", "1"): 1, (2, "reader", "1"): 1, (3, "crowd", "1"): 1},
    ),
}


@pytest.mark.parametrize(("views", "counts"), COUNTED.values(), ids=COUNTED)
def test_views_are_counted(store: Store, views: list[View], counts: Counts) -> None:
    for each in views:
        fold(store, each)
        settle_views(store, 26, bursts=STRICT)
    assert tally(store) == counts
    readers = Counter[str]()
    for (hour, kind, article_id), number in counts.items():
        readers[article_id] += number * (kind == "reader" and hour >= 2)
    assert totals(store) == ({24: +readers} if +readers else {})


def test_the_totals_follow_a_clock_that_goes_on_jumps_and_is_set_back(store: Store) -> None:
    fold(store, view(0), view(3, visitor=2))
    found = []
    for hour in (2, 3, 1000, 3, 2):
        settle_views(store, hour, spans=(2,))
        found.append(totals(store).get(2, Counter())["1"])
    assert found == [2, 1, 0, 1, 2]


def test_counts_of_long_ago_are_deleted(store: Store) -> None:
    fold(store, view(0), view(1, visitor=2), view(0, left_out="robot"))
    settle_views(store, 24 * 40)
    store.readers.close([TODAY], since=MIDNIGHT + 1)
    assert tally(store) == {(1, "reader", "1"): 1}


def test_the_last_number_that_is_given_for_an_hour_counts(store: Store) -> None:
    give(store, 0, 9)  # before anything was settled
    settle_views(store, 1)
    found = []
    for readers in (5, 5, 8, 0, 2):
        give(store, 0, readers)
        found.append(totals(store).get(24, Counter())["1"])
    assert found == [5, 5, 8, 0, 2]
    assert tally(store) == {(0, "given", "1"): 2}
    store.readers.give({})
    assert tally(store) == {(0, "given", "1"): 2}
