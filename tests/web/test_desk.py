"""The desk over HTTP: who gets in, what it shows, and what it does to articles."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import Client, TestResponse

from feeds.config import Config
from feeds.store import Receiver, Store
from feeds.web import create_app
from feeds.web.wsgi import Front
from feeds.worker import rank
from tests.newsroom import database
from tests.paper import publish, record, settings
from tests.web.conftest import away

DAY = 86_400
HERE = {"Sec-Fetch-Site": "same-origin"}
HOSTILE = """<script>alert(1)</script> "x" 'y' {{ 7*7 }} & 관악"""
PAGES = ("", "/feeds", "/search?q=제목", "/article?id=1", "/withdraw?id=1", "/login", "/style.css")


@dataclass
class Desk:
    """A browser at the desk of a paper."""

    client: FlaskClient
    store: Store

    def get(self, path: str = "") -> TestResponse:
        return self.client.get(f"/staff{path}")

    def post(self, path: str, **form: str) -> TestResponse:
        return self.client.post(f"/staff{path}", data=form, headers=HERE)

    def sign_in(self, token: str = "secret", name: str = "김편집") -> TestResponse:
        return self.post("/login", token=token, name=name)

    def sign_in_from(self, address: str, token: str) -> int:
        """Sign in through a proxy that adds the address of the browser; give the status."""
        form, headers = {"name": "a", "token": token}, {"X-Forwarded-For": address} | HERE
        return self.client.post("/staff/login", data=form, headers=headers).status_code

    def is_in(self) -> bool:
        return self.get().status_code == 200

    def do(self, action: str, article_id: str, **form: str) -> str:
        """Do something to an article, and give the page that follows."""
        response = self.post(f"/{action}?id={quote(article_id, safe='')}", **form)
        assert response.status_code == 303, response.text
        return self.client.get(response.location).text


@pytest.fixture
def visitor(store: Store, config: Config, tmp_path: Path) -> Desk:
    publish(map(record, "12"), store, config, tmp_path)
    return Desk(create_app(store, config, "secret").test_client(), store)


@pytest.fixture
def desk(visitor: Desk) -> Desk:
    assert visitor.sign_in().status_code == 303
    return visitor


@pytest.mark.parametrize("token", [None, ""])
def test_without_a_token_the_desk_says_how_to_set_one(
    store: Store, config: Config, token: str | None
) -> None:
    client = create_app(store, config, token).test_client()
    for path in (*PAGES[:-1], "/none"):
        for response in (client.get(f"/staff{path}"), client.post(f"/staff{path}", headers=HERE)):
            assert response.status_code in {403, 405}
            assert "FEEDS_API_TOKEN" in response.text or response.status_code == 405


def test_the_bearer_of_the_token_gets_in_and_out_again(visitor: Desk) -> None:
    assert visitor.get().location == "/staff/login"
    refused = visitor.sign_in("wrong")
    assert refused.status_code == 403
    assert "FEEDS_API_TOKEN" in refused.text
    assert not visitor.is_in()
    assert visitor.sign_in().location == "/staff"
    assert "김편집" in visitor.get().text
    assert visitor.get("/login").location == "/staff"
    assert visitor.post("/logout").location == "/staff/login"
    assert not visitor.is_in()


def test_an_editor_gives_a_name(visitor: Desk) -> None:
    assert visitor.sign_in(name=" ").status_code == 403
    assert not visitor.is_in()


@pytest.mark.parametrize(
    ("url", "path", "secure"),
    [
        ("https://news.example", "/staff", True),
        ("http://news.example/paper", "/paper/staff", False),
    ],
)
def test_the_cookie_is_kept_from_scripts_other_sites_and_other_pages(
    store: Store, tmp_path: Path, url: str, path: str, *, secure: bool
) -> None:
    app = create_app(store, settings(tmp_path, site={"url": url}), "secret")
    response = Desk(app.test_client(), store).sign_in()
    assert response.location == path
    name, *attributes = response.headers["Set-Cookie"].split("; ")
    assert name.startswith("feeds-desk=")
    expected = {"HttpOnly", f"Path={path}", "SameSite=Strict"} | ({"Secure"} if secure else set())
    assert {each for each in attributes if not each.startswith("Expires")} == expected


def test_a_session_ends_after_twelve_hours_however_much_it_is_used(visitor: Desk) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    with time_machine.travel(now, tick=False) as clock:
        visitor.sign_in()
        for _ in range(11):
            clock.shift(timedelta(hours=1))
            assert visitor.is_in()
        clock.shift(timedelta(hours=1))
        assert not visitor.is_in()


def test_a_new_token_ends_all_sessions(desk: Desk, config: Config) -> None:
    cookie = desk.client.get_cookie("feeds-desk", path="/staff", domain="localhost")
    assert cookie is not None
    for token, status in (("secret", 200), ("another", 303)):
        client = create_app(desk.store, config, token).test_client()
        client.set_cookie("feeds-desk", cookie.value, path="/staff")
        assert client.get("/staff").status_code == status


def test_wrong_tokens_bar_a_network_for_a_quarter_of_an_hour(visitor: Desk) -> None:
    status = visitor.sign_in_from
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=UTC), tick=False) as clock:
        assert [status(f"192.0.2.{n}", "wrong") for n in range(5)] == [403] * 5
        # What the client writes itself comes first, and is not believed.
        assert status("198.51.100.1, 192.0.2.9", "secret") == 429
        barred = visitor.client.post(
            "/staff/login", headers={"X-Forwarded-For": "192.0.2.1"} | HERE
        )
        assert barred.headers["Retry-After"] == "900"
        assert "18:16" in barred.text
        assert status("198.51.100.1", "secret") == 303
        clock.shift(900)
        assert status("192.0.2.1", "secret") == 303


def test_wrong_tokens_from_everywhere_bar_all_networks(visitor: Desk) -> None:
    status = visitor.sign_in_from
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=UTC), tick=False):
        assert status("192.0.2.1", "secret") == 303
        assert {status(f"10.0.{n}.1", "wrong") for n in range(100)} == {403}
        assert status("10.0.100.1", "wrong") == 429
        assert status("198.51.100.1", "secret") == 429
        # Where staff has signed in before, only wrong tokens from there count.
        assert status("192.0.2.1", "secret") == 303
        assert [status("192.0.2.1", "wrong") for _ in range(6)] == [*[403] * 5, 429]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "https://www.news.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "https://www.news.example.evil.example"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "https://www.news.example"}, 303),
        ({"Origin": "http://localhost"}, 303),
    ],
)
def test_only_a_page_of_our_own_can_act(desk: Desk, headers: dict[str, str], status: int) -> None:
    response = desk.client.post("/staff/withdraw?id=1", headers=headers)
    assert response.status_code == status
    article = desk.store.articles.get("1")
    assert article
    assert article.status == ("withdrawn" if status == 303 else "live")


@pytest.mark.parametrize("is_in", [False, True])
def test_nothing_of_the_desk_may_be_stored_framed_or_found(visitor: Desk, *, is_in: bool) -> None:
    if is_in:
        visitor.sign_in()
    for path in (*PAGES, "/none", "/article?id=none", "/", "/logout"):
        headers = visitor.get(path).headers
        assert headers["Cache-Control"] == "private, no-store"
        assert "ETag" not in headers
        assert "noindex" in headers["X-Robots-Tag"]
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_a_link_on_another_site_leads_to_a_page_that_brings_the_cookie(visitor: Desk) -> None:
    response = visitor.client.get("/staff/feeds", headers={"Sec-Fetch-Site": "cross-site"})
    assert (response.status_code, response.headers["Refresh"]) == (200, "0")


def test_the_overview_tells_what_waits_is_held_back_and_is_read(
    desk: Desk, config: Config, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    soon = (now + timedelta(hours=1)).isoformat()
    grown = record("grown", title="자란 기사", body_html="<div>" * 1200)
    publish([grown, record("soon", title="곧", published=soon)], desk.store, config, tmp_path)
    desk.store.readers.give({(int(now.timestamp()) // 3600, "1"): 1234})
    rank(desk.store, config)
    page = desk.get().text
    assert page.count(">자란 기사</a>") == 1
    assert "닫지 않은 요소가 1000겹을 넘습니다." in page
    assert re.search(r">곧</a>\s*<p class=\"quiet\"><time datetime=", page)
    assert "1,234</span>" in page
    for text in ("LATEST", "/feeds/latest", quote("관악뉴스")):  # the paper is in all titles
        assert desk.get(f"/feeds?q={text}").text.count('<th scope="row"><a') == 1


def test_the_overview_tells_who_is_told_of_changes(desk: Desk) -> None:
    assert "피드를 구독한 프로그램이 없습니다." in desk.get().text
    asked = Receiver("subscribe", "https://reader.example/?key=private", "latest.rss", lease=DAY)
    desk.store.receivers.request(asked)
    (asked,) = desk.store.receivers.all()
    desk.store.receivers.subscribe(asked, int(datetime.now(UTC).timestamp()))
    hook = Receiver("hook", "https://app.example/")
    desk.store.receivers.configure([hook])
    desk.store.receivers.save([replace(hook, attempts=1, failing=1, reason="it answers <503>")])
    text = desk.get().text
    assert "reader.example" in text
    assert "private" not in text
    assert "기사 웹훅: app.example" in text
    assert "it answers &lt;503&gt;" in text


def test_the_overview_names_fifty_articles_that_are_held_back(desk: Desk) -> None:
    with database(desk.store) as connection:
        for n in range(51):
            row = sa.text(f"INSERT INTO quarantine VALUES ('latest.rss', 'f{n}', 'no', 1)")
            connection.execute(row)
    page = desk.get().text
    assert page.count("/staff/article?id=f") == 50
    assert "51개 가운데 50개만" in page


def test_the_overview_is_there_while_the_store_is_away(desk: Desk, tmp_path: Path) -> None:
    with away(tmp_path):
        response = desk.get()
        assert response.status_code == 200
        assert "newsroom.db" in response.text
        assert desk.get("/search?q=1").status_code == 503


def test_an_article_is_withdrawn_and_restored(desk: Desk) -> None:
    def status() -> str:
        article = desk.store.articles.get("1")
        assert article
        return article.status

    assert "제목 1" in desk.get("/withdraw?id=1").text
    assert status() == "live"
    assert "“제목 1”" in desk.do("withdraw", "1")
    assert status() == "withdrawn"
    page = desk.do("restore", "1")
    assert status() == "live"
    assert "“제목 1”" in page
    assert "“제목 1”" not in desk.get("/article?id=1").text


def test_a_headline_is_corrected_as_news_to_readers(desk: Desk) -> None:
    before = desk.store.articles.get("1")
    assert "새 제목 &amp;" in desk.do("correct", "1", title=" 새  제목 & ")
    after = desk.store.articles.get("1")
    assert before
    assert after
    assert (after.title, after.guid) == ("새 제목 &", before.guid)
    assert after.updated > before.updated
    refused = desk.post("/correct?id=1", title=" ")
    assert refused.status_code == 422
    assert "title: " in refused.text
    assert desk.store.articles.get("1") == after


def test_an_article_is_kept_out_of_rankings_by_the_name_of_the_editor(desk: Desk) -> None:
    desk.do("block", "1", reason="광고" * 1000)
    assert len(desk.store.rankings.blocks()[0].reason) == 200
    desk.do("block", "1", reason="광고")
    (block,) = desk.store.rankings.blocks()
    assert (block.article_id, block.editor, block.reason) == ("1", "김편집", "광고")
    assert "김편집: 광고" in desk.get().text
    desk.do("unblock", "1")
    assert desk.store.rankings.blocks() == []


def test_an_id_may_hold_any_character(desk: Desk, config: Config, tmp_path: Path) -> None:
    ids = ["a/withdraw", "x?y=1&z", "50%", "<b>", "기사-하나", "a+b"]
    publish(map(record, ids), desk.store, config, tmp_path)
    for article_id in ids:
        found = desk.get(f"/search?q={quote(article_id, safe='')}").text
        (href,) = re.findall(r'href="(/staff/article\?id=[^"]+)"', found)
        assert desk.client.get(href).status_code == 200
        desk.do("withdraw", article_id)
        article = desk.store.articles.get(article_id)
        assert article
        assert article.status == "withdrawn"


def test_a_hostile_headline_is_shown_as_it_is(desk: Desk, config: Config, tmp_path: Path) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    publish([record("x", title=HOSTILE, published=soon)], desk.store, config, tmp_path)
    desk.store.rankings.block("x", HOSTILE, HOSTILE, datetime.now(UTC))
    asked = [
        desk.get(path).text for path in ("", "/article?id=x", "/correct?id=x", "/search?q=관악")
    ]
    pages = [
        *asked,
        desk.do("correct", "x", title=f"{HOSTILE}!"),
        desk.get(f"/search?q={quote(HOSTILE)}").text,
    ]
    for page in pages:
        assert "<script" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "7*7" in page


@pytest.mark.parametrize("path", ["/article?id=none", "/withdraw?id=", "/none"])
def test_what_is_not_there_is_404(desk: Desk, path: str) -> None:
    response = desk.get(path)
    assert response.status_code == 404
    assert 'type="search" value=""' in response.text


def test_a_web_process_keeps_no_page_of_the_desk(
    desk: Desk, config: Config, tmp_path: Path
) -> None:
    front = Client(Front(desk.store, config, desk.client.application.wsgi_app))
    cookie = desk.client.get_cookie("feeds-desk", path="/staff", domain="localhost")
    assert cookie is not None
    assert front.get("/staff").status_code == 303
    front.set_cookie("feeds-desk", cookie.value, path="/staff")
    assert "김편집" in front.get("/staff").text
    with away(tmp_path):
        response = front.get("/staff/search?q=1")
        assert response.status_code == 503
        assert "newsroom.db" in response.text
        assert len(response.headers.getlist("Content-Security-Policy")) == 1
    front.delete_cookie("feeds-desk", path="/staff")
    assert front.get("/staff").status_code == 303
