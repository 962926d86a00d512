"""What is remembered of the ids that clients ask for."""

import unicodedata
from collections.abc import Collection
from itertools import product

import pytest

from feeds.text import LONGEST_ID, article_id_of
from feeds.web import known
from feeds.web.known import KnownIds

HANGUL = "가나다라마바사아자차"


def ids(*articles: str) -> KnownIds:
    def which(asked: Collection[str]) -> Collection[str]:
        return set(asked) & set(articles)

    return KnownIds(which)


def sent(name: str) -> str:
    """Write a path as WSGI gives it (PEP 3333)."""
    return name.encode().decode("latin-1")


@pytest.mark.parametrize(
    "article_id", ["9" * LONGEST_ID, "가" * LONGEST_ID, "🚲" * LONGEST_ID, "ᾂ" * LONGEST_ID]
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_longest_id_is_known_in_every_form(article_id: str, form: str) -> None:
    name = unicodedata.normalize("NFD" if form == "NFD" else "NFC", article_id)
    assert article_id_of(name) == article_id
    assert ids(article_id).named(sent(name)) == article_id


@pytest.mark.parametrize("name", ["9" * 60_000, "가" * 20_000, "́" * 60_000])
def test_what_is_longer_than_any_id_is_neither_asked_for_nor_kept(name: str) -> None:
    some = ids(name)
    assert some.named(sent(name)) == ""
    assert (len(some._met), len(some._unknown)) == (0, 0)


def test_an_id_is_remembered_once_however_it_is_written() -> None:
    some = ids(HANGUL)
    for forms in product(("NFC", "NFD"), repeat=len(HANGUL)):
        spelled = "".join(map(unicodedata.normalize, forms, HANGUL))
        assert some.named(sent(spelled)) == HANGUL
    assert list(some._met) == [HANGUL]


def test_only_so_many_unknown_ids_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "_MOST_UNKNOWN", 10)
    some = ids("1")
    assert some.named("1") == "1"
    for number in range(100, 200):
        assert some.named(str(number)) == ""
    assert list(some._unknown) == [str(number) for number in range(190, 200)]
    assert list(some._met) == ["1"]
