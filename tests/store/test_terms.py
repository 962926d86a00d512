"""A name gets an address, which never changes hands."""

import unicodedata

import pytest

from feeds.model import LATEST, Author, Term
from feeds.store import Store
from tests.store.samples import article, newest, save, settle

KIM = Author("김민수")


def tagged(store: Store, *names: str) -> list[str]:
    """Save an article for each tag, one after the other; give the slugs that list them."""
    for number, name in enumerate(names):
        save(store, article(str(number), tags=(name,)))
    return [slug_of(store, str(number)) for number in range(len(names))]


def slug_of(store: Store, article_id: str) -> str:
    """Give the one slug that lists an article, besides the whole paper's."""
    query = "SELECT slug FROM listings WHERE kind <> 'latest' AND article_id = "
    with store._database.reading() as connection:
        (slug,) = connection.exec_driver_sql(f"{query}'{article_id}'").scalars()
    return str(slug)


@pytest.mark.parametrize(
    ("names", "slugs"),
    [
        (("C", "C++", "C#"), ["c", "c-2", "c-3"]),
        (("C#", "C", "C#", "C++", "C"), ["c", "c-2", "c", "c-3", "c-2"]),
        (("C", "C 2", "C++"), ["c", "c-2", "c-3"]),
        (("C", "C++", "C 2"), ["c", "c-2", "c-2-2"]),
        (("C-", "C", "C--", "C.2", "C-1"), ["c", "c-2", "c-3", "c-2-2", "c-1"]),
        (("봄 소식", "봄!! 소식", "봄_소식"), ["봄-소식", "봄-소식-2", "봄-소식-3"]),
        (("!", "?"), ["bb7208bc", "8a8de823"]),
        # Case, blanks and Unicode forms are no difference.
        (("AI News", "ai news", "AI  NEWS", " Ai\u00a0News "), ["ai-news"] * 4),
        (("서울 시정", unicodedata.normalize("NFD", "서울 시정")), ["서울-시정"] * 2),
    ],
)
def test_a_name_has_an_address_of_its_own(
    store: Store, names: tuple[str, ...], slugs: list[str]
) -> None:
    assert tagged(store, *names) == slugs


def test_an_address_never_changes_hands(store: Store) -> None:
    save(store, article("1", tags=("C",)), article("2", tags=("R",), status="withdrawn"))
    save(store, article("1", tags=()))
    assert tagged(store, "C++", "C", "R#") == ["c-2", "c", "r"]


def test_each_kind_of_term_has_addresses_of_its_own(store: Store) -> None:
    save(store, article("1", tags=("C",), sections=("C++",), authors=(Author("C#"),)))
    assert settle(store) == {LATEST, *(Term(kind, "c") for kind in ("tag", "section", "author"))}


def test_any_number_of_names_can_share_a_slug(store: Store) -> None:
    names = [f"C{'+' * number}" for number in range(150)]
    save(store, article("all", tags=tuple(names[:100])))
    assert tagged(store, *reversed(names)) == [
        *(f"c-{number}" for number in range(101, 151)),
        *(f"c-{number}" for number in range(100, 1, -1)),
        "c",
    ]


def test_a_name_finds_its_term_and_an_unknown_name_the_term_of_its_slug(store: Store) -> None:
    tagged(store, "C", "C++")
    found = [store.articles.term("tag", name) for name in ("c", "C++", "c-2", "R&D")]
    assert [term.slug for term in found] == ["c", "c-2", "c-2", "r-d"]
    assert store.articles.term("section", "C++") == Term("section", "c")


@pytest.mark.parametrize(
    ("authors", "slugs"),
    [
        # Without ids the same name is the same person, whatever else changes.
        ((KIM, Author("김민수", "new@news.example")), ["김민수", "김민수"]),
        # Two people of one name.
        ((Author("김민수", id="17"), Author("김민수", id="18")), ["김민수", "김민수-2"]),
        # An id takes over what its name had; the next one does not.
        (
            (KIM, Author("김민수", id="17"), Author("김민수", id="18"), KIM),
            ["김민수", "김민수", "김민수-2", "김민수"],
        ),
        # A name without an id is the first person who had it.
        (
            (Author("김민수", id="17"), KIM, Author("김민수", id="18")),
            [*["김민수"] * 2, "김민수-2"],
        ),
        # A person keeps the address through a change of name, and nobody else gets it.
        ((Author("김민수", id="17"), Author("김하늘", id="17")), ["김민수", "김민수"]),
        ((Author("김민수", id="17"), Author("김하늘", id="17"), KIM), ["김민수"] * 3),
        ((Author("김하늘", id="1"), Author("김민수", id="1"), KIM), ["김하늘", "김하늘", "김민수"]),
        # A name is no id.
        ((Author("17"), Author("김민수", id="17"), Author("id:17")), ["17", "김민수", "id-17"]),
        ((Author("C", id="1"), Author("C#", id="2"), Author("C++")), ["c", "c-2", "c-3"]),
    ],
)
@pytest.mark.parametrize("at_once", [False, True], ids=["one by one", "in one batch"])
def test_authors_are_told_apart_by_id_then_by_name(
    store: Store, authors: tuple[Author, ...], slugs: list[str], *, at_once: bool
) -> None:
    if at_once:
        save(store, *(article(str(n), authors=(one,)) for n, one in enumerate(authors)))
    for number, (author, expected) in enumerate(zip(authors, slugs, strict=True)):
        save(store, article(str(number), authors=(author,)))
        assert slug_of(store, str(number)) == expected


def test_an_id_that_comes_later_touches_nothing_but_its_own_author(store: Store) -> None:
    save(store, article("1", authors=(KIM,)))
    settle(store)
    save(store, article("1", authors=(Author("김민수", id="17"),)))
    assert settle(store) == {LATEST, Term("author", "김민수")}
    assert newest(store, Term("author", "김민수")) == ["1"]
