"""Published orders, and blocks."""

from datetime import timedelta

import pytest

from feeds.model import LATEST, Ranking, Term
from feeds.store import Block, Store, open_store
from tests.store.samples import (
    NOW,
    settle,
)

AT = int(NOW.timestamp())
SECTION = Term("section", "지역")
ORDER = Ranking(("b", "가", "a"), "24h")


def keep(
    store: Store, ranking: Ranking = ORDER, term: Term = LATEST, *, rules: str = "rules"
) -> bool:
    return store.rankings.save(term, "24h", ranking, rules, touching=True)


def test_a_list_has_no_order_until_one_is_saved(store: Store) -> None:
    assert store.rankings.get(LATEST, "24h") is None


def test_an_order_reads_back_as_it_was_saved_across_restarts(store_url: str) -> None:
    with open_store(store_url) as store:
        assert keep(store)
    with open_store(store_url) as store:
        assert store.rankings.get(LATEST, "24h", "rules") == ORDER
        assert store.rankings.get(LATEST, "24h") == ORDER


def test_an_order_of_nothing_is_an_order(store: Store) -> None:
    keep(store, Ranking((), "ever"))
    assert store.rankings.get(LATEST, "24h", "rules") == Ranking((), "ever")


@pytest.mark.parametrize(
    "ranking",
    [Ranking(("가", "b", "a"), "24h"), Ranking(("b", "가"), "24h"), Ranking(ORDER.articles, "7d")],
    ids=["order", "articles", "basis"],
)
def test_another_order_replaces_the_first_and_marks_its_term(
    store: Store, ranking: Ranking
) -> None:
    assert keep(store, term=SECTION)
    assert settle(store) == {SECTION}
    assert keep(store, ranking, SECTION)
    assert settle(store) == {SECTION}
    assert store.rankings.get(SECTION, "24h", "rules") == ranking


def test_the_same_order_again_is_not_new_and_marks_nothing(store: Store) -> None:
    keep(store)
    settle(store)
    assert not keep(store)
    assert settle(store) == set()


def test_an_order_by_other_rules_is_not_given(store: Store) -> None:
    keep(store, rules="old")
    assert store.rankings.get(LATEST, "24h", "new") is None
    assert keep(store, rules="new")
    assert store.rankings.get(LATEST, "24h", "new") == ORDER
    assert store.rankings.get(LATEST, "24h", "old") is None


def test_an_order_can_be_saved_without_marking_its_term(store: Store) -> None:
    assert store.rankings.save(LATEST, "24h", ORDER, "rules", touching=False)
    assert settle(store) == set()
    assert store.rankings.get(LATEST, "24h") == ORDER


def test_every_list_of_every_term_has_its_own_order(store: Store) -> None:
    lists = [(LATEST, "24h"), (LATEST, "7d"), (SECTION, "24h"), (Term("tag", "지역"), "24h")]
    for term, window in lists:
        order = Ranking((term.kind, window), window)
        store.rankings.save(term, window, order, "rules", touching=False)
    for term, window in lists:
        assert store.rankings.get(term, window) == Ranking((term.kind, window), window)


def test_blocks_say_who_since_when_and_why_the_latest_first(store: Store) -> None:
    assert store.rankings.blocks() == []
    store.rankings.block("old", "김 편집장", "오보", NOW - timedelta(days=1))
    store.rankings.block("b", "이 기자", "중복", NOW)
    store.rankings.block("a", "이 기자", "", NOW)
    assert store.rankings.blocks() == [
        Block("a", "이 기자", AT, ""),
        Block("b", "이 기자", AT, "중복"),
        Block("old", "김 편집장", AT - 86400, "오보"),
    ]


def test_a_second_block_of_an_article_replaces_the_first(store: Store) -> None:
    store.rankings.block("1", "김 편집장", "오보", NOW)
    store.rankings.block("1", "이 기자", "중복", NOW + timedelta(hours=1))
    assert store.rankings.blocks() == [Block("1", "이 기자", AT + 3600, "중복")]


def test_an_article_can_be_let_in_again_once(store: Store) -> None:
    store.rankings.block("1", "김 편집장", "오보", NOW)
    store.rankings.block("2", "김 편집장", "오보", NOW)
    assert [store.rankings.unblock("1") for _ in range(2)] == [True, False]
    assert [one.article_id for one in store.rankings.blocks()] == ["2"]
