"""Readers by hour, and by the last hours, whatever way their views came."""

from collections import Counter
from collections.abc import Sequence
from itertools import permutations

import pytest

from feeds.model import View
from feeds.store import Bursts, Store
from tests.store.samples import (
    MIDNIGHT,
    TODAY,
    close,
    fold,
    rows,
    settle_views,
    tally,
    totals,
    view,
)

# Three articles a visitor, two visitors of a network on an article.
STRICT = Bursts(articles=3, network=2)


def by_kind(store: Store, article_id: str = "1") -> dict[str, int]:
    """Add up what is counted of an article, by kind."""
    found: dict[str, int] = {}
    for (_, kind, name), n in tally(store).items():
        if name == article_id:
            found[kind] = found.get(kind, 0) + n
    return found


def neighbours(hours: Sequence[int], *, network: int = 7) -> list[View]:
    """One view an hour, each by another visitor of one network."""
    first = network * 100
    return [view(hour, visitor=first + n, network=network) for n, hour in enumerate(hours)]


def give(store: Store, hour: int, readers: int, article_id: str = "1") -> None:
    store.readers.give({(MIDNIGHT + hour, article_id): readers})


@pytest.mark.parametrize("hours", list(permutations((1, 2, 5))))
@pytest.mark.parametrize("pieces", [1, 3])
def test_a_visitor_counts_once_a_day_in_the_earliest_hour_whatever_came_first(
    store: Store, hours: tuple[int, ...], pieces: int
) -> None:
    views = [view(hour) for hour in hours]
    for piece in [views] if pieces == 1 else [[one] for one in views]:
        fold(store, *piece)
        settle_views(store, 5)
    assert tally(store) == {(1, "reader", "1"): 1, (1, "repeat", "1"): 2}
    assert totals(store) == {24: {"1": 1}}


def test_a_visitor_counts_again_on_the_next_day(store: Store) -> None:
    fold(store, view(23), view(24))
    settle_views(store, 24)
    assert tally(store) == {(23, "reader", "1"): 1, (24, "reader", "1"): 1}
    assert totals(store) == {24: {"1": 2}}


def test_every_visitor_and_every_article_counts_by_itself(store: Store) -> None:
    fold(store, view(), view(visitor=2), view(article_id="2"), view(visitor=-(2**63)))
    settle_views(store)
    assert tally(store) == {(0, "reader", "1"): 3, (0, "reader", "2"): 1}
    assert totals(store) == {24: {"1": 3, "2": 1}}


def test_nothing_counts_before_it_is_settled(store: Store) -> None:
    settle_views(store)
    fold(store, view())
    assert (tally(store), totals(store)) == ({}, {})


def test_settling_twice_is_like_once(store: Store) -> None:
    fold(store, view(), view(), view(visitor=2))
    settle_views(store)
    first = (tally(store), totals(store))
    settle_views(store)
    fold(store, spool="empty")
    settle_views(store)
    assert (tally(store), totals(store)) == first


def test_a_visitor_of_as_many_articles_as_people_read_counts_on_each(store: Store) -> None:
    fold(store, *(view(article_id=str(n)) for n in range(3)))
    settle_views(store, bursts=STRICT)
    assert tally(store) == {(0, "reader", str(n)): 1 for n in range(3)}


def test_a_visitor_of_more_articles_counts_nowhere_and_all_of_it_is_a_burst(store: Store) -> None:
    fold(store, *(view(n, str(n)) for n in range(4)), view(5, "0"))
    settle_views(store, 5, bursts=STRICT)
    bursts = {(n, "burst", str(n)): 1 for n in range(4)}
    assert tally(store) == bursts | {(0, "burst", "0"): 2}
    assert totals(store) == {}


def test_what_turns_out_to_be_a_burst_is_taken_back(store: Store) -> None:
    fold(store, *(view(article_id=str(n)) for n in range(3)), view(visitor=2, article_id="0"))
    settle_views(store, bursts=STRICT)
    assert totals(store) == {24: {"0": 2, "1": 1, "2": 1}}
    fold(store, view(1, "3"))
    settle_views(store, 1, bursts=STRICT)
    assert totals(store) == {24: {"0": 1}}
    assert by_kind(store, "0") == {"reader": 1, "burst": 1}


def test_reloads_of_one_article_are_no_burst(store: Store) -> None:
    fold(store, *(view(n) for n in range(9)))
    settle_views(store, 9, bursts=STRICT)
    assert tally(store) == {(0, "reader", "1"): 1, (0, "repeat", "1"): 8}


def test_a_burst_is_of_one_day(store: Store) -> None:
    fold(store, *(view(n, str(n)) for n in (21, 22, 23, 24, 25, 26)))
    settle_views(store, 26, bursts=STRICT)
    assert tally(store) == {(n, "reader", str(n)): 1 for n in range(21, 27)}


def test_what_was_left_out_before_makes_no_burst(store: Store) -> None:
    fold(store, *(view(article_id=str(n), left_out="prefetch" if n else "") for n in range(9)))
    settle_views(store, bursts=STRICT)
    assert by_kind(store, "0") == {"reader": 1}


def test_of_one_network_on_an_article_the_first_count_and_the_rest_are_a_crowd(
    store: Store,
) -> None:
    fold(store, *neighbours([3, 1, 2, 0]), view(3, visitor=700, network=7))
    settle_views(store, 3, bursts=STRICT)
    expected = {(0, "reader", "1"): 1, (1, "reader", "1"): 1}
    assert tally(store) == expected | {(2, "crowd", "1"): 1, (3, "crowd", "1"): 2}
    assert totals(store) == {24: {"1": 2}}


def test_who_comes_late_but_was_there_first_takes_a_place_in_the_crowd(store: Store) -> None:
    last, *others = neighbours([0, 1, 2])
    fold(store, *others)
    settle_views(store, 2, bursts=STRICT)
    assert tally(store) == {(1, "reader", "1"): 1, (2, "reader", "1"): 1}
    fold(store, last)
    settle_views(store, 2, bursts=STRICT)
    expected = {(0, "reader", "1"): 1, (1, "reader", "1"): 1}
    assert tally(store) == expected | {(2, "crowd", "1"): 1}


def test_of_one_hour_the_same_visitors_count_in_whatever_order_they_came(store: Store) -> None:
    for one in neighbours([0, 0, 0, 0])[::-1]:
        fold(store, one, one)
        settle_views(store, bursts=STRICT)
    assert by_kind(store) == {"reader": 2, "repeat": 2, "crowd": 4}


def test_a_crowd_is_of_one_network_one_article_and_one_day(store: Store) -> None:
    many = neighbours([22, 23, 24, 25]) + neighbours([22, 23], network=8)
    fold(store, *many, view(22, "2", visitor=700, network=7))
    settle_views(store, 25, bursts=STRICT)
    assert {kind for _, kind, _ in tally(store)} == {"reader"}
    assert totals(store) == {24: {"1": 6, "2": 1}}


def test_a_burst_takes_no_place_in_a_crowd(store: Store) -> None:
    fold(store, *(view(article_id=str(n), visitor=-1, network=7) for n in range(1, 5)))
    fold(store, *neighbours([1, 2]))
    settle_views(store, 2, bursts=STRICT)
    assert by_kind(store) == {"reader": 2, "burst": 1}


def test_every_view_is_counted_under_one_kind(store: Store) -> None:
    fold(store, *neighbours([0, 1, 2, 1]), *(view(0, str(n % 5)) for n in range(7)))
    fold(store, view(0, left_out="robot"), view(3, visitor=702, network=7))
    settle_views(store, 3, bursts=STRICT)
    assert sum(tally(store).values()) == 4 + 7 + 2


def test_an_hour_leaves_when_its_end_is_the_span_ago(store: Store) -> None:
    fold(store, view(0), view(1, visitor=2), view(2, visitor=3))
    found = []
    for hour in range(2, 7):
        settle_views(store, hour, spans=(3,))
        found.append(totals(store))
    assert found == [{3: {"1": 3}}] * 2 + [{3: {"1": 2}}, {3: {"1": 1}}, {}]


def test_spans_are_counted_each_by_itself(store: Store) -> None:
    fold(store, view(0), view(3, visitor=2), view(3, "2"))
    settle_views(store, 4, spans=(1, 24, 3))
    assert totals(store) == {1: {"1": 1, "2": 1}, 3: {"1": 1, "2": 1}, 24: {"1": 2, "2": 1}}


@pytest.mark.parametrize("absence", [1, 22, 23, 24, 25, 24 * 90])
def test_after_an_absence_only_the_last_hours_are_left(store: Store, absence: int) -> None:
    fold(store, view(0), view(1, visitor=2))
    settle_views(store, 1)
    settle_views(store, 1 + absence)
    left = sum(hour >= 1 + absence - 24 for hour in (0, 1))
    assert totals(store) == ({24: {"1": left}} if left else {})


def test_days_that_are_folded_late_count_where_they_belong(store: Store) -> None:
    settle_views(store, 72)
    fold(store, view(47, visitor=1), view(48, visitor=2), view(49, visitor=3), view(72))
    settle_views(store, 72)
    assert totals(store) == {24: {"1": 3}}
    assert len(tally(store)) == 4


def test_a_view_of_an_hour_to_come_counts_until_it_leaves(store: Store) -> None:
    fold(store, view(5))
    found = []
    for hour in (0, 5, 8, 9):
        settle_views(store, hour, spans=(3,))
        found.append(totals(store))
    assert found == [{3: {"1": 1}}] * 3 + [{}]


def test_a_clock_that_was_ahead_and_is_set_back_leaves_no_trace(store: Store) -> None:
    fold(store, view(0), view(3, visitor=2))
    found = []
    for hour in (3, 1000, 3, 2):
        settle_views(store, hour, spans=(2,))
        found.append(totals(store))
    assert found == [{2: {"1": 1}}, {}, {2: {"1": 1}}, {2: {"1": 2}}]


def test_a_new_span_is_counted_from_the_start(store: Store) -> None:
    fold(store, view(0), view(3, visitor=2))
    settle_views(store, 3, spans=(2,))
    settle_views(store, 3, spans=(2, 4))
    assert totals(store) == {2: {"1": 1}, 4: {"1": 2}}


def test_a_dropped_span_is_gone_and_can_come_back(store: Store) -> None:
    fold(store, view(0), view(3, visitor=2))
    settle_views(store, 3, spans=(2, 24))
    settle_views(store, 3, spans=(2,))
    assert totals(store) == {2: {"1": 1}}
    settle_views(store, 3, spans=())
    assert totals(store) == {}
    fold(store, view(3, visitor=3))
    settle_views(store, 3, spans=(24,))
    assert totals(store) == {24: {"1": 3}}


def test_a_closed_day_keeps_its_counts_and_loses_its_visits(store: Store) -> None:
    fold(store, view(0), view(1), view(2, visitor=2), view(3, left_out="robot"))
    settle_views(store, 3)
    before = (tally(store), totals(store))
    close(store, TODAY)
    assert (tally(store), totals(store)) == before
    assert rows(store, "visits") == 0
    settle_views(store, 3)
    assert (tally(store), totals(store)) == before


def test_a_day_is_not_closed_before_all_of_it_is_counted(store: Store) -> None:
    fold(store, view())
    close(store, TODAY)
    assert rows(store, "visits") == 1
    settle_views(store)
    fold(store, view(visitor=2))
    close(store, TODAY)
    assert rows(store, "visits") == 2
    settle_views(store)
    close(store, TODAY)
    assert (rows(store, "visits"), tally(store)) == (0, {(0, "reader", "1"): 2})


def test_counts_that_nobody_wants_any_more_go_with_the_next_closed_day(store: Store) -> None:
    fold(store, view(0), view(1, visitor=2), view(0, left_out="robot"))
    settle_views(store, 24 * 40)
    store.readers.close([TODAY], since=MIDNIGHT + 1)
    assert tally(store) == {(1, "reader", "1"): 1}


def test_closing_one_day_leaves_the_other_open(store: Store) -> None:
    fold(store, view(23), view(24), view(24, day=TODAY, visitor=2))
    settle_views(store, 24)
    close(store, TODAY)
    assert rows(store, "visits") == 1
    fold(store, view(25), view(24, visitor=3))
    settle_views(store, 25)
    readers = {(23, "reader", "1"): 1, (24, "reader", "1"): 3}
    assert tally(store) == readers | {(24, "repeat", "1"): 1}
    assert totals(store) == {24: {"1": 4}}


def test_closing_no_day_or_one_without_visits_changes_nothing(store: Store) -> None:
    fold(store, view())
    settle_views(store)
    before = (tally(store), totals(store))
    close(store)
    close(store, TODAY - 9)
    assert (tally(store), totals(store), rows(store, "visits")) == (*before, 1)


def test_a_late_view_of_a_closed_day_adds_and_erases_nothing(store: Store) -> None:
    fold(store, view(1), view(2, visitor=2))
    settle_views(store, 2)
    close(store, TODAY)
    for late in (1, 2):
        fold(store, view(1, visitor=10 + late), view(0, visitor=20 + late))
        settle_views(store, 25)
        first = 2 if late == 2 else 1
        expected = {(0, "reader", "1"): first, (1, "reader", "1"): 1 + late}
        assert tally(store) == expected | {(2, "reader", "1"): 1}
        close(store, TODAY)
        settle_views(store, 25)
        assert tally(store) == expected | {(2, "reader", "1"): 1}
        assert totals(store) == {24: {"1": 2 + late}}
    settle_views(store, 27)
    assert totals(store) == {}


def test_the_readers_of_a_closed_day_leave_with_their_hours(store: Store) -> None:
    fold(store, view(0), view(1, visitor=2))
    settle_views(store, 1)
    close(store, TODAY)
    settle_views(store, 25)
    assert totals(store) == {24: {"1": 1}}
    settle_views(store, 26)
    assert totals(store) == {}


def test_readers_that_are_given_twice_count_once(store: Store) -> None:
    settle_views(store, 1)
    for _ in range(2):
        give(store, 0, 5)
    assert tally(store) == {(0, "given", "1"): 5}
    assert totals(store) == {24: {"1": 5}}


def test_a_number_that_is_given_again_corrects_the_first(store: Store) -> None:
    settle_views(store, 1)
    found = []
    for readers in (5, 8, 3, 0, 2):
        give(store, 0, readers)
        found.append(totals(store).get(24, Counter())["1"])
    assert found == [5, 8, 3, 0, 2]
    assert tally(store) == {(0, "given", "1"): 2}


def test_given_readers_and_own_ones_add_up_and_leave_each_other_alone(store: Store) -> None:
    fold(store, view(0), view(0, visitor=2))
    settle_views(store, 1)
    store.readers.give({(MIDNIGHT, "1"): 5, (MIDNIGHT + 1, "1"): 1, (MIDNIGHT, "2"): 4})
    fold(store, view(1, visitor=3))
    settle_views(store, 1)
    close(store, TODAY)
    give(store, 0, 6)
    assert totals(store) == {24: {"1": 10, "2": 4}}
    assert by_kind(store) == {"given": 7, "reader": 3}


def test_given_readers_leave_with_their_hour_and_old_ones_never_enter(store: Store) -> None:
    settle_views(store, 3, spans=(2,))
    give(store, 0, 7)
    assert totals(store) == {}
    give(store, 1, 5)
    assert totals(store) == {2: {"1": 5}}
    settle_views(store, 4, spans=(2,))
    assert totals(store) == {}
    settle_views(store, 4, spans=(4,))
    assert totals(store) == {4: {"1": 12}}


def test_readers_given_before_anything_was_settled_are_in_the_first_totals(store: Store) -> None:
    give(store, 0, 5)
    assert totals(store) == {}
    settle_views(store, 1)
    assert totals(store) == {24: {"1": 5}}


def test_giving_nothing_changes_nothing(store: Store) -> None:
    store.readers.give({})
    assert tally(store) == {}
