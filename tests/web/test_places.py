"""The place in an article that a feed would change, as the reason of the gate quotes it."""

import pytest

from feeds.entries import body_of
from feeds.errors import ArticleError
from feeds.translations import translations
from feeds.web.places import Place, in_words, place_of
from tests.newsroom import configured
from tests.store.samples import article


@pytest.mark.parametrize(
    ("reason", "place"),
    [
        (
            r"content: expected '…기다린 길\u200b이 열렸다', read back '…기다린 길이 열렸다'",
            Place("content", "…기다린 길", "[U+200B]", "이 열렸다", ""),
        ),
        (
            """title: expected "it's A", read back 'its "B"'""",
            Place("title", "it", "'", "s A", ""),
        ),
        (
            "published: expected '2026-03-02', read back '2026-04-02'",
            Place("published", "2026-0", "3", "-02", "4"),
        ),
        ("entry: expected 'tag:1', read back 'no such entry'", None),
        ("document: expected 'a document', read back 'cannot be written: ValueError()'", None),
        ("body_html: elements such as <b> and <font> are not closed; close them", None),
        ("title: expected 'a', read back 'b' or so", None),
        ("rank: expected '1', read back '1'", None),  # the number, and the text
    ],
)
def test_a_reason_that_quotes_two_values_names_the_first_difference(
    reason: str, place: Place | None
) -> None:
    assert place_of(reason) == place


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("&amp;" * 600_000, "앰퍼샌드가"),
        ("<div>" * 2047, "닫지 않은 요소가 1000겹을 넘습니다. 닫아 주세요"),
        (f"<p{' x=1' * 50_000}>가</p>", "속성이 500개를 넘는 태그가 있습니다"),
        (f'<p><b title="{"t" * 50_000}">{"<p>가</p>" * 900}', "요소를 닫지 않았습니다."),
        (f"<p>{'가' * 900_000}</p>", "kB보다 큽니다."),
    ],
)
def test_an_editor_reads_a_reason_in_the_papers_language(body: str, said: str) -> None:
    with pytest.raises(ArticleError) as refused:
        body_of(article("1", body_html=body), configured(feeds={"article_kb": 512}))
    _, _, reason = str(refused.value).partition(": ")
    assert said in in_words(reason, translations("ko"))


def test_an_unknown_reason_stays_as_it_is() -> None:
    assert in_words("no row", translations("ko")) == "no row"
