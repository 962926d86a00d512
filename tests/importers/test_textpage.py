import unicodedata
from datetime import UTC, datetime

import pytest

from feeds.importers.textpage import LARGEST_PAGE
from feeds.model import Author
from tests.importers.given import accepted, article_of, read_in_seconds, rejected

HEAD = """기사 메일전송
은평천에 새 산책길, 주민이 직접 그렸다
  • 박서연
  • 등록 2021-04-07 08:05:09

기사수정
  • - 봄마다 잠기던 길 3년 만에 열려



"""
BODY = """은평천을 따라 걷는 새 길이 열렸다.


길이는 모두 2.4㎞다. 민‧관이 함께 ‘걷는 마을’을 내걸었다.


주민들은 “아이와 걷기 좋다”고 말했다.
"""
TAIL = """


12
  • 목록 바로가기
  • 인쇄


이전 기사 보기 다음 기사 보기
가장 많이 본 뉴스더보기
  1. 시장 골목 시장 골목이 다시 붐빈다. 상인들은 오랜만에 웃었다.
  2. 봄꽃 축제 올해는 사흘 일찍 열린다.
날씨
모바일 버전 바로가기"""
PARAGRAPHS = (
    "은평천을 따라 걷는 새 길이 열렸다.\n\n"
    "길이는 모두 2.4㎞다. 민‧관이 함께 ‘걷는 마을’을 내걸었다.\n\n"
    "주민들은 “아이와 걷기 좋다”고 말했다."
)
PAGE = HEAD + BODY + TAIL
# cp949 has neither this bullet nor this dot.
OLD_PAGE = PAGE.replace("‧", "·").replace("•", "·")


def test_a_page_gives_its_article_and_nothing_of_the_boilerplate() -> None:
    found = accepted("298001.txt", PAGE.encode(), section="지역")
    article = article_of(found)
    assert (found.line, found.notes) == (2, ())
    assert article.id == "298001"
    assert article.title == "은평천에 새 산책길, 주민이 직접 그렸다"
    assert article.subtitle == "봄마다 잠기던 길 3년 만에 열려"
    assert article.published == datetime(2021, 4, 6, 23, 5, 9, tzinfo=UTC)
    assert article.authors == (Author("박서연"),)
    assert article.body_text == PARAGRAPHS
    assert (article.comments, article.sections) == (12, ("지역",))


@pytest.mark.parametrize(
    "content",
    [
        OLD_PAGE.encode("cp949"),
        b"\xef\xbb\xbf" + PAGE.encode(),
        PAGE.encode("utf-16"),
        PAGE.replace("\n", "\r\n").encode(),
        PAGE.replace("\n", "\r").encode(),
    ],
    ids=["cp949", "bom", "utf-16", "crlf", "cr"],
)
def test_old_encodings_and_line_ends_make_no_difference(content: bytes) -> None:
    article = article_of(accepted("1.txt", content))
    assert article.title == "은평천에 새 산책길, 주민이 직접 그렸다"
    assert (article.body_text or "").replace("·", "‧") == PARAGRAPHS


def test_a_page_in_decomposed_unicode_is_read_like_any_other() -> None:
    page = PAGE.replace("길이는", "樂길이는").replace("박서연", "박서연 기자")
    saved_on_a_mac = unicodedata.normalize("NFD", page.replace("樂", "?")).replace("?", "\uf914")
    article = article_of(accepted("298001.txt", saved_on_a_mac.encode(), section="지역"))
    assert article == article_of(
        accepted("298001.txt", page.replace("樂", "\uf914").encode(), section="지역")
    )
    assert article.title == "은평천에 새 산책길, 주민이 직접 그렸다"
    assert "\uf914길이는" in (article.body_text or "")


@pytest.mark.parametrize(
    ("page", "field", "value"),
    [
        (PAGE.replace("  • 박서연\n", ""), "authors", ()),
        (PAGE.replace("  • - 봄마다 잠기던 길 3년 만에 열려\n", ""), "subtitle", None),
        (PAGE.replace("• 박서연", "박서연 기자"), "authors", (Author("박서연"),)),
        (PAGE.replace("  • 박서연", "걷기 좋은 동네"), "authors", ()),
        (PAGE.replace("기사 메일전송\n", ""), "title", "은평천에 새 산책길, 주민이 직접 그렸다"),
        (HEAD + BODY, "body_text", PARAGRAPHS),
        (HEAD + BODY + "\n\n7\n", "comments", 7),
        (PAGE[: PAGE.index("가장")], "body_text", PARAGRAPHS),
        (PAGE.replace("12\n  •", "  •"), "comments", None),
        (PAGE.replace("12\n  •", "1,204\n  •"), "comments", 1204),
        (PAGE.replace("  • 목록 바로가기\n", ""), "body_text", PARAGRAPHS),
        (HEAD, "body_text", None),
    ],
)
def test_a_piece_that_is_missing_leaves_the_others_alone(
    page: str, field: str, value: object
) -> None:
    assert getattr(article_of(accepted("1.txt", page.encode())), field) == value


def test_a_subtitle_that_does_not_fit_costs_no_article() -> None:
    page = PAGE.replace("봄마다 잠기던 길 3년 만에 열려", "봄" * 2001)
    found = accepted("1.txt", page.encode())
    assert article_of(found).subtitle is None
    assert found.notes == ("subtitle is left out: it is longer than 2000 characters",)


@pytest.mark.parametrize("number", ["2021", "인쇄"])
def test_a_short_paragraph_amid_the_text_stays_there(number: str) -> None:
    page = PAGE.replace("\n\n\n주민들은", f"\n\n\n{number}\n\n\n주민들은")
    article = article_of(accepted("1.txt", page.encode()))
    assert article.body_text == PARAGRAPHS.replace("\n\n주민들", f"\n\n{number}\n\n주민들")
    assert article.comments == 12


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("박서연 기자", (Author("박서연"),)),
        ("박서연 선임기자", (Author("박서연"),)),
        ("박서연 기자 seo@news.example", (Author("박서연", "seo@news.example"),)),
        ("박서연(seo@news.example)", (Author("박서연", "seo@news.example"),)),
        ("박서연·최도윤 기자", (Author("박서연"), Author("최도윤"))),
        ("박서연 기자 최도윤 기자", (Author("박서연"), Author("최도윤"))),
        ("박서연\n  • 최도윤", (Author("박서연"), Author("최도윤"))),
        ("기자", ()),
    ],
)
def test_a_byline_gives_names_without_their_trimmings(
    byline: str, authors: tuple[Author, ...]
) -> None:
    page = PAGE.replace("• 박서연", f"• {byline}").encode()
    assert article_of(accepted("1.txt", page)).authors == authors


@pytest.mark.parametrize(
    ("written", "published", "updated"),
    [
        ("등록 2021.04.07 08:05", (6, 23, 5, 0), (6, 23, 5, 0)),
        ("등록: 2021.4.7. 8:05", (6, 23, 5, 0), (6, 23, 5, 0)),
        ("등록 2021-04-07", (6, 15, 0, 0), (6, 15, 0, 0)),
        ("등록 2021-04-07 08:05:09 수정 2021-04-07 10:00", (6, 23, 5, 9), (7, 1, 0, 0)),
        ("등록 2021-04-07 08:05:09\n  • 수정 2021-04-07 10:00", (6, 23, 5, 9), (7, 1, 0, 0)),
    ],
)
def test_dates_are_read_as_papers_write_them(
    written: str, published: tuple[int, int, int, int], updated: tuple[int, int, int, int]
) -> None:
    page = PAGE.replace("등록 2021-04-07 08:05:09", written).encode()
    article = article_of(accepted("1.txt", page))
    assert article.published == datetime(2021, 4, *published, tzinfo=UTC)
    assert article.updated == datetime(2021, 4, *updated, tzinfo=UTC)
    assert article.body_text == PARAGRAPHS


def test_a_page_without_a_headline_is_refused_where_it_should_be() -> None:
    page = PAGE.replace("은평천에 새 산책길, 주민이 직접 그렸다\n", "").encode()
    found = rejected("1.txt", page)
    assert found.line == 2
    assert found.reason.startswith("title: no headline found")


@pytest.mark.parametrize(
    ("name", "page", "reason"),
    [
        ("1.txt", b"abc\xff\xff", "byte 4 is 0xFF"),
        ("내 기사.txt", PAGE.encode(), "id: the file's name must be"),
        ("1.txt", b"\n" * (LARGEST_PAGE + 1), "16 MiB"),
        ("1.txt", PAGE.replace("등록 ", "").encode(), "등록 2018-01-23 15:26:43"),
    ],
)
def test_a_file_that_is_no_page_is_refused_with_the_reason(
    name: str, page: bytes, reason: str
) -> None:
    assert reason in rejected(name, page).reason


def test_lines_of_blanks_are_read_in_no_time() -> None:
    lines = ["등록{}", "등록 : {}", "최종수정{}", "등록 2024-01-01{}", "• {}등록"]
    page = "\n".join(["제목", *[line.format(" " * 100_000) + "." for line in lines * 10]])
    read_in_seconds("1.txt", page.encode())
