"""The pages for people, of the sample newspaper and of awkward articles, and the lists of feeds."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote, unquote

import lxml.html
import pytest
from flask.testing import FlaskClient
from lxml import etree
from werkzeug.test import Client

from feeds.store import Store
from feeds.web import create_app
from tests.newsroom import corrupt
from tests.paper import record, settings
from tests.web.conftest import Paper

SCRIPT = "<script>alert(1)</script>"
IDS = (
    *("2026/03/02-1", "a//b", "/leading", "trailing/", "기사-하나", "50%", "a%2Fb", "%EA", "+"),
    *("x?y=1&z", "#1", "a+b", "a;b,c", "<b>", "news.html", '"', "'", "樂", "a:b@c", "\\"),
)

LISTED = {
    "/feeds.opml": (
        "latest most-read most-read/3h most-read/24h most-read/7d most-read/30d rising"
        " sections/가정 sections/가정/most-read sections/지역 sections/지역/most-read"
    ),
    "/feeds/authors.opml": "authors/김민수",
    "/feeds/tags.opml": "tags/a-b tags/관악산",
}


def page_of(paper: Paper, path: str) -> lxml.html.HtmlElement:
    response = paper.get(path)
    assert response.status_code == 200
    return tree(response.text)


def tree(page: str) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(page)


def headlines(page: lxml.html.HtmlElement) -> Sequence[str]:
    main = page.xpath("//main//article[contains(@class, 'story')]//*[contains(@class, 'p-name')]")
    return [heading.text_content() for heading in main]


def test_the_front_page_shows_the_newest_articles_and_the_most_read(
    sample_paper: Client,
) -> None:
    page = tree(sample_paper.get("/").text)
    dates = page.xpath("(//main//section)[1]//article[contains(@class, 'story')]//time/@datetime")
    newest = sample_paper.get("/feeds/latest.json").get_json()["items"][:7]
    assert sorted(dates, reverse=True) == [item["date_published"] for item in newest]
    assert dates[1:] == sorted(dates[1:], reverse=True)  # after the lead
    assert len(page.xpath("//aside/section[1]/ol/li")) == 10


def test_a_section_page_shows_its_articles_only(sample_paper: FlaskClient) -> None:
    front, section = (tree(sample_paper.get(path).text) for path in ("/", "/sections/지역"))
    assert section.findtext(".//title") == "지역 – 관악뉴스"
    assert 0 < len(headlines(section)) < len(headlines(front))
    feed = sample_paper.get("/feeds/sections/지역.json").get_json()
    assert headlines(section) == [item["title"] for item in feed["items"]][:20]
    for none in ("/sections/없는-섹션", "/articles/none"):
        assert sample_paper.get(none).status_code == 404


@pytest.mark.parametrize("name", ["none.jpg", "../articles.jsonl", "%2e%2e/articles.jsonl", ""])
def test_nothing_but_pictures_is_served_beside_them(sample_paper: Client, name: str) -> None:
    assert sample_paper.get(f"/sample/{name}").status_code == 404


def test_every_id_has_its_page_at_the_address_that_feeds_give(paper: Paper) -> None:
    paper.publish(*(record(each, title=f"기사 {each}", sections=["가정"]) for each in IDS))
    links = page_of(paper, "/sections/가정").xpath("//article//h2/a/@href")
    assert len(links) == len(IDS)
    for each in IDS:
        path = f"/articles/{quote(each, safe='')}"
        assert page_of(paper, path).findtext(".//h1") == f"기사 {each}"
        assert f"https://www.news.example{path}" in links


def test_an_article_page_shows_all_that_the_article_has(paper: Paper) -> None:
    authors = [{"name": "김민수"}, {"name": "이하늘"}]
    image = {"url": "https://img.example/1.jpg", "alt": "다리", "credit": "구청"}
    files = [{"url": "/1.mp3", "type": "audio/mpeg", "title": "듣기"}]
    given = {"subtitle": "부제", "authors": authors, "image": image, "attachments": files}
    paper.publish(record("1", body_html="<p>첫 문단</p>", **given))
    article = page_of(paper, "/articles/1").find(".//article")
    shown = ("제목 1", "김민수", "이하늘", "2026-03-02 09:00", "부제", "첫 문단", "구청", "듣기")
    for part in shown:
        assert part in article.text_content()
    assert article.xpath(".//a[@type='audio/mpeg']/@href") == ["https://www.news.example/1.mp3"]


def test_an_article_page_shows_a_picture_once(paper: Paper) -> None:
    image = {"url": "/i/1.jpg", "credit": "구청"}
    figure = "<figure><img src='/i/1.jpg'><figcaption>새로 놓은 <b>다리</b></figcaption></figure>"
    body = f"<p>첫 문단</p>{figure}<img src='/i/2.jpg'>"
    paper.publish(record("1", body_html=body, image=image))
    article = page_of(paper, "/articles/1").find(".//article")
    shown = [one.get("src") for one in article.iter("img") if not one.get("src").endswith(".gif")]
    assert shown == ["https://www.news.example/i/1.jpg", "https://www.news.example/i/2.jpg"]
    assert article.findtext(".//figcaption/b") == "다리"
    assert article.find(".//figcaption").text_content() == "새로 놓은 다리 구청"


def test_an_article_past_a_bound_has_no_page_and_the_others_are_listed(paper: Paper) -> None:
    paper.publish(record("1", body_html="<div>" * 2047), record("2"))
    response = paper.get("/articles/1")
    assert (response.status_code, response.mimetype) == (404, "text/html")
    assert headlines(page_of(paper, "/")) == ["제목 2"]


def test_an_article_that_comes_withdrawn_is_gone_where_there_was_no_page(paper: Paper) -> None:
    paper.publish(record("2"))
    assert paper.get("/articles/1").status_code == 404
    paper.publish(record("1", status="withdrawn"))
    assert paper.get("/articles/1").status_code == 410


def test_an_article_whose_row_cannot_be_read_is_left_out_of_pages(paper: Paper) -> None:
    paper.publish(record("1"), record("2"))
    corrupt(paper.store, "2", authors="[{")
    assert headlines(page_of(paper, "/")) == ["제목 1"]
    assert [paper.get(f"/articles/{each}").status_code for each in "12"] == [200, 503]


def test_a_section_that_lost_its_last_article_keeps_its_page_and_its_name(paper: Paper) -> None:
    paper.publish(record("1", sections=["경제/IT"]))
    paper.publish(record("1", sections=["지역"]))
    page = page_of(paper, "/sections/경제-it")
    assert "아직 기사가 없습니다." in page.text_content()
    assert page.findtext(".//title") == "경제/IT – 관악뉴스"
    document = paper.store.documents.get("sections/경제-it.rss")
    assert document
    assert "<title>관악뉴스 – 경제/IT</title>" in document.body.decode()
    assert paper.get("/sections/경제").status_code == 404


def test_markup_in_what_is_plain_text_is_shown_as_it_is_written(paper: Paper) -> None:
    image = {"url": "https://img.example/1.jpg", "alt": f'"{SCRIPT}', "credit": SCRIPT}
    texts = {"title": SCRIPT, "subtitle": SCRIPT, "summary": SCRIPT, "sections": [SCRIPT]}
    paper.publish(record("1", views=5, **texts, authors=[{"name": SCRIPT}], image=image))
    section = next(term.slug for term in paper.store.documents.terms("section"))
    for path in ("/", "/articles/1", f"/sections/{quote(section)}"):
        page = page_of(paper, path)
        scripts = page.xpath("//script[not(@src) and not(@type='application/ld+json')]")
        assert scripts == []
        assert SCRIPT in page.text_content()


def test_nothing_in_a_stored_body_can_act(paper: Paper) -> None:
    body = (
        f"<p onclick='a()'>글</p>{SCRIPT}<img src=x onerror=a()><a href='javascript:a()'>b</a>"
        "<style>*{display:none}</style><iframe src='https://evil.example'></iframe>"
        "</article></main><script src=//evil.example></script>{{ site.title }}"
    )
    paper.publish(record("1", body_html=body))
    page = paper.get("/articles/1").text
    for part in ("onclick", "onerror", "alert", "javascript:", "evil.example", "display:none"):
        assert part not in page
    assert "{{ site.title }}" in page


@pytest.mark.parametrize(
    ("hub", "language", "sentence"),
    [
        ("built-in", "en", "Feed readers that support WebSub are told of changes at once; others"),
        ("https://hub.example/", "en", "Feed readers that support WebSub are told of changes at"),
        ("built-in", "ko", "피드 리더에는 바뀐 내용을 바로 알리고, 다른 리더는 때때로 확인합니다."),
        ("built-in", "ja", "リーダーには更新がすぐに届き、その他のリーダーは時々確認します。"),
        ("none", "en", "Feed readers look for changes from time to time."),
        ("none", "ko", "피드 리더가 때때로 바뀐 내용을 확인합니다."),
        ("none", "ja", "フィードリーダーは時々更新を確認します。"),
    ],
)
def test_the_page_about_a_feed_says_whether_changes_are_pushed(
    store: Store, tmp_path: Path, hub: str, language: str, sentence: str
) -> None:
    config = settings(tmp_path, websub={"hub": hub}, site={"language": language})
    page = create_app(store, config).test_client().get("/feeds/latest")
    assert sentence in page.text


def outlines(opml: bytes) -> list[etree._Element]:
    return list(etree.fromstring(opml).iterfind(".//outline[@xmlUrl]"))


def test_the_lists_name_every_feed_in_order(paper: Paper) -> None:
    given = {"sections": ["지역", "가정"], "tags": ["관악산", "A&B"]}
    paper.publish(record("1", views=5, authors=[{"name": "김민수"}], **given))
    in_lists = []
    for path, listed in LISTED.items():
        response = paper.get(path)
        assert response.content_type == "text/x-opml; charset=utf-8"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert all(each.get("text") for each in outlines(response.data))
        addresses = [unquote(each.get("xmlUrl", "")) for each in outlines(response.data)]
        expected = [f"https://www.news.example/feeds/{feed}.rss" for feed in listed.split()]
        assert addresses == expected
        in_lists += [f"{feed}.rss" for feed in listed.split()]
    published = {one.path for one in paper.store.documents.statuses() if one.path.endswith(".rss")}
    assert set(in_lists) == published


def test_an_empty_paper_has_a_front_page_and_lists_of_no_feeds(paper: Paper) -> None:
    assert "아직 기사가 없습니다." in page_of(paper, "/").text_content()
    assert [outlines(paper.get(path).data) for path in LISTED] == [[]] * len(LISTED)
