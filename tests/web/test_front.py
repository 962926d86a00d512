"""Documents out of memory, asked for over WSGI as a server does it."""

import gzip
import json
from collections.abc import Iterator
from wsgiref.validate import validator

import pytest
from werkzeug.test import Client

from feeds.config import Config
from feeds.store import Store, open_store
from feeds.web import Front, Shelf, create_app
from tests.paper import publish, record, settings

TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}


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


@pytest.mark.parametrize("extension", TYPES)
def test_a_document_is_answered_with_the_bytes_that_were_published(
    front: Client, store: Store, extension: str
) -> None:
    document = store.documents.get(f"latest.{extension}")
    response = front.get(f"/feeds/latest.{extension}")
    assert document
    assert (response.status_code, response.data) == (200, document.body)
    assert response.mimetype == TYPES[extension]
    assert response.headers["ETag"] == document.etag
    assert response.last_modified
    assert response.last_modified.timestamp() == document.last_modified
    assert int(response.headers["Content-Length"]) == len(document.body)


def test_what_our_json_feeds_have_more_than_json_feed_is_explained_where_they_say(
    front: Client,
) -> None:
    feed = json.loads(front.get("/feeds/latest.json").data)
    answer = front.get(feed["_feeds"]["about"])
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert "rank" in answer.text


@pytest.mark.parametrize("path", ["지역.rss", "지역/most-read.atom", "%EC%A7%80%EC%97%AD.json"])
def test_a_path_in_hangul_finds_its_document(front: Client, path: str) -> None:
    assert front.get(f"/feeds/sections/{path}").status_code == 200


def test_a_client_that_takes_gzip_gets_the_same_document_smaller(front: Client) -> None:
    plain = front.get("/feeds/latest.rss")
    small = front.get("/feeds/latest.rss", headers={"Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    for response in (plain, small):
        assert "accept-encoding" in response.headers["Vary"].lower()


@pytest.mark.parametrize(
    ("header", "validator_of"), [("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")]
)
def test_a_client_that_has_the_document_is_told_so(
    front: Client, header: str, validator_of: str
) -> None:
    first = front.get("/feeds/latest.rss")
    again = front.get("/feeds/latest.rss", headers={header: first.headers[validator_of]})
    assert (again.status_code, again.data) == (304, b"")
    for name in ("ETag", "Last-Modified", "Cache-Control", "Vary"):
        assert again.headers[name] == first.headers[name]


def test_head_is_get_without_the_body(front: Client) -> None:
    got, head = front.get("/feeds/latest.rss"), front.head("/feeds/latest.rss")
    assert (head.status_code, head.data) == (200, b"")
    assert list(head.headers) == list(got.headers)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_document_can_only_be_read(front: Client, method: str) -> None:
    response = front.open("/feeds/latest.rss", method=method)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) >= {"GET", "HEAD"}


@pytest.mark.parametrize("path", ["/feeds/latest.rss", "/feeds/none.rss"])
def test_a_browser_may_ask_conditionally_from_another_site(front: Client, path: str) -> None:
    headers = {"Origin": "https://reader.example", "Access-Control-Request-Method": "GET"}
    response = front.options(path, headers=headers)
    assert (response.status_code, response.data) == (204, b"")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    allowed = response.headers["Access-Control-Allow-Headers"]
    assert allowed == "If-None-Match, If-Modified-Since, A-IM"
    assert response.headers["Access-Control-Max-Age"] == "86400"


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/",
        "/feeds/none.rss",
        "/feeds/latest",
        "/feeds/latest.xml",
        "/feeds/latest.rss/x",
        "/feeds/none.opml",
        "/feeds/%FF.rss",
        "/feeds/%00.rss",
    ],
)
def test_what_is_no_document_is_not_found(front: Client, path: str) -> None:
    assert front.get(path).status_code == 404


def test_the_conversation_keeps_to_the_rules_of_wsgi(
    shelf: Shelf, store: Store, config: Config
) -> None:
    strict = Client(validator(Front(shelf, create_app(store, config))))
    etag = strict.get("/feeds/latest.rss", buffered=True).headers["ETag"]
    for method in ("GET", "HEAD", "POST", "OPTIONS"):
        for path in ("/feeds/latest.rss", "/feeds/none.rss", "/", "/healthz"):
            given = {"If-None-Match": etag}
            response = strict.open(path, method=method, headers=given, buffered=True)
            assert response.status_code < 500


def test_no_document_sets_a_cookie(front: Client) -> None:
    assert "Set-Cookie" not in front.get("/feeds/latest.rss").headers
