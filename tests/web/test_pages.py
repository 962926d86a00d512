"""The pages for people, of the sample newspaper and of awkward articles."""

from pathlib import Path
from urllib.parse import quote

import lxml.html
import pytest
from flask.testing import FlaskClient

from feeds.config import Config
from feeds.store import Store
from tests.newsroom import corrupt
from tests.paper import publish, record

ODD = "a/'</script>가"
SCRIPT = "<script>alert(1)</script>"
IDS = (
    *("2026/03/02-1", "a//b", "/leading", "trailing/", "기사-하나", "50%", "a%2Fb", "%EA", "+"),
    *("x?y=1&z", "#1", "a+b", "a;b,c", "<b>", "news.html", '"', "'", "樂", "a:b@c", "\\"),
)


def tree(page: str) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(page)


def headlines(page: str) -> list[str]:
    return [heading.text_content() for heading in tree(page).iter("h3")]


def test_the_front_page_shows_the_newest_articles_and_the_most_read(
    sample_paper: FlaskClient,
) -> None:
    page = tree(sample_paper.get("/").text)
    dates = [element.get("datetime") for element in page.iter("time")]
    assert len(dates) > 20
    assert dates == sorted(dates, reverse=True)
    assert len(page.findall(".//ol/li")) == 10


def test_the_front_page_leads_to_its_feeds_and_to_every_section(sample_paper: FlaskClient) -> None:
    page = tree(sample_paper.get("/").text)
    alternates = page.xpath("//link[@rel='alternate']/@href")
    assert alternates == [
        "https://www.news.example/feeds/latest.rss",
        "https://www.news.example/feeds/most-read.rss",
    ]
    addresses = page.xpath("//header/a/@href")
    assert len(addresses) > 3
    for address in addresses:
        path = address.removeprefix("https://www.news.example")
        assert sample_paper.get(path).status_code == 200


def test_a_section_page_shows_its_articles_only(sample_paper: FlaskClient) -> None:
    paper, section = sample_paper.get("/").text, sample_paper.get("/sections/지역").text
    assert tree(section).findtext(".//title") == "지역 – 관악뉴스"
    assert 0 < len(headlines(section)) < len(headlines(paper))
    assert set(headlines(section)) <= set(headlines(paper))


def test_a_section_that_no_article_is_in_is_not_found(sample_paper: FlaskClient) -> None:
    assert sample_paper.get("/sections/없는-섹션").status_code == 404


@pytest.mark.parametrize(
    "name", ["bus-on-the-road.jpg", "stream-and-heron.jpg", "market-awnings.jpg"]
)
def test_pictures_of_the_sample_are_served(sample_paper: FlaskClient, name: str) -> None:
    with sample_paper.get(f"/sample/{name}") as response:
        assert (response.status_code, response.content_type) == (200, "image/jpeg")
        assert response.data.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("name", ["none.jpg", "../articles.jsonl", "%2e%2e/articles.jsonl", ""])
def test_nothing_but_pictures_is_served_beside_them(sample_paper: FlaskClient, name: str) -> None:
    assert sample_paper.get(f"/sample/{name}").status_code == 404


def test_every_id_has_its_page_at_the_address_that_feeds_give(
    store: Store, config: Config, client: FlaskClient, tmp_path: Path
) -> None:
    publish([record(each, title=f"기사 {each}") for each in IDS], store, config, tmp_path)
    front_page = client.get("/").text
    for each in IDS:
        path = f"/articles/{quote(each, safe='')}"
        response = client.get(path)
        assert (each, response.status_code) == (each, 200)
        assert tree(response.text).findtext(".//h1") == f"기사 {each}"
        assert f'href="https://www.news.example{path}"' in front_page


def test_an_article_page_shows_all_that_the_article_has(
    store: Store, config: Config, client: FlaskClient, tmp_path: Path
) -> None:
    authors = [{"name": "김민수"}, {"name": "이하늘"}]
    image = {"url": "https://img.example/1.jpg", "alt": "다리", "credit": "구청"}
    given = {"subtitle": "부제", "authors": authors, "image": image}
    publish([record("1", body_html="<p>첫 문단</p>", **given)], store, config, tmp_path)
    text = tree(client.get("/articles/1").text).find(".//article").text_content()
    for part in ("제목 1", "김민수 · 이하늘", "2026-03-02 09:00", "부제", "첫 문단", "구청"):
        assert part in text


def test_an_article_page_shows_a_picture_once(
    store: Store, config: Config, client: FlaskClient, tmp_path: Path
) -> None:
    image = {"url": "/i/1.jpg", "credit": "구청"}
    figure = "<figure><img src='/i/1.jpg'><figcaption>새로 놓은 <b>다리</b></figcaption></figure>"
    body = f"<p>첫 문단</p>{figure}<img src='/i/2.jpg'>"
    publish([record("1", body_html=body, image=image)], store, config, tmp_path)
    article = tree(client.get("/articles/1").text).find(".//article")
    shown = [picture.get("src") for picture in article.iter("img")]
    assert shown == ["https://www.news.example/i/1.jpg", "https://www.news.example/i/2.jpg"]
    assert article.findtext(".//figcaption/b") == "다리"
    assert article.find(".//figcaption").text_content() == "새로 놓은 다리 구청"


def test_an_article_that_is_not_there_is_not_found(client: FlaskClient) -> None:
    assert client.get("/articles/none").status_code == 404


def test_an_article_under_embargo_is_nowhere(
    store: Store, config: Config, client: FlaskClient, tmp_path: Path
) -> None:
    later = record("1", title="아직 비밀", published="2190-01-01 00:00", sections=["지역"], views=9)
    publish([later, record("2")], store, config, tmp_path)
    assert client.get("/articles/1").status_code == 404
    for path in ("/", "/articles/1", "/sections/지역", "/feeds.opml"):
        assert "비밀" not in client.get(path).text


def test_an_article_past_a_bound_has_no_page_and_the_others_are_listed(
    store: Store, config: Config, client: FlaskClient, tmp_path: Path
) -> None:
    publish([record("1", body_html="<div>" * 2047), record("2")], store, config, tmp_path)
    assert client.get("/articles/1").status_code == 404
    assert headlines(client.get("/").text) == ["제목 2"]


def test_a_withdrawn_article_is_gone(
    store: Store, config: Config, client: FlaskClient, tmp_path: Path
) -> None:
    publish([record("1", title="거둔 기사")], store, config, tmp_path)
    publish([record("1", title="거둔 기사", status="withdrawn")], store, config, tmp_path)
    response = client.get("/articles/1")
    assert response.status_code == 410
    assert "삭제된 기사입니다." in response.text
    assert "거둔 기사" not in response.text + client.get("/").text


def test_a_section_that_lost_its_last_article_keeps_its_page_and_its_name(
    store: Store, config: Config, client: FlaskClient, tmp_path: Path
) -> None:
    publish([record("1", sections=["경제/IT"])], store, config, tmp_path)
    before = client.get("/sections/경제-it").text
    publish([record("1", sections=["지역"])], store, config, tmp_path)
    page = client.get("/sections/경제-it")
    assert page.status_code == 200
    assert "아직 기사가 없습니다." in page.text
    title = "경제/IT – 관악뉴스"
    assert tree(page.text).findtext(".//title") == tree(before).findtext(".//title") == title
    document = store.documents.get("sections/경제-it.rss")
    assert document
    assert "<title>관악뉴스 – 경제/IT</title>" in document.body.decode()
    assert client.get("/sections/경제").status_code == 404


def test_markup_in_what_is_plain_text_is_shown_as_it_is_written(
    store: Store, config: Config, client: FlaskClient, tmp_path: Path
) -> None:
    image = {"url": "https://img.example/1.jpg", "alt": f'"{SCRIPT}', "credit": SCRIPT}
    texts = {"title": SCRIPT, "subtitle": SCRIPT, "summary": SCRIPT, "sections": [SCRIPT]}
    given = {**texts, "authors": [{"name": SCRIPT}], "image": image}
    publish([record("1", views=5, **given)], store, config, tmp_path)
    section = next(term.slug for term in store.documents.terms("section"))
    for path in ("/", "/articles/1", f"/sections/{quote(section)}"):
        page = client.get(path)
        assert page.status_code == 200
        scripts = [one.text for one in tree(page.text).findall(".//script")]
        assert all("navigator.sendBeacon" in (text or "") for text in scripts)
        assert len(scripts) == (path == "/articles/1")
        assert "&lt;script&gt;" in page.text


def test_nothing_in_a_stored_body_can_act(
    store: Store, config: Config, client: FlaskClient, tmp_path: Path
) -> None:
    body = (
        f"<p onclick='a()'>글</p>{SCRIPT}<img src=x onerror=a()><a href='javascript:a()'>b</a>"
        "<style>*{display:none}</style><iframe src='https://evil.example'></iframe>"
        "</article></main><script src=//evil.example></script>{{ site.title }}"
    )
    publish([record("1", body_html=body)], store, config, tmp_path)
    page = client.get("/articles/1").text
    for part in ("onclick", "onerror", "alert", "javascript:", "evil.example", "display:none"):
        assert part not in page
    assert "{{ site.title }}" in page


def test_an_article_page_says_once_that_it_is_read(
    store: Store, config: Config, client: FlaskClient, tmp_path: Path
) -> None:
    publish([record(ODD)], store, config, tmp_path)
    page = tree(client.get(f"/articles/{quote(ODD, safe='')}").text)
    (script,) = page.findall(".//script")
    (pixel,) = page.findall(".//noscript/img")
    path = f"/views/{quote(ODD, safe='')}"
    assert "navigator.sendBeacon" in (script.text or "")
    assert page.xpath("//article/@data-view") == [path]
    assert pixel.get("src") == f"{path}.gif"


def test_an_empty_paper_has_a_front_page(client: FlaskClient) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert "아직 기사가 없습니다." in response.text


@pytest.mark.parametrize(
    "path", ["/", "/sections/지역", "/articles/none", "/feeds.opml", "/healthz", "/readyz"]
)
def test_no_answer_sets_a_cookie(sample_paper: FlaskClient, path: str) -> None:
    assert "Set-Cookie" not in sample_paper.get(path).headers


def test_an_article_whose_row_cannot_be_read_is_left_out_of_pages(
    client: FlaskClient, store: Store, config: Config, tmp_path: Path
) -> None:
    publish(
        [record("1", title="바른 제목"), record("2", title="상한 제목")], store, config, tmp_path
    )
    corrupt(store, "2", authors="[{")
    page = client.get("/")
    assert page.status_code == 200
    assert "바른 제목" in page.text
    assert "상한 제목" not in page.text
    assert client.get("/articles/1").status_code == 200
    assert client.get("/articles/2").status_code == 503
