"""The orders in which feeds carry articles."""

import unicodedata
from datetime import timedelta

from feeds.model import LATEST, Author, Counted, Term
from feeds.store import Store
from feeds.text import slug
from tests.store.samples import FULL, NOW, article, carried_over, newest, save


def test_the_newest_come_first(store: Store) -> None:
    save(store, article("old", minutes=3), article("new", minutes=1), article("mid", minutes=2))
    assert newest(store) == ["new", "mid", "old"]


def test_articles_of_one_second_are_ordered_by_the_code_points_of_their_ids(store: Store) -> None:
    ids = ["b", "가", "B", "10", "a", "9", "é", "_"]
    save(store, *(article(one) for one in ids))
    assert newest(store) == sorted(ids)


def test_a_list_ends_at_its_limit(store: Store) -> None:
    save(store, *(article(str(n), minutes=n) for n in range(5)))
    assert newest(store, limit=3) == ["0", "1", "2"]


def test_listed_articles_are_whole(store: Store) -> None:
    save(store, FULL)
    found = store.articles.get("full")
    assert store.articles.newest(LATEST, NOW, 1) == [found]
    assert store.articles.listed(LATEST, ["full"], NOW) == [found]


def test_a_term_lists_its_own_articles_only(store: Store) -> None:
    save(store, article("1", sections=("지역",)), article("2", tags=("지역",)), article("3"))
    assert newest(store, Term("section", "지역")) == ["1"]


def test_an_embargoed_article_is_listed_from_its_second_on(store: Store) -> None:
    save(store, article(minutes=-10, views=9, tags=("a",)))
    at = NOW + timedelta(minutes=10)
    for now, listed in ((NOW, []), (at - timedelta(seconds=1), []), (at, ["1"])):
        assert newest(store, now=now) == newest(store, Term("tag", "a"), now=now) == listed
        assert [one.id for one in store.articles.listed(LATEST, ["1"], now)] == listed


def test_asked_for_by_id_articles_come_in_that_order_without_the_withdrawn_and_unknown(
    store: Store,
) -> None:
    save(store, article("a", minutes=1), article("b", minutes=2), article("c", minutes=3))
    save(store, article("gone", status="withdrawn"))
    found = store.articles.listed(LATEST, ["b", "gone", "c", "none", "a"], NOW)
    assert [one.id for one in found] == ["b", "c", "a"]
    assert store.articles.listed(LATEST, [], NOW) == []


def test_asked_for_by_id_a_term_gives_its_own_articles_only(store: Store) -> None:
    save(store, article("a", sections=("지역",)), article("b", tags=("지역",)))
    found = store.articles.listed(Term("section", "지역"), ["b", "a"], NOW)
    assert [one.id for one in found] == ["a"]


def test_known_are_the_ids_of_all_articles_withdrawn_and_embargoed_ones_too(store: Store) -> None:
    save(store, article("live"), article("gone", status="withdrawn"), article("b", minutes=-60))
    assert store.articles.known({"live", "gone", "b", "none"}) == {"live", "gone", "b"}
    assert store.articles.known([]) == set()


def test_carried_over_readers_order_articles_whoever_is_newer(store: Store) -> None:
    save(
        store,
        article("few", views=4, minutes=0),
        article("many", views=6, minutes=9),
        article("some", views=5, minutes=1),
    )
    at = int(NOW.timestamp())
    assert list(store.readers.carried_over(LATEST)) == [
        Counted("many", at - 540, 6),
        Counted("some", at - 60, 5),
        Counted("few", at, 4),
    ]


def test_articles_of_equal_carried_over_readers_are_all_there(store: Store) -> None:
    ids = ["b", "가", "B", "10", "a"]
    save(store, *(article(one, views=5, minutes=n) for n, one in enumerate(ids)))
    assert sorted(carried_over(store)) == sorted(ids)


def test_carried_over_are_live_articles_under_embargo_too(store: Store) -> None:
    save(store, article("later", views=2, minutes=-10), article("now", views=1))
    save(store, article("gone", views=3, status="withdrawn"))
    assert carried_over(store) == ["later", "now"]


def test_an_article_that_nobody_read_before_is_not_carried_over(store: Store) -> None:
    save(store, article("0"), article("1", views=1))
    assert carried_over(store) == ["1"]


def test_carried_over_can_be_asked_of_one_section(store: Store) -> None:
    save(store, article("1", views=1, sections=("지역",)), article("2", views=2))
    assert carried_over(store, Term("section", "지역")) == ["1"]
    assert store.readers.carried_by(["1", "2", "none"]) == {"1": 1, "2": 2}


def test_a_term_is_named_as_its_newest_live_article_writes_it(store: Store) -> None:
    term = Term("tag", "ai-news")
    save(store, article("1", minutes=3, tags=("AI News",)))
    save(store, article("2", minutes=2, tags=("ai news",)))
    save(store, article("3", minutes=1, tags=("AI NEWS",), status="withdrawn"))
    assert store.articles.name(term, NOW) == "ai news"


def test_a_term_without_live_articles_has_no_name(store: Store) -> None:
    save(store, article(tags=("끝",), status="withdrawn"))
    assert store.articles.name(Term("tag", "끝"), NOW) is None


def test_the_whole_paper_has_an_empty_name(store: Store) -> None:
    save(store, article())
    assert store.articles.name(LATEST, NOW) == ""


def test_hangul_terms_are_found_by_their_nfc_slug_however_they_were_written(store: Store) -> None:
    decomposed = unicodedata.normalize("NFD", "서울 시정")
    save(
        store,
        article("1", sections=(decomposed,), tags=(decomposed,), authors=(Author(decomposed),)),
        article(
            "2", sections=("서울  시정",), tags=("서울 시정 ",), authors=(Author("서울 시정"),)
        ),
    )
    for kind in ("section", "tag", "author"):
        assert newest(store, Term(kind, "서울-시정")) == ["1", "2"]
        assert newest(store, Term(kind, slug(decomposed))) == ["1", "2"]
        assert newest(store, Term(kind, unicodedata.normalize("NFD", "서울-시정"))) == []


def test_an_embargoed_article_does_not_name_its_term(store: Store) -> None:
    save(store, article("1", tags=("봄 소식",)), article("2", minutes=-60, tags=("봄  소식",)))
    term = Term("tag", "봄-소식")
    assert store.articles.name(term, NOW) == "봄 소식"
    assert store.articles.name(term, NOW + timedelta(hours=2)) == "봄  소식"
