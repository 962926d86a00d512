import re
import sys
import unicodedata
from datetime import UTC, datetime

import pytest

from feeds.model import Author, Image
from tests.importers.given import accepted, article_of, rejected

TEXT = """<p>은평천을 따라 걷는 새 길이 열렸다. 길이는 모두 2.4㎞이고 다리 셋을 지난다.</p>
<p><img src="/image.php?id=3" alt="새 산책길"></p>
<p>주민들은 <a href="/news/7">지난해</a>부터 설계에 함께했다. &lt;걷는 마을&gt; &amp; 그 뒤.</p>
<p>구는 가을까지 쉼터 다섯 곳을 더 놓을 계획이라고 밝혔다.</p>"""
MODERN = f"""<!DOCTYPE html><html lang="ko_KR"><head><meta charset="utf-8">
<title>은평천에 새 산책길 - 은평신문</title>
<meta property="og:title" content="은평천에 새 산책길">
<meta property="og:description" content="새 길이 열렸다.">
<meta property="og:image" content="/photo/1 a.jpg"><meta property="og:image:width" content="800">
<meta property="article:published_time" content="2021-04-07T08:05:09+09:00">
<meta property="article:modified_time" content="2021-04-07T10:00:00+09:00">
<meta property="article:section" content="지역">
<meta property="article:tag" content="산책"><meta property="article:tag" content="은평천">
<meta name="author" content="박서연 기자">
<link rel="canonical" href="https://www.news.example/news/298001">
</head><body><nav><a href="/">홈</a></nav><article><h1>은평천에 새 산책길</h1>
{TEXT}</article><footer>저작권 은평신문</footer></body></html>"""
CHANGED = '<meta property="article:modified_time" content="2021-04-07T18:00:00+09:00">'
UNDATED = re.sub(r"<meta property=.article:(published|modified)_time.*>", "", MODERN)
OLD = f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=euc-kr">
<title>은평신문</title></head><body><div id="wrap"><p>기사 메일전송</p><h1>똠방 펲시 산책길</h1>
<ul><li>박서연 기자</li><li>최도윤</li><li><span>등록 2021-04-07 08:05:09</span></li></ul>
<p>기사수정</p><ul><li>- 3년 만에 열려</li></ul><div>{TEXT}</div><p>12</p>
<ul><li>목록 바로가기</li><li>인쇄</li></ul><p>이전 기사 보기 다음 기사 보기</p>
<h3>가장 많이 본 뉴스<a href="/top">더보기</a></h3><ol><li>시장 골목이 다시 붐빈다.</li></ol>
</div></body></html>""".replace("㎞", "km")


def test_the_head_of_a_page_gives_its_metadata() -> None:
    article = article_of(accepted("1.html", MODERN.encode()))
    assert (article.id, article.title) == ("1", "은평천에 새 산책길")
    assert article.published == datetime(2021, 4, 6, 23, 5, 9, tzinfo=UTC)
    assert article.updated == datetime(2021, 4, 7, 1, 0, tzinfo=UTC)
    assert article.url == "https://www.news.example/news/298001"
    assert (article.sections, article.tags) == (("지역",), ("산책", "은평천"))
    assert (article.summary, article.language) == ("새 길이 열렸다.", "ko-KR")
    assert article.authors == (Author("박서연"),)
    assert article.image == Image("https://www.news.example/photo/1%20a.jpg", width=800)


@pytest.mark.parametrize("page", [MODERN.encode(), OLD.encode("cp949")], ids=["modern", "old"])
def test_the_text_keeps_paragraphs_pictures_and_links_and_nothing_else(page: bytes) -> None:
    body = article_of(accepted("1.html", page)).body_html or ""
    assert body.count("<p>") == 4
    assert '<img src="https://www.news.example/image.php?id=3" alt="새 산책길"/>' in body
    assert '<a href="https://www.news.example/news/7">지난해</a>부터' in body
    assert "&lt;걷는 마을&gt; &amp; 그 뒤." in body
    for boilerplate in ("홈", "저작권", "산책길</h1>", "등록", "박서연", "기사수정", "12", "시장"):
        assert boilerplate not in body


def test_an_old_korean_page_is_read_by_its_visible_text() -> None:
    article = article_of(accepted("1.htm", OLD.encode("cp949"), section="지역"))
    assert article.title == "똠방 펲시 산책길"
    assert article.published == datetime(2021, 4, 6, 23, 5, 9, tzinfo=UTC)
    assert article.authors == (Author("박서연"), Author("최도윤"))
    assert article.subtitle == "3년 만에 열려"
    assert (article.comments, article.sections) == (12, ("지역",))


@pytest.mark.parametrize("page", [MODERN, OLD.replace("euc-kr", "utf-8")], ids=["modern", "old"])
def test_a_page_in_decomposed_unicode_is_read_like_any_other(page: str) -> None:
    saved_on_a_mac = unicodedata.normalize("NFD", page)
    assert saved_on_a_mac != page
    found = accepted("1.html", saved_on_a_mac.encode())
    assert article_of(found) == article_of(accepted("1.html", page.encode()))


@pytest.mark.parametrize("label", ["euc-kr", "ks_c_5601-1987", "EUC-KR", "utf-8", "nonsense"])
def test_a_cp949_page_is_read_under_any_label(label: str) -> None:
    page = OLD.replace("euc-kr", label).encode("cp949")
    assert article_of(accepted("1.html", page)).title == "똠방 펲시 산책길"


def test_a_headline_cut_within_a_character_costs_that_character_only() -> None:
    page = OLD.encode("cp949").replace("다시 붐빈다".encode("cp949"), b"\xb4\xd9\xbd")
    found = accepted("1.html", page)
    assert article_of(found).title == "똠방 펲시 산책길"
    assert found.notes == ("page: 1 unreadable characters",)


LINKED = '{"@graph": [1, {"@type": "NewsArticle", "headline": "가", "datePublished": "%s"}]}'


@pytest.mark.parametrize(
    ("place", "hour"),
    [
        ('<time datetime="2021-04-07T11:00:00+09:00">', 2),
        ("<span>입력 2021.04.07 12:00</span>", 3),
        (f'<script type="application/ld+json">{LINKED % "2021-04-07T13:00:00+09:00"}</script>', 4),
        ('<meta name="pubdate" content="2021/04/07 14:00">', 5),
        (
            '<meta property="article:published_time" content="2021-04-07T05:30:00.5Z">' + CHANGED,
            5,
        ),
        ('<meta name="pubdate" content="2021-04-07"><p>등록 2021-04-07 15:00</p>', 6),
    ],
)
def test_the_time_of_day_is_found_wherever_the_page_has_it(place: str, hour: int) -> None:
    page = UNDATED.replace("<article>", f"{place}<article>")
    assert article_of(accepted("1.html", page.encode())).published.hour == hour


def test_people_in_linked_data_are_the_authors() -> None:
    people = '{"headline": "가", "author": [{"name": "최도윤"}, "한지우"]}'
    page = MODERN.replace("</head>", f'<script type="application/ld+json">{people}</script></head>')
    found = article_of(accepted("1.html", page.encode()))
    assert found.authors == (Author("최도윤"), Author("한지우"))


@pytest.mark.parametrize("href", ["/", "https://www.news.example", "javascript:void(0)"])
def test_an_address_that_is_not_the_articles_is_left_out(href: str) -> None:
    page = MODERN.replace("https://www.news.example/news/298001", href)
    assert article_of(accepted("1.html", page.encode())).url is None


def test_a_page_without_a_date_is_refused() -> None:
    found = rejected("1.html", UNDATED.encode())
    assert found.reason == "published: is missing"


def test_a_date_that_only_the_text_extractor_knows_is_better_than_none() -> None:
    page = UNDATED.replace("<head>", '<head><meta name="dcterms.created" content="2021-04-07">')
    published = article_of(accepted("1.html", page.encode())).published
    assert published == datetime(2021, 4, 6, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize("page", [b"", b"\x00", b"<!-- -->", b"plain words", b"<div>" * 50_000])
def test_a_file_that_is_no_article_page_is_refused(page: bytes) -> None:
    assert rejected("1.html", page).line == 1


def test_a_control_character_is_removed_and_noted() -> None:
    found = accepted("1.html", MODERN.replace("함께했다", "함께\x08했다").encode())
    assert "함께했다" in (article_of(found).body_html or "")
    assert found.notes == ("page: removed U+0008",)


def test_without_the_extra_the_reason_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    assert "pip install 'feeds[pages]'" in rejected("1.html", MODERN.encode()).reason


def test_nothing_is_printed_about_a_page_without_text(capfd: pytest.CaptureFixture[str]) -> None:
    rejected("1.html", b"<html><body></body></html>")
    assert capfd.readouterr() == ("", "")
