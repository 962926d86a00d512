"""Published orders, and blocks."""

from datetime import timedelta

import pytest

from feeds.model import LATEST, Term
from feeds.ranking import Ranking
from feeds.store import Block, Store
from tests.store.samples import NOW, settle

AT = int(NOW.timestamp())
SECTION = Term("section", "지역")
ORDER = Ranking(("b", "가", "a"), "24h")


def keep(
    store: Store, ranking: Ranking = ORDER, term: Term = LATEST, *, rules: str = "rules"
) -> None:
    store.rankings.save(term, "24h", ranking, rules, touching=True)


@pytest.mark.parametrize(
    "ranking",
    [Ranking(("가", "b", "a"), "24h"), Ranking((), "24h"), Ranking(ORDER.articles, "7d")],
    ids=["order", "articles", "basis"],
)
def test_another_order_replaces_the_first_and_marks_its_term(
    store: Store, ranking: Ranking
) -> None:
    for order, touched in ((ORDER, {SECTION}), (ORDER, set()), (ranking, {SECTION})):
        keep(store, order, SECTION)
        assert settle(store) == touched
    assert store.rankings.get(SECTION, "24h", "rules") == ranking
    keep(store, ORDER, SECTION, rules="new")
    for rules, found in (("new", ORDER), ("rules", None)):
        assert store.rankings.get(SECTION, "24h", rules) == found


def test_every_list_has_its_own_order_and_one_can_be_saved_without_marking_its_term(
    store: Store,
) -> None:
    lists = [(LATEST, "24h"), (LATEST, "7d"), (SECTION, "24h"), (Term("tag", "지역"), "24h")]
    for term, window in lists:
        order = Ranking((term.kind, window), window)
        store.rankings.save(term, window, order, "rules", touching=False)
    for term, window in lists:
        assert store.rankings.get(term, window) == Ranking((term.kind, window), window)
    assert settle(store) == set()


def test_blocks_say_who_since_when_and_why_the_latest_first(store: Store) -> None:
    assert store.rankings.blocks() == []
    store.rankings.block("old", "김 편집장", "오보", NOW - timedelta(days=1))
    store.rankings.block("b", "김 편집장", "오보", NOW - timedelta(hours=1))
    store.rankings.block("b", "이 기자", "중복", NOW)
    store.rankings.block("a", "이 기자", "", NOW)
    assert store.rankings.blocks() == [
        Block("a", "이 기자", AT, ""),
        Block("b", "이 기자", AT, "중복"),
        Block("old", "김 편집장", AT - 86400, "오보"),
    ]
    assert [store.rankings.unblock("b") for _ in range(2)] == [True, False]
    assert [one.article_id for one in store.rankings.blocks()] == ["a", "old"]
