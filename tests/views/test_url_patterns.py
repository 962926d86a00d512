import string
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.importers.record import ArticleRecord
from feeds.views import UrlPatterns
from tests.importers.given import RECORD, SOURCE

PATH = "/news/{id}"
VIEW = "/news/view.php?idx={id}"
ARTICLE_VIEW = "/news/articleView.html?idxno={id}"

printable = st.characters(exclude_categories=("C", "Z"))


def reads(patterns: tuple[str, ...], target: str) -> str | None:
    return UrlPatterns(patterns).article_id(target)


@pytest.mark.parametrize(
    ("pattern", "target", "article_id"),
    [
        (PATH, "/news/123?", "123"),
        (PATH, "/news/2018.01.23", "2018.01.23"),
        (PATH, "/news/node.js-5", "node.js-5"),
        (PATH, "/news/amp", "amp"),
        (VIEW, "/news/view.php?idx=122&idx=123", "123"),
        ("/read?t=news&n={id}", "/read?n=123&x=1&t=news", "123"),
        ("/pixel/{id}.gif", "/pixel/123.gif", "123"),
        ("/file?name={id}", "/file?name=a.css", "a.css"),
    ],
)
def test_the_id_stands_where_the_pattern_says(pattern: str, target: str, article_id: str) -> None:
    assert reads((pattern,), target) == article_id


@pytest.mark.parametrize(
    ("pattern", "target"),
    [
        (PATH, "/news/123.amp.html"),
        (PATH, "///m/news/123/amp/?amp=1"),
        (PATH, "HTTPS://www.news.example:8443//m/news/123?utm_source=x"),
        ("/a-{id}.html", "/a-123.amp.html"),
        ("/a-{id}.html", "/a-123.amp"),
        ("/a-{id}.html", "/amp/a-123.html/"),
        (ARTICLE_VIEW, "/news/articleView.amp.html?idxno=123"),
        ("/?p={id}", "https://www.news.example?p=123"),
        ("/m/news/{id}", "/m/news/123"),
        ("/m/news/{id}", "/amp/m/news/123"),
        (PATH, "/m/amp/news/123"),
    ],
)
def test_rare_mobile_and_amp_forms_are_the_same_article(pattern: str, target: str) -> None:
    assert reads((pattern,), target) == "123"


@pytest.mark.parametrize(
    ("pattern", "targets"),
    [
        (PATH, "* / /news /news/ /news// /News/123 /news/123/comments /x/news/123 /m/m/m/news/123"),
        (PATH, "/M/news/123 /archive?from=/news/123 news/123 ftp://a/news/123 http://a"),
        (VIEW, "/news/view.php /news/view.php?idx= /news/view.php?IDX=123 /news/viewXphp?idx=123"),
        (VIEW, "/news/view.php?xidx=123 /news/view.php?idx=1/2"),
        ("/a-{id}.html", "/a-123 /a-.html /a-1.3-html"),
        ("/read?t=news&n={id}", "/read?n=123&t=newsletter /read?n=123"),
    ],
)
def test_other_addresses_are_no_article(pattern: str, targets: str) -> None:
    assert [each for each in ["", *targets.split()] if reads((pattern,), each) is not None] == []


@pytest.mark.parametrize(
    "name", ["style.css", "jquery.min.js", "a.JPG", "a.png?v=3", "a.webp/", "f.woff2", "icon.svg"]
)
def test_a_file_of_the_page_is_no_article(name: str) -> None:
    assert reads((PATH, "/{id}"), f"/news/{name}") is None
    assert reads((PATH, "/{id}"), f"/{name}") is None


@pytest.mark.parametrize(
    ("encoded", "article_id"),
    [
        pytest.param("%ea%B8%B0%EC%82%AC", "기사", id="UTF-8"),
        pytest.param("기사", "기사", id="already decoded"),
        pytest.param("%E1%84%80%E1%85%B5", "기", id="jamo are composed"),
        pytest.param("2018%2F01", "2018/01", id="an encoded slash belongs to the id"),
        pytest.param("a%3Fb%26c", "a?b&c", id="as do other separators"),
        pytest.param("a+b", "a+b", id="a plus is a plus"),
        pytest.param("50%25", "50%", id="once only"),
        pytest.param("123%20", "123", id="blanks around it go, as in an import"),
        pytest.param("12%203", None, id="a blank"),
        pytest.param("12%003", None, id="a control character"),
        pytest.param("12%C2%A03", None, id="another blank"),
        pytest.param("12\udcff", None, id="a byte that was not UTF-8"),
        pytest.param("%B1%E2%BB%E7", None, id="EUC-KR"),
        pytest.param("%20", None, id="nothing but a blank"),
        pytest.param("7" * 200, "7" * 200, id="the longest"),
        pytest.param("7" * 201, None, id="too long"),
        pytest.param("%ED%95%9C" * 200, "한" * 200, id="the longest is counted in characters"),
        pytest.param("%ED%95%9C" * 201, None, id="too long when decoded"),
    ],
)
def test_an_id_is_decoded_composed_and_held_to_the_rule_of_ids(
    encoded: str, article_id: str | None
) -> None:
    assert reads((PATH,), f"/news/{encoded}") == article_id
    assert reads((VIEW,), f"/news/view.php?x=1&idx={encoded}") == article_id


@pytest.mark.parametrize("path", ["/기사/5", "/%EA%B8%B0%EC%82%AC/5", "/%ea%b8%b0사/5"])
@pytest.mark.parametrize("pattern", ["/기사/{id}", "/%EA%B8%B0%EC%82%AC/{id}"])
def test_hangul_in_an_address_fits_encoded_or_not(pattern: str, path: str) -> None:
    assert reads((pattern,), path) == "5"


def test_the_first_pattern_that_fits_wins() -> None:
    assert reads(("/news/{id}", "/news/a-{id}"), "/news/a-5") == "a-5"
    assert reads(("/news/a-{id}", "/news/{id}"), "/news/a-5") == "5"
    assert reads(("/news/{id}", "/{id}"), "/news/") == "news"
    assert reads(("/v?a={id}", "/v?b={id}"), "/v?b=2&a=1") == "1"
    assert reads(("/v?b={id}", "/v?a={id}"), "/v?b=2&a=1") == "2"


def test_the_name_of_a_page_is_no_id_where_another_pattern_has_the_id_in_its_query() -> None:
    assert reads((PATH, VIEW), "/news/view.php?idx=5") == "5"
    assert reads((PATH, VIEW), "/news/7?idx=5") == "7"


def test_without_patterns_nothing_is_an_article() -> None:
    assert reads((), "/news/123") is None


@settings(max_examples=100, deadline=None)
@given(st.text(printable | st.sampled_from(string.whitespace + "\0%"), max_size=12))
def test_whatever_id_is_read_an_import_accepts_and_leaves_as_it_is(text: str) -> None:
    for target in f"/news/{text}", f"/news/{quote(text, safe='')}":
        if (article_id := reads((PATH,), target)) is not None:
            record = RECORD | {"id": article_id}
            assert ArticleRecord.model_validate(record, context=SOURCE).id == article_id
