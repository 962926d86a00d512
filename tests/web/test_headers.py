"""The headers that clients and caches go by, and the codings that a document comes in."""

import gzip
from pathlib import Path

import brotli
import pytest
from backports import zstd
from werkzeug.test import Client

from feeds.catalog import document_url
from feeds.config import Config
from feeds.formats import FORMATS
from feeds.model import Document
from feeds.store import Store
from feeds.web import answer_of
from tests.paper import publish, record, settings

DECODERS = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress}
HUB = "https://hub.example/"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return settings(tmp_path, websub={"hub": HUB})


@pytest.fixture
def store(store: Store, config: Config, tmp_path: Path) -> Store:
    publish([record("1", sections=["지역"])], store, config, tmp_path)
    return store


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("coding", DECODERS)
def test_each_coding_carries_the_same_document(front: Client, extension: str, coding: str) -> None:
    path = f"/feeds/latest.{extension}"
    plain = front.get(path)
    coded = front.get(path, headers={"Accept-Encoding": coding})
    assert coded.headers["Content-Encoding"] == coding
    assert DECODERS[coding](coded.data) == plain.data
    assert int(coded.headers["Content-Length"]) == len(coded.data)
    assert coded.headers["ETag"] == plain.headers["ETag"]


@pytest.mark.parametrize("accepted", ["", "identity", "x-unknown", "gzip;q=0", "identity;q=0"])
def test_a_client_that_takes_no_coding_of_ours_gets_the_document_as_it_is(
    front: Client, accepted: str
) -> None:
    response = front.get("/feeds/latest.rss", headers={"Accept-Encoding": accepted})
    assert response.status_code == 200
    assert "Content-Encoding" not in response.headers
    assert response.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("extension", FORMATS)
def test_links_name_the_document_itself_once_its_hub_and_its_other_formats(
    front: Client, config: Config, extension: str
) -> None:
    links = front.get(f"/feeds/latest.{extension}").headers["Link"].split(", ")
    assert links[0] == f'<{document_url(f"latest.{extension}", config)}>; rel="self"'
    assert links[1] == f'<{HUB}>; rel="hub"'
    assert sum('rel="self"' in link for link in links) == 1
    others = [link for link in links if 'rel="alternate"' in link]
    assert len(others) == len(FORMATS) - 1
    assert not any(f".{extension}>" in link for link in others)


@pytest.mark.parametrize("path", ["latest.rss", "sections/지역.atom", "none.rss", "LATEST.rss"])
def test_no_answer_can_be_taken_for_something_else_or_sets_a_cookie(
    front: Client, path: str
) -> None:
    response = front.get(f"/feeds/{path}")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response.headers
    assert "charset=utf-8" in response.headers["Content-Type"]


def test_scripts_of_other_sites_may_read_a_feed_and_its_validators(front: Client) -> None:
    headers = front.get("/feeds/latest.json").headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Access-Control-Expose-Headers"] == "ETag, Last-Modified, Link"


@pytest.mark.parametrize(
    ("pace", "age"),
    [
        pytest.param(None, 300, id="no second version yet"),
        pytest.param(60, 300, id="changes every minute: the least"),
        pytest.param(4000, 1000, id="a quarter of the time between two changes"),
        pytest.param(86_400, 1800, id="changes every day: the most"),
    ],
)
def test_how_long_a_document_may_be_kept_comes_from_how_often_it_changes(
    config: Config, pace: int | None, age: int
) -> None:
    document = Document("a.rss", "text/xml", 'W/"a"', 1, pace, 0, 1, {"identity": b"."}, {})
    headers = dict(answer_of(document, config).choose({}).headers)
    wanted = f"public, max-age={age}, stale-while-revalidate={age}, stale-if-error=86400"
    assert headers["Cache-Control"] == wanted


def test_if_none_match_wins_over_if_modified_since(front: Client) -> None:
    modified = front.get("/feeds/latest.rss").headers["Last-Modified"]
    given = {"If-None-Match": '"other"', "If-Modified-Since": modified}
    assert front.get("/feeds/latest.rss", headers=given).status_code == 200


def test_a_304_repeats_what_a_client_overwrites_its_memory_with(front: Client) -> None:
    full = front.get("/feeds/latest.rss")
    short = front.get("/feeds/latest.rss", headers={"If-None-Match": full.headers["ETag"]})
    for name in ("ETag", "Last-Modified", "Cache-Control", "Vary", "Link"):
        assert short.headers[name] == full.headers[name]
    assert not {"Content-Type", "Content-Length", "Content-Encoding"} & set(short.headers.keys())
