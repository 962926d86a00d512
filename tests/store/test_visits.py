"""Salts of days, and spools that are folded once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier
from typing import Any, cast

import pytest
import time_machine

from feeds.errors import StoreError
from feeds.store import Position, Store, View, open_store
from feeds.store.schema import metadata, visits
from tests.store.samples import NOW, TODAY, close, fold, rows, settle_views, tally, view

START = Position()


def contents(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that the store holds, by table."""
    with store._database.reading() as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(table.select())), key=repr)
            for name, table in metadata.tables.items()
        }


def test_stores_that_want_a_new_salt_at_once_agree_on_it(store: Store, store_url: str) -> None:
    together = Barrier(4)

    def ask(one: Store) -> bytes:
        together.wait()
        return one.visits.salt(TODAY)

    with ExitStack() as stack, ThreadPoolExecutor(4) as pool:
        others = [stack.enter_context(open_store(store_url)) for _ in range(3)]
        salts = set(pool.map(ask, [store, *others]))
    assert salts == {store.visits.salt(TODAY)}


def test_a_salt_is_destroyed_with_its_day_only(store: Store) -> None:
    gone, kept = store.visits.salt(TODAY), store.visits.salt(TODAY + 1)
    assert (len(gone), len(kept), gone == kept) == (32, 32, False)
    close(store, TODAY)
    assert rows(store, "salts") == 1
    assert store.visits.salt(TODAY + 1) == kept
    assert store.visits.salt(TODAY) != gone


def test_open_days_are_those_with_a_salt_or_visits(store: Store) -> None:
    assert store.readers.open_days() == {}
    with time_machine.travel(NOW, tick=False):
        store.visits.salt(TODAY)
        store.visits.salt(TODAY + 1)
    fold(store, view(0), view(-1, day=TODAY - 1))
    made = int(NOW.timestamp())
    assert store.readers.open_days() == {TODAY - 1: 0, TODAY: made, TODAY + 1: made}
    settle_views(store)
    close(store, TODAY - 1, TODAY)
    assert store.readers.open_days() == {TODAY + 1: made}


def test_each_spool_has_a_position_until_it_is_forgotten(store: Store) -> None:
    after = Position(70, "digest")
    for spool, views in (("a.log", [view()]), ("b.log", list[View]())):
        assert store.visits.fold(spool, START, after, views)
    store.visits.forget_spool("a.log")
    assert [store.visits.position(spool) for spool in ("a.log", "b.log")] == [START, after]
    assert rows(store, "spools") == 1


@pytest.mark.parametrize(
    "elsewhere", [START, Position(49, "x"), Position(51, "x"), Position(50), Position(50, "y")]
)
def test_a_piece_that_begins_elsewhere_is_not_taken(store: Store, elsewhere: Position) -> None:
    store.visits.fold("a.log", START, Position(50, "x"), [view()])
    before = contents(store)
    piece = [view(), view(1, "2"), view(left_out="robot")]
    assert not store.visits.fold("a.log", elsewhere, Position(80, "z"), piece)
    assert contents(store) == before
    assert store.visits.fold("a.log", Position(50, "x"), Position(80, "z"), piece)


def test_very_many_views_of_one_visitor_add_up(store: Store) -> None:
    fold(store, view())
    with store._database.writing() as connection:
        connection.execute(visits.update().values(times=2**31 - 1))
    fold(store, view())
    settle_views(store)
    assert tally(store) == {(0, "reader", "1"): 1, (0, "repeat", "1"): 2**31 - 1}


NOTHING = cast("Any", None)


@pytest.mark.parametrize(
    "broken",
    [view(visitor=9, article_id=NOTHING), view(article_id=NOTHING, left_out="robot")],
    ids=["visit", "invalid traffic"],
)
def test_a_transaction_that_fails_leaves_nothing(store: Store, broken: View) -> None:
    fold(store, view(1))
    before = contents(store)
    with pytest.raises(StoreError):
        fold(store, view(), view(2, "2"), view(left_out="staff"), broken)
    assert contents(store) == before
