"""The headers that pages and lists share, the icon, and whether the service is ready."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import Client

from feeds.config import Config
from feeds.store import Store
from feeds.web import create_app
from feeds.web.wsgi import Front
from tests.newsroom import database
from tests.paper import publish, record, settings
from tests.web.conftest import away
from tests.web.test_documents import DECODERS

PAGE = "public, max-age=60, stale-if-error=86400"
every_page = pytest.mark.parametrize("path", ["/", "/sections/지역", "/articles/1"])


@pytest.fixture
def browser(process: Front) -> Client:
    """What asks a web process for pages."""
    return Client(process)


@pytest.fixture(autouse=True)
def _published(store: Store, config: Config, tmp_path: Path) -> None:
    articles = [record("1", sections=["지역"]), record("2", status="withdrawn")]
    publish(articles, store, config, tmp_path)


@every_page
def test_a_page_comes_in_the_coding_that_a_browser_takes(browser: Client, path: str) -> None:
    whole = browser.get(path)
    for coding, decode in DECODERS.items():
        coded = browser.get(path, headers={"Accept-Encoding": coding})
        assert coded.headers["Content-Encoding"] == coding
        assert decode(coded.data) == whole.data
        assert int(coded.headers["Content-Length"]) == len(coded.data) < len(whole.data)
        assert whole.headers["Vary"] == coded.headers["Vary"] == "Accept-Encoding"


@every_page
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_page_that_a_client_has_is_not_sent_again(
    browser: Client, path: str, method: str
) -> None:
    headers = {"Accept-Encoding": "gzip"}
    first = browser.open(path, method=method, headers=headers)
    for known in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        again = browser.get(path, headers={**headers, **known})
        assert (again.status_code, again.data) == (304, b"")
        assert "Content-Encoding" not in again.headers
        for name in ("ETag", "Last-Modified", "Cache-Control", "Vary", "Content-Security-Policy"):
            assert again.headers[name] == first.headers[name]


@pytest.mark.parametrize(
    ("asked", "status", "age"),
    [
        ("GET /", 200, PAGE),
        ("GET /sections/지역", 200, PAGE),
        ("GET /articles/1", 200, PAGE),
        ("GET /articles/2", 410, "public, max-age=60"),
        ("GET /articles/none", 404, "public, max-age=60"),
        ("GET /articles/1/", 301, "public, max-age=86400"),
        ("GET /feeds.opml", 200, "public, max-age=60"),
        ("GET /sitemap.xml", 200, "public, max-age=60"),
        ("GET /sample/robot-arm.jpg", 200, "public, max-age=86400"),
        ("GET /readyz", 200, "no-store"),
        ("POST /api/views", 403, "private, no-store"),
        ("GET /api/none", 404, "private, no-store"),
    ],
)
def test_each_response_says_how_long_it_may_be_kept_and_what_a_page_may_do(
    client: FlaskClient, asked: str, status: int, age: str
) -> None:
    method, path = asked.split()
    with client.open(path, method=method) as response:
        assert (response.status_code, response.headers["Cache-Control"]) == (status, age)
        if response.mimetype == "text/html":
            policy = response.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; ")
            assert "unsafe" not in policy
            assert response.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_a_picture_is_not_compressed(client: FlaskClient) -> None:
    with client.get("/sample/robot-arm.jpg", headers={"Accept-Encoding": "gzip"}) as response:
        assert "Content-Encoding" not in response.headers
        assert response.content_type == "image/jpeg"
        assert response.data.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize(
    ("icon", "url"),
    [
        ("/icon.png", "https://www.news.example/icon.png"),
        ("https://cdn.example/icon.png", "https://cdn.example/icon.png"),
        ("/favicon.ico", None),  # the paper's own web server has it, not this service
        (None, None),
    ],
)
def test_browsers_find_the_papers_icon(
    store: Store, tmp_path: Path, icon: str | None, url: str | None
) -> None:
    client = create_app(store, settings(tmp_path, site={"icon": icon})).test_client()
    response = client.get("/favicon.ico")
    assert response.headers.get("Location") == url
    assert response.status_code == (302 if url else 404)
    assert response.headers["Cache-Control"] == "public, max-age=86400"
    page = client.get("/").text
    assert page.count('rel="icon"') == bool(icon)
    assert page.count(f'<link rel="icon" href="{url}">') == bool(url)


def test_a_service_whose_worker_is_not_heard_of_is_not_ready_and_says_since_when(
    browser: Client,
) -> None:
    assert browser.get("/readyz").json == {"ready": True, "reason": None}
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=40), tick=False):
        response = browser.get("/readyz")
    assert response.status_code == 503
    said = response.get_json()
    assert not said["ready"]
    assert said["reason"].startswith("Nothing has been published since ")
    assert datetime.fromisoformat(said["heard"]).utcoffset() == timedelta(hours=9)
    assert "feeds worker" in said["advice"]


def test_an_article_that_is_held_back_is_no_reason_not_to_be_ready(
    client: FlaskClient, store: Store
) -> None:
    with database(store) as connection:
        connection.execute(sa.text("INSERT INTO quarantine VALUES ('latest.rss', '1', 'no', 1)"))
    assert client.get("/readyz").status_code == 200


def test_readers_of_a_page_get_a_page_while_the_store_is_away(
    browser: Client, tmp_path: Path
) -> None:
    with away(tmp_path):
        for path in ("/", "/sections/지역", "/articles/1"):
            response = browser.get(path)
            assert (response.status_code, response.mimetype) == (503, "text/html")
            assert "지금은 신문을 볼 수 없습니다." in response.text
            assert response.headers["Content-Security-Policy"]
        for path, mimetype in (
            ("/feeds/latest.rss", "text/plain"),
            ("/feeds.opml", "text/plain"),
            ("/readyz", "application/json"),
        ):
            response = browser.get(path)
            assert (response.status_code, response.mimetype) == (503, mimetype)
            assert int(response.headers["Retry-After"]) > 0
            assert response.headers["Cache-Control"] == "no-store"
            assert "newsroom.db" not in response.text
