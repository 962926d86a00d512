"""The terms that wait to be published."""

from datetime import timedelta

import pytest
import time_machine

from feeds.model import LATEST, Author, Term
from feeds.store import Store, open_store
from tests.newsroom import database
from tests.store.samples import NOW, article, rendition, save, settle

A, B = Term("tag", "a"), Term("tag", "b")


def terms(store: Store, limit: int = 1000) -> list[Term]:
    return [one.term for one in store.changes.touched(limit)]


@pytest.mark.parametrize("passes", [timedelta(minutes=1), timedelta(), -timedelta(days=1)])
def test_the_latest_touched_come_first_whatever_the_clock_does(
    store: Store, passes: timedelta
) -> None:
    with time_machine.travel(NOW, tick=False):
        save(store, article("1", tags=("a",)))
    with time_machine.travel(NOW + passes, tick=False):
        save(store, article("2", tags=("b",)))
    assert terms(store) == [LATEST, B, A]


def test_terms_touched_together_come_in_a_steady_order_until_they_are_settled(store: Store) -> None:
    names = {"tags": ("다", "가", "나"), "sections": ("나", "가"), "authors": (Author("가"),)}
    save(store, article(**names))
    expected = [Term("section", "가"), Term("section", "나"), Term("author", "가")]
    expected += [Term("tag", "가"), Term("tag", "나"), Term("tag", "다")]
    assert terms(store) == [LATEST, *expected]
    store.changes.settle(*store.changes.touched(1))
    assert (terms(store), terms(store, limit=1)) == (expected, expected[:1])
    assert store.changes.count() == len(expected)


def test_the_terms_that_wait_are_counted_since_the_first_without_those_that_failed(
    store: Store,
) -> None:
    assert store.changes.waiting() == (0, None)
    for minutes, tag in ((0, "a"), (2, "b")):
        with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
            save(store, article(tag, tags=(tag,)))
    assert store.changes.waiting() == (3, int(NOW.timestamp()))
    store.changes.postpone(next(one for one in store.changes.touched(9) if one.term == A))
    assert store.changes.waiting() == (2, int(NOW.timestamp()) + 120)


@pytest.mark.parametrize("clock_runs", [True, False])
def test_a_term_that_was_touched_again_meanwhile_stays(store: Store, *, clock_runs: bool) -> None:
    with time_machine.travel(NOW, tick=clock_runs):
        save(store, article("1", tags=("a",)))
        taken = store.changes.touched(9)
        save(store, article("2"))
    for one in taken:
        store.changes.settle(one)
    assert terms(store) == [LATEST]


def test_the_end_of_an_embargo_touches_exactly_what_is_due_across_restarts(store_url: str) -> None:
    with open_store(store_url) as store:
        store.changes.release(NOW)
        save(store, article("1", minutes=-10, tags=("a",)), article("2", minutes=-20, tags=("b",)))
        save(store, article("old", minutes=99), article("gone", minutes=-9, status="withdrawn"))
        settle(store)
    released = []
    for minutes in (9, 10, 11, 20, 30):
        with open_store(store_url) as store:
            store.changes.release(NOW + timedelta(minutes=minutes))
            released.append(settle(store))
    assert released == [set(), {LATEST, A}, set(), {LATEST, B}, set()]


def test_an_embargo_is_released_even_if_the_clock_ran_ahead_for_a_while(store: Store) -> None:
    save(store, article(minutes=-10, tags=("a",)))
    for ahead in (0, 60, 0):
        store.changes.release(NOW + timedelta(minutes=ahead))
    settle(store)
    store.changes.release(NOW + timedelta(minutes=10))
    assert settle(store) == {LATEST, A}


def test_no_embargo_is_lost_with_the_time_of_the_last_release(store: Store) -> None:
    store.changes.release(NOW)
    save(store, article(minutes=-10, tags=("a",)))
    settle(store)
    with database(store) as connection:
        connection.exec_driver_sql("UPDATE notes SET value = '?' WHERE key = 'released'")
    for expected in ({LATEST, A}, set()):
        store.changes.release(NOW + timedelta(minutes=10))
        assert settle(store) == expected


def test_another_configuration_touches_everything_once(store_url: str) -> None:
    ended = Term("section", "끝난-연재")
    touched = []
    for fingerprint in ("one", "one", "two", "two", "one"):
        with open_store(store_url) as store:
            store.changes.touch_all_unless(fingerprint)
            touched.append(settle(store))
            save(store, article(tags=("a",)), article("2", minutes=-10, tags=("b",)))
            store.documents.publish([rendition("sections/끝난-연재.rss", term=ended)], NOW)
            settle(store)
    everything = {LATEST, A, B, ended}
    assert touched == [{LATEST}, set(), everything, set(), everything]
