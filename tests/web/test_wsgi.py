"""What a web process serves: documents, and all else passed on; over WSGI as a server does it."""

import json
from collections.abc import Iterator
from wsgiref.validate import validator

import pytest
from werkzeug.test import Client

from feeds.config import Config
from feeds.formats import FORMATS
from feeds.store import Store, open_store
from feeds.web.wsgi import Front
from tests.paper import publish, record, settings


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return settings(tmp_path_factory.mktemp("front"))


@pytest.fixture(scope="module")
def store(config: Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A paper of one article; no test changes it."""
    with open_store(config.store) as opened:
        article = record("1", sections=["지역"])
        publish([article], opened, config, tmp_path_factory.mktemp("articles"))
        yield opened


@pytest.mark.parametrize("extension", FORMATS)
def test_a_document_is_served_as_it_was_published(
    front: Client, store: Store, extension: str
) -> None:
    document = store.documents.get(f"latest.{extension}")
    response = front.get(f"/feeds/latest.{extension}")
    assert document
    assert (response.status_code, response.data) == (200, document.body)
    assert response.content_type == FORMATS[extension].media_type
    assert response.headers["ETag"] == document.etag
    assert response.last_modified
    assert response.last_modified.timestamp() == document.last_modified
    assert int(response.headers["Content-Length"]) == len(document.body)
    head = front.head(f"/feeds/latest.{extension}")
    assert (head.status_code, head.data) == (200, b"")
    assert list(head.headers) == list(response.headers)


def test_a_json_feed_leads_to_the_text_that_explains_its_extension(front: Client) -> None:
    feed = json.loads(front.get("/feeds/latest.json").data)
    response = front.get(feed["_feeds"]["about"])
    assert (response.status_code, response.mimetype) == (200, "text/plain")
    assert "rank" in response.text


@pytest.mark.parametrize("path", ["지역.rss", "지역/most-read.atom", "%EC%A7%80%EC%97%AD.json"])
def test_a_path_in_hangul_finds_its_document(front: Client, path: str) -> None:
    assert front.get(f"/feeds/sections/{path}").status_code == 200


def test_a_document_can_only_be_read(front: Client) -> None:
    response = front.post("/feeds/latest.rss")
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("path", ["/feeds/latest.rss", "/feeds/none.rss"])
def test_a_browser_may_ask_conditionally_from_another_site(front: Client, path: str) -> None:
    headers = {"Origin": "https://reader.example", "Access-Control-Request-Method": "GET"}
    response = front.options(path, headers=headers)
    assert (response.status_code, response.data) == (204, b"")
    for name, value in (
        ("Allow-Origin", "*"),
        ("Allow-Methods", "GET, HEAD"),
        ("Allow-Headers", "If-None-Match, If-Modified-Since, A-IM"),
        ("Max-Age", "86400"),
    ):
        assert response.headers[f"Access-Control-{name}"] == value


@pytest.mark.parametrize(
    "path", ["none", "none.rss", "tags/없음", "tags/없음.rss", "none.opml", "%FF.rss"]
)
def test_what_is_no_document_is_not_found_for_a_minute(front: Client, path: str) -> None:
    response = front.get(f"/feeds/{path}")
    assert response.status_code == 404
    assert response.headers["Cache-Control"] == "public, max-age=60"


def test_the_conversation_keeps_to_the_rules_of_wsgi(process: Front) -> None:
    strict = Client(validator(process))
    etag = strict.get("/feeds/latest.rss", buffered=True).headers["ETag"]
    for method in ("GET", "HEAD", "POST", "OPTIONS"):
        for path in ("/feeds/latest.rss", "/feeds/none.rss", "/", "/healthz", "/views/1.gif"):
            given = {"If-None-Match": etag}
            response = strict.open(path, method=method, headers=given, buffered=True)
            assert response.status_code < 500


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/sections/지역", "/articles/1", "/articles/none", "/feeds.opml", "/healthz"),
        *("/readyz", "/feeds/latest.rss", "/feeds/none.rss", "/feeds/LATEST.rss", "/views/1.gif"),
    ],
)
def test_no_response_sets_a_cookie_or_can_be_taken_for_something_else(
    front: Client, path: str
) -> None:
    headers = front.get(path).headers
    assert "Set-Cookie" not in headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    is_text = headers["Content-Type"] not in ("image/gif", "application/json")
    assert ("charset=utf-8" in headers["Content-Type"]) == is_text
