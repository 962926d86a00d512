"""A section, author or tag is renamed: its articles are listed, and named, anew."""

from dataclasses import replace

import pytest

from feeds.errors import MoveError
from feeds.model import LATEST, Article, Author, Term
from feeds.store import Store
from tests.store.samples import article, newest, rows, save, settle

OLD, NEW = Term("section", "구정"), Term("section", "지역")


def named(*sections: str, article_id: str = "1") -> Article:
    return article(article_id, sections=sections)


def sections(store: Store, article_id: str = "1") -> tuple[str, ...]:
    found = store.articles.get(article_id)
    assert found
    return found.sections


def move(store: Store, *steps: str) -> None:
    """Move sections: `a b` makes b of a."""
    for step in steps:
        old, new = step.split()
        store.moves.move(Term("section", old), Term("section", new), new.upper())


def test_the_articles_of_a_renamed_section_have_its_new_name_however_sent(
    store: Store,
) -> None:
    save(store, named("구정", "생활"), article("2", sections=("구정",), status="withdrawn"))
    before = store.articles.get("1")
    assert store.moves.move(OLD, NEW, "우리 지역") == 1
    assert before
    assert store.articles.get("1") == replace(before, sections=("우리 지역", "생활"))
    assert (newest(store, OLD), newest(store, NEW)) == ([], ["1"])
    settle(store)
    save(store, named("구정", "생활"))
    assert settle(store) == set()
    save(store, article("2", sections=("우리 지역", "구정")))
    assert newest(store, NEW) == ["1", "2"]
    assert sections(store, "2") == ("우리 지역",)
    assert store.articles.term("section", "구정") == NEW


def test_the_feeds_that_show_the_name_are_published_anew_the_old_after_the_new(
    store: Store,
) -> None:
    save(store, article(sections=("구정",), tags=("봄",)), article("2", sections=("생활",)))
    settle(store)
    move(store, "구정 지역")
    order = [touched.term for touched in store.changes.touched(10)]
    assert order == [LATEST, NEW, OLD, Term("tag", "봄")]


@pytest.mark.parametrize(
    ("steps", "places"),
    [
        (["a b"], {"b": ["a", "b"]}),
        (["a c"], {"b": ["b"], "c": ["a"]}),
        (["a c", "c d"], {"b": ["b"], "d": ["a"]}),
        (["a c", "c a"], {"a": ["a"], "b": ["b"]}),
        (["a c", "c d", "d a", "a d"], {"b": ["b"], "d": ["a"]}),
        (["a b", "b c"], {"c": ["a", "b"]}),
        (["a b", "b a"], {"a": ["a", "b"]}),
        (["a c", "b c", "c b"], {"b": ["a", "b"]}),
    ],
)
def test_moves_follow_each_other_and_lead_back(
    store: Store, steps: list[str], places: dict[str, list[str]]
) -> None:
    both = [named("A", article_id="a"), named("B", article_id="b")]
    save(store, *both)
    move(store, *steps)
    for _ in ("stored before", "sent again"):
        assert {
            slug: ids for slug in "abcd" if (ids := newest(store, Term("section", slug)))
        } == places
        assert {one for ids in places.values() for one in ids} == {"a", "b"}
        for place, ids in places.items():
            assert all(sections(store, one) == (place.upper(),) for one in ids)
        save(store, *(replace(one, title="고침") for one in both))
    gone = {f"sections/{slug}" for slug in "abcd"} - {f"sections/{slug}" for slug in places}
    assert store.moves.paths().keys() <= gone


def test_an_article_of_both_sections_is_listed_once(store: Store) -> None:
    save(store, named("구정", "지역"), named("구정", article_id="2"))
    assert store.moves.move(OLD, NEW, "지역") == 2
    assert newest(store, NEW) == ["1", "2"]
    assert sections(store) == ("지역",)
    assert rows(store, "listings") == 4


def test_an_author_is_moved_with_the_id_of_the_cms(store: Store) -> None:
    first, second = Author("김민수", id="17"), Author("김민수", id="18")
    save(store, article("1", authors=(first,)), article("2", authors=(second,)))
    store.moves.move(Term("author", "김민수"), Term("author", "김하늘"), "김하늘")
    save(store, article("3", authors=(first, second)), article("4", authors=(Author("김민수"),)))
    assert newest(store, Term("author", "김하늘")) == ["1", "3", "4"]
    assert newest(store, Term("author", "김민수-2")) == ["2", "3"]
    found = store.articles.get("3")
    assert found
    assert found.authors == (Author("김하늘", id="17"), second)


def test_no_other_name_gets_an_address_that_was_moved_or_moved_to(store: Store) -> None:
    save(store, article("1", tags=("C++",)))
    store.moves.move(Term("tag", "c"), Term("tag", "cpp"), "C++")
    save(store, article("2", tags=("C",)), article("3", tags=("CPP!",)))
    save(store, article("4", tags=("c++",)))
    lists = [newest(store, Term("tag", slug)) for slug in ("c", "cpp", "c-2", "cpp-2")]
    assert lists == [[], ["1", "4"], ["2"], ["3"]]


@pytest.mark.parametrize(
    ("old", "new", "name", "said"),
    [
        (OLD, OLD, "구정", "cannot become"),
        (OLD, Term("tag", "구정"), "구정", "cannot become tags/구정"),
        (Term("section", "x"), NEW, "지역", "no article ever had sections/x"),
        (Term("tag", "구정"), Term("tag", "지역"), "지역", "no article ever had tags/구정"),
        (Term("section", "옛"), NEW, "지역", "sections/옛 was moved to sections/새"),
        (OLD, Term("section", "옛"), "옛", "sections/옛 was moved to sections/새"),
        (OLD, NEW, "생활", '"생활" is the name of sections/생활'),
        (OLD, NEW, "옛", '"옛" is the name of sections/새'),
    ],
)
def test_a_move_that_makes_no_sense_is_refused_and_changes_nothing(
    store: Store, old: Term, new: Term, name: str, said: str
) -> None:
    save(store, named("구정", "생활"), named("옛", article_id="2"))
    move(store, "옛 새")
    settle(store)
    with pytest.raises(MoveError, match=said):
        store.moves.move(old, new, name)
    assert settle(store) == set()
    assert newest(store, OLD) == ["1"]
