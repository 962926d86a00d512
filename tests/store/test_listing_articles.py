"""The orders in which feeds carry articles."""

from datetime import timedelta

from feeds.model import LATEST, Term
from feeds.ranking import Counted
from feeds.store import Store
from tests.store.samples import NOW, article, carried_over, newest, save


def test_the_newest_come_first_and_those_of_one_second_by_the_code_points_of_their_ids(
    store: Store,
) -> None:
    ids = ["b", "가", "B", "10", "a", "9", "é", "_"]
    save(store, article("old", minutes=61), *map(article, ids), article("new", minutes=59))
    assert newest(store) == ["new", *sorted(ids), "old"]
    assert newest(store, limit=2) == ["new", "10"]


def test_a_term_lists_its_own_articles_only_also_in_a_given_order(store: Store) -> None:
    save(store, article("1", sections=("지역",)), article("2", tags=("지역",)), article("3"))
    save(store, article("4", sections=("지역",)), article("gone", status="withdrawn"))
    for term, listed in ((Term("section", "지역"), ["4", "1"]), (LATEST, ["4", "3", "2", "1"])):
        assert newest(store, term) == listed[::-1]
        found = store.articles.listed(term, ["gone", "4", "3", "none", "2", "1"], NOW)
        assert [one.id for one in found] == listed
        assert store.articles.listed(term, [], NOW) == []


def test_an_embargoed_article_is_listed_from_its_second_on(store: Store) -> None:
    save(store, article(minutes=-10, views=9, tags=("a",)))
    at = NOW + timedelta(minutes=10)
    for now, listed in ((NOW, []), (at - timedelta(seconds=1), []), (at, ["1"])):
        assert newest(store, now=now) == newest(store, Term("tag", "a"), now=now) == listed
        assert [one.id for one in store.articles.listed(LATEST, ["1"], now)] == listed


def test_any_number_of_any_ids_is_looked_up_at_once_also_of_hidden_articles(store: Store) -> None:
    ids = {"가", 'a"b', "a'b", r"a\b", "100%s", "{}", ":id"}
    save(store, *map(article, ids))
    save(store, article("gone", status="withdrawn"), article("later", minutes=-60))
    known = {*ids, "gone", "later"}
    assert store.articles.known([*known, *map(str, range(40_000))]) == known
    assert store.articles.known([]) == set()


def test_articles_are_ordered_by_the_readers_that_are_carried_over(store: Store) -> None:
    save(
        store,
        article("few", views=4, minutes=-10, sections=("지역",)),
        article("many", views=6, minutes=9),
        *(article(one, views=5, minutes=1) for one in ("b", "가", "B", "10", "a")),
        article("none"),
        article("gone", views=7, status="withdrawn"),
    )
    assert carried_over(store) == ["many", *sorted(("b", "가", "B", "10", "a")), "few"]
    few = Counted("few", int(NOW.timestamp()) + 600, 4)
    assert list(store.readers.carried_over(Term("section", "지역"))) == [few]
    assert store.readers.carried_by(["few", "many", "unknown"]) == {"few": 4, "many": 6}


def test_a_term_is_named_as_its_newest_visible_article_writes_it(store: Store) -> None:
    term, later = Term("tag", "ai-news"), NOW + timedelta(hours=2)
    assert store.articles.name(term, NOW) is None
    save(store, article("1", minutes=1, tags=("AI NEWS",), status="withdrawn"))
    assert store.articles.name(term, NOW) is None
    save(store, article("2", minutes=3, tags=("AI News",)))
    save(store, article("3", minutes=2, tags=("ai news",)))
    save(store, article("4", minutes=-60, tags=("AI  News",)))
    assert (store.articles.name(term, NOW), store.articles.name(term, later)) == (
        "ai news",
        "AI  News",
    )
    assert store.articles.name(LATEST, NOW) == ""
