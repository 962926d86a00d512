"""What rankings are made of."""

import pytest

from feeds.model import LATEST, Term
from feeds.ranking import Counted
from feeds.store import Store, readers
from tests.store.samples import (
    MIDNIGHT,
    NOW,
    TODAY,
    article,
    counted,
    fold,
    save,
    settle_views,
    tally,
    view,
)

AT = int(NOW.timestamp())
SECTION = Term("section", "지역")

each_size = pytest.mark.parametrize("size_of_terms", ["small", "large"], indirect=True)


@pytest.fixture
def size_of_terms(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Terms whose articles are all looked up, and terms of which the most read are looked for."""
    if request.param == "large":
        monkeypatch.setattr(readers, "_SMALL", 0)


def give(store: Store, hour: int = 0, **readers: int) -> None:
    store.readers.give({(MIDNIGHT + hour, name): n for name, n in readers.items()})


def ids(found: list[Counted]) -> list[str]:
    return [one.article_id for one in found]


@each_size
@pytest.mark.usefixtures("size_of_terms")
def test_live_articles_of_a_term_come_by_falling_readers(store: Store) -> None:
    settle_views(store)
    save(store, article("a", minutes=1), article("b", minutes=9), article("later", minutes=-10))
    save(store, article("gone", status="withdrawn"), article("unread"))
    save(store, article("c", sections=("지역",)), article("d", tags=("지역",)))
    give(store, a=3, b=7, later=5, gone=9, unknown=4, unread=0, c=2, d=1)
    assert counted(store)[:2] == [Counted("b", AT - 540, 7), Counted("later", AT + 600, 5)]
    assert ids(counted(store)) == ["b", "later", "a", "c", "d"]
    assert ids(counted(store, SECTION)) == ["c"]
    assert ids(counted(store, Term("tag", "지역"))) == ["d"]
    assert counted(store, Term("author", "지역")) == []
    save(store, article("gone"), article("b", status="withdrawn"))
    assert ids(counted(store)) == ["gone", "later", "a", "c", "d"]


@each_size
@pytest.mark.usefixtures("size_of_terms")
def test_every_span_has_its_own_readers(store: Store) -> None:
    settle_views(store, 3, spans=(2, 24))
    save(store, article("a"), article("b"))
    give(store, 0, a=9)
    give(store, 3, a=1, b=2)
    found = {span: [(one.article_id, one.readers) for one in counted(store, span=span)]
             for span in (2, 24, 5)}  # fmt: skip
    assert found == {2: [("b", 2), ("a", 1)], 24: [("a", 10), ("b", 2)], 5: []}
    assert store.readers.of({"a", "b", "c"}, 24) == {"a": 10, "b": 2}
    assert store.readers.of(["a"], 2) == {"a": 1}
    assert [store.readers.of_all(span) for span in (2, 24, 5)] == [3, 12, 0]


@each_size
@pytest.mark.usefixtures("size_of_terms")
def test_more_articles_than_one_piece_come_each_once_and_in_order(store: Store) -> None:
    many = {f"{n:04}": n * 7919 % 30 + 1 for n in range(2_600)}
    settle_views(store)
    save(store, *(article(name, views=readers) for name, readers in many.items()))
    give(store, **many)
    for found in (counted(store), list(store.readers.carried_over(LATEST))):
        assert {one.article_id: one.readers for one in found} == many
        assert len(found) == len(many)
        assert [one.readers for one in found] == sorted(many.values(), reverse=True)


def test_readers_of_the_whole_paper_are_added_up_by_hour(store: Store) -> None:
    # Nobody has read an article in an hour after all, if a view from before comes later.
    fold(store, view(0, visitor=2), view(0, "2"), view(1), view(1, "3"))
    settle_views(store, 1)
    fold(store, view(0))
    settle_views(store, 1)
    give(store, 0, **{"1": 5, "4": 1})
    give(store, 2, **{"1": 8})
    hours = [MIDNIGHT, MIDNIGHT + 1, MIDNIGHT + 3]
    assert store.readers.by_hour(hours) == {MIDNIGHT: (9, 3), MIDNIGHT + 1: (1, 1)}
    assert store.readers.by_hour([]) == {}
    assert store.readers.sums(MIDNIGHT, MIDNIGHT + 1) == {MIDNIGHT: 9}


def test_invalid_traffic_is_listed_by_article_and_reason_most_first(store: Store) -> None:
    robots = [view(hour, left_out="robot") for hour in (0, 1, 1)]
    fold(store, *robots, view(1, "2", left_out="staff"), view(1, "1", left_out="staff"))
    fold(store, *[view(2, "3")] * 3)
    settle_views(store, 2)
    give(store, 1, **{"1": 9})
    everything = {"1": {"robot": 3, "staff": 1}, "3": {"repeat": 2}, "2": {"staff": 1}}
    found = store.readers.invalid_traffic(MIDNIGHT)
    assert (found, list(found)) == (everything, list(everything))
    assert store.readers.invalid_traffic(MIDNIGHT + 1)["1"] == {"robot": 2, "staff": 1}
    assert store.readers.invalid_traffic(MIDNIGHT + 3) == {}


def test_counts_of_long_ago_are_deleted(store: Store) -> None:
    fold(store, view(0), view(1, visitor=2), view(0, left_out="robot"))
    settle_views(store, 24 * 40)
    store.readers.close([TODAY], since=MIDNIGHT + 1)
    assert tally(store) == {(1, "reader", "1"): 1}
