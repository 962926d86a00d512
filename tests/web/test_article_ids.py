"""What the article-id cache remembers of the ids that clients name."""

import unicodedata
from collections.abc import Collection
from itertools import product

import pytest

from feeds.text import LONGEST_ID
from feeds.web import cache
from feeds.web.cache import ArticleIds

HANGUL = "가나다라마바사아자차"


class Paper:
    """A store with some articles, which notes the ids that it is asked for."""

    def __init__(self, *articles: str) -> None:
        self._articles = articles
        self.asked: list[str] = []
        self.ids = ArticleIds(self.known)

    def known(self, ids: Collection[str]) -> Collection[str]:
        self.asked += ids
        return set(ids) & set(self._articles)

    def find(self, name: str) -> str:
        return self.ids.find(name.encode().decode("latin-1"))  # PEP 3333


@pytest.mark.parametrize("article_id", [letter * LONGEST_ID for letter in "9가🚲ᾂ"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_longest_id_is_known_in_every_form(article_id: str, form: str) -> None:
    spelled = unicodedata.normalize("NFD" if form == "NFD" else "NFC", article_id)
    assert Paper(article_id).find(spelled) == article_id


@pytest.mark.parametrize("name", ["9" * 60_000, "가" * 20_000, "́" * 60_000])
def test_the_store_is_not_asked_for_what_is_longer_than_any_id(name: str) -> None:
    paper = Paper(name)
    assert (paper.find(name), paper.asked) == ("", [])


def test_the_store_is_asked_once_however_an_id_is_written() -> None:
    paper = Paper(HANGUL)
    for forms in product(("NFC", "NFD"), repeat=len(HANGUL)):
        assert paper.find("".join(map(unicodedata.normalize, forms, HANGUL))) == HANGUL
    assert paper.asked == [HANGUL]


def test_only_so_many_unknown_ids_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_MOST_UNKNOWN", 10)
    paper = Paper("1")
    unknown = [str(number) for number in range(100, 120)]
    for name in ["1", *unknown, *reversed(unknown), "1"]:
        assert paper.find(name) == ("1" if name == "1" else "")
    assert paper.asked == ["1", *unknown, *reversed(unknown[:10])]
