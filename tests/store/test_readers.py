"""What rankings are made of."""

import pytest

from feeds.model import LATEST, Counted, Ranking, Term
from feeds.store import InvalidTraffic, Store, readers
from tests.store.samples import (
    MIDNIGHT,
    NOW,
    article,
    counted,
    fold,
    save,
    settle_views,
    view,
)

AT = int(NOW.timestamp())
SECTION = Term("section", "지역")
ORDER = Ranking(("b", "가", "a"), "24h")


@pytest.fixture(autouse=True, params=["small", "large"])
def size_of_terms(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Terms whose articles are all looked up, and terms of which the most read are looked for."""
    if request.param == "large":
        monkeypatch.setattr(readers, "_SMALL", 0)


def give(store: Store, hour: int = 0, **readers: int) -> None:
    store.readers.give({(MIDNIGHT + hour, name): n for name, n in readers.items()})


def ids(found: list[Counted]) -> list[str]:
    return [one.article_id for one in found]


def test_articles_come_by_falling_readers_whoever_is_newer(store: Store) -> None:
    settle_views(store)
    save(store, article("a", minutes=1), article("b", minutes=9), article("c", minutes=5))
    give(store, a=3, b=7, c=5)
    expected = [Counted("b", AT - 540, 7), Counted("c", AT - 300, 5), Counted("a", AT - 60, 3)]
    assert counted(store) == expected


def test_counted_are_live_articles_under_embargo_too(store: Store) -> None:
    settle_views(store)
    save(store, article("now"), article("later", minutes=-10), article("unread"))
    save(store, article("gone", status="withdrawn"))
    give(store, now=1, later=2, gone=3, unknown=4, unread=0)
    assert ids(counted(store)) == ["later", "now"]


def test_an_article_that_is_withdrawn_or_comes_back_is_so_at_once(store: Store) -> None:
    settle_views(store)
    save(store, article("1"))
    give(store, **{"1": 2})
    save(store, article("1", status="withdrawn"))
    assert counted(store) == []
    save(store, article("1"))
    assert ids(counted(store)) == ["1"]


def test_a_term_counts_its_own_articles_only(store: Store) -> None:
    settle_views(store)
    save(store, article("a", sections=("지역",)), article("b", tags=("지역",)), article("c"))
    give(store, a=1, b=2, c=3)
    assert ids(counted(store, SECTION)) == ["a"]
    assert ids(counted(store, Term("tag", "지역"))) == ["b"]
    assert counted(store, Term("author", "지역")) == []


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


@pytest.mark.parametrize("different", [1, 3, 2_600])
def test_more_articles_than_one_piece_come_each_once_and_in_order(
    store: Store, different: int
) -> None:
    many = {f"{n:04}": n * 7919 % different + 1 for n in range(2_600)}
    settle_views(store)
    save(store, *(article(name) for name in many))
    give(store, **many)
    found = counted(store)
    assert {one.article_id: one.readers for one in found} == many
    assert len(found) == len(many)
    readers = [one.readers for one in found]
    assert readers == sorted(readers, reverse=True)


def test_more_carried_over_articles_than_one_piece_come_each_once_and_in_order(
    store: Store,
) -> None:
    many = {f"{n:04}": n * 7919 % 3 + 1 for n in range(1_100)}
    save(store, *(article(name, views=n, minutes=n * 37 % 11) for name, n in many.items()))
    found = list(store.readers.carried_over(LATEST))
    assert sorted(ids(found)) == sorted(many)
    readers = [one.readers for one in found]
    assert readers == sorted(many.values(), reverse=True)


def test_readers_of_the_whole_paper_are_added_up_by_hour(store: Store) -> None:
    fold(store, view(0), view(0, visitor=2), view(0, "2"), view(1), view(1, "3"))
    settle_views(store, 1)
    give(store, 0, **{"1": 5, "4": 1})
    give(store, 2, **{"1": 8})
    hours = [MIDNIGHT, MIDNIGHT + 1, MIDNIGHT + 3]
    assert store.readers.by_hour(hours) == {MIDNIGHT: (9, 3), MIDNIGHT + 1: (1, 1)}
    assert store.readers.by_hour([]) == {}


def test_an_hour_counts_no_article_that_nobody_has_read_in_it_after_all(store: Store) -> None:
    fold(store, view(1), view(1, "2"), view(2))
    settle_views(store, 2)
    fold(store, view(0))
    settle_views(store, 2)
    give(store, 1, **{"1": 3})
    give(store, 1, **{"1": 0})
    give(store, 2, **{"9": 0})
    hours = [MIDNIGHT + hour for hour in range(3)]
    assert store.readers.by_hour(hours) == {MIDNIGHT: (1, 1), MIDNIGHT + 1: (1, 1)}


def test_what_was_left_out_is_listed_by_article_and_reason_most_first(store: Store) -> None:
    robots = [view(hour, left_out="robot") for hour in (0, 1, 1)]
    fold(store, *robots, view(1, "2", left_out="staff"), view(1, "1", left_out="staff"))
    fold(store, *[view(2, "3")] * 3)
    settle_views(store, 2)
    give(store, 1, **{"1": 9})
    rest = [InvalidTraffic("1", "staff", 1), InvalidTraffic("2", "staff", 1)]
    expected = [InvalidTraffic("1", "robot", 3), InvalidTraffic("3", "repeat", 2), *rest]
    assert store.readers.invalid_traffic(MIDNIGHT) == expected
    expected = [InvalidTraffic("1", "robot", 2), InvalidTraffic("3", "repeat", 2), *rest]
    assert store.readers.invalid_traffic(MIDNIGHT + 1) == expected
    assert store.readers.invalid_traffic(MIDNIGHT + 3) == []
