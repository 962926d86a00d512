"""What pages and lists carry besides their text: validators, ages, codings and policies."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from feeds.config import Config
from feeds.store import Store
from tests.paper import publish, record
from tests.web.test_headers import DECODERS

PAGES = ("/", "/sections/지역", "/articles/1", "/feeds.opml")
every_page = pytest.mark.parametrize("path", PAGES)


@pytest.fixture(autouse=True)
def _published(store: Store, config: Config, tmp_path: Path) -> None:
    articles = [record("1", sections=["지역"]), record("2", status="withdrawn")]
    publish(articles, store, config, tmp_path)


@every_page
@pytest.mark.parametrize("coding", DECODERS)
def test_a_page_comes_in_the_coding_that_a_browser_takes(
    client: FlaskClient, path: str, coding: str
) -> None:
    plain = client.get(path)
    coded = client.get(path, headers={"Accept-Encoding": coding})
    assert coded.headers["Content-Encoding"] == coding
    assert DECODERS[coding](coded.data) == plain.data
    assert int(coded.headers["Content-Length"]) == len(coded.data) < len(plain.data)
    assert plain.headers["Vary"] == coded.headers["Vary"] == "Accept-Encoding"


@every_page
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_has_a_page_is_told_so(client: FlaskClient, path: str, method: str) -> None:
    headers = {"Accept-Encoding": "gzip"}
    first = client.open(path, method=method, headers=headers)
    again = client.get(path, headers={**headers, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert "Content-Encoding" not in again.headers
    for name in ("ETag", "Cache-Control", "Vary"):
        assert again.headers[name] == first.headers[name]


def test_a_page_that_changed_has_another_validator(
    client: FlaskClient, store: Store, config: Config, tmp_path: Path
) -> None:
    etag = client.get("/").headers["ETag"]
    publish([record("3", title="새 소식")], store, config, tmp_path)
    response = client.get("/", headers={"If-None-Match": etag})
    assert response.status_code == 200
    assert "새 소식" in response.text


@pytest.mark.parametrize(
    ("path", "status", "age"),
    [
        ("/", 200, "public, max-age=60"),
        ("/sections/지역", 200, "public, max-age=60"),
        ("/articles/1", 200, "public, max-age=60"),
        ("/articles/2", 410, "public, max-age=60"),
        ("/articles/none", 404, "public, max-age=60"),
        ("/articles/1/", 301, "public, max-age=86400"),
        ("/feeds.opml", 200, "public, max-age=300"),
        ("/feeds/tags.opml", 200, "public, max-age=300"),
        ("/sample/robot-arm.jpg", 200, "public, max-age=86400"),
        ("/readyz", 200, "no-store"),
        ("/api/views", 403, "private, no-store"),
        ("/api/none", 404, "private, no-store"),
    ],
)
def test_each_answer_says_how_long_it_may_be_kept(
    client: FlaskClient, path: str, status: int, age: str
) -> None:
    with client.open(path, method="POST" if path == "/api/views" else "GET") as response:
        assert (response.status_code, response.headers["Cache-Control"]) == (status, age)
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/articles/1", "/articles/2", "/articles/none"])
def test_a_page_may_run_and_ask_for_nothing_but_its_own(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(each.split(" ", 1) for each in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    for own in ("script-src", "style-src"):
        assert policy[own].startswith("'sha256-")
        assert "unsafe" not in policy[own]
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_a_picture_is_sent_once_to_a_browser_that_asks_again(client: FlaskClient) -> None:
    path, headers = "/sample/robot-arm.jpg", {"Accept-Encoding": "gzip"}
    with client.get(path, headers=headers) as first:
        assert "Content-Encoding" not in first.headers
    headers = {"If-Modified-Since": first.headers["Last-Modified"]}
    with client.get(path, headers=headers) as again:
        assert again.status_code == 304
