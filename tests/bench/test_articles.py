from itertools import pairwise

import pytest

from feeds.html import plain_text
from tests.bench.articles import article, articles
from tests.bench.korean import Noun


def test_an_article_is_of_its_seed_whichever_others_are_made() -> None:
    assert list(articles(5, seed=7)) == list(articles(5, seed=7))
    assert list(articles(5))[3] == article(3)
    assert article(3, seed=1).body_html != article(3, seed=2).body_html


def test_articles_come_newest_and_most_read_first() -> None:
    made = list(articles(100))
    assert all(newer.published > older.published for newer, older in pairwise(made))
    assert all(more.views > fewer.views for more, fewer in pairwise(made))


def test_every_article_has_a_byline_and_a_body_of_two_to_six_kilobytes() -> None:
    for each in articles(500):
        assert 2_000 <= len((each.body_html or "").encode()) <= 6_000
        assert len(plain_text(each.body_html or "")) > 300
        assert each.authors
        assert "{" not in f"{each.title}{each.body_html}"


@pytest.mark.parametrize(
    ("word", "particle", "expected"),
    [
        ("구청", "은", "구청은"),
        ("보건소", "은", "보건소는"),
        ("텃밭", "을", "텃밭을"),
        ("놀이터", "이", "놀이터가"),
        ("학부모회", "과", "학부모회와"),
        ("보건소", "", "보건소"),
    ],
)
def test_a_noun_takes_the_particle_that_its_last_sound_asks_for(
    word: str, particle: str, expected: str
) -> None:
    assert format(Noun(word), particle) == expected
