"""Which response a GET of a document gets: conditions, codings, deltas, and their headers."""

import gzip
from pathlib import Path
from typing import Any

import brotli
import feedparser
import pytest
from backports import zstd
from werkzeug.test import TestResponse

from feeds.catalog import document_url
from feeds.config import Config
from feeds.formats import FORMATS
from feeds.model import Document
from feeds.store import Store
from feeds.verify import inspect
from feeds.verify.compare import READERS
from feeds.web.documents import choose_coding, responses_to
from tests.paper import record, settings
from tests.web.conftest import Paper

DECODERS = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress}
HUB = "https://hub.example/"
NEWSBOAT = "newsboat/2.21.0 (Linux x86_64)"
TAG = "6b409d69f4257c0cc1a8108f"
MODIFIED = 1_700_000_000  # Tue, 14 Nov 2023 22:13:20 GMT


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return settings(tmp_path, websub={"hub": HUB})


def document(pace: int | None = None) -> Document:
    bodies = {"identity": b"text", "gzip": b"t"}
    return Document("a.rss", "text/xml", f'W/"{TAG}"', MODIFIED, pace, bodies, {})


def status(config: Config, **headers: str) -> str:
    environ = {f"HTTP_{name}": value for name, value in headers.items()}
    return responses_to(document(), config).choose(environ).status


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(f'W/"{TAG}"', id="as it was sent"),
        pytest.param(f'"{TAG}"', id="strong"),
        pytest.param(f'w/"{TAG}"', id="lower case weakness"),
        pytest.param(TAG, id="unquoted"),
        pytest.param("*", id="any"),
        pytest.param(f'"other", W/"{TAG}"', id="last of a list"),
        pytest.param(f'W/"{TAG}","other"', id="first of a list"),
        pytest.param(f'"{TAG}-gzip"', id="mod_deflate"),
        pytest.param(f'W/"{TAG}-br"', id="a proxy that compresses with brotli"),
        pytest.param(f'"{TAG}--gzip"', id="Jetty"),
        pytest.param(f'"{TAG};gzip"', id="with a semicolon"),
    ],
)
def test_a_client_that_names_the_tag_has_the_document(config: Config, header: str) -> None:
    assert status(config, IF_NONE_MATCH=header) == "304 Not Modified"


@pytest.mark.parametrize(
    "header",
    ["", '"other"', f'"{TAG}x"', f'"x{TAG}"', f'"{TAG}-gzip-x"', 'W/"', ",,,", "\x00"],
)
def test_a_client_that_names_another_tag_has_not_whatever_its_date(
    config: Config, header: str
) -> None:
    later = "Wed, 01 Jan 2098 00:00:00 GMT"
    assert status(config, IF_NONE_MATCH=header, IF_MODIFIED_SINCE=later) == "200 OK"


@pytest.mark.parametrize(
    ("header", "is_current"),
    [
        pytest.param("Tue, 14 Nov 2023 22:13:20 GMT", True, id="IMF-fixdate"),
        pytest.param("Tuesday, 14-Nov-23 22:13:20 GMT", True, id="RFC 850"),
        pytest.param("Tue Nov 14 22:13:20 2023", True, id="asctime"),
        pytest.param("Tue, 14 Nov 2023 22:13:21 GMT", True, id="a second later"),
        pytest.param("Tue, 14 Nov 2023 22:13:20 GMT; length=181000", True, id="with a length"),
        pytest.param("Tue, 14 Nov 2023 22:13:19 GMT", False, id="a second earlier"),
        *((word, False) for word in ("yesterday", "", "\x00")),
        pytest.param("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", False, id="huge"),
    ],
)
def test_a_client_with_a_date_at_or_after_the_last_change_has_the_document(
    config: Config, header: str, *, is_current: bool
) -> None:
    expected = "304 Not Modified" if is_current else "200 OK"
    assert status(config, IF_MODIFIED_SINCE=header) == expected


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", "identity"),
        ("gzip", "gzip"),
        ("x-unknown", "identity"),
        ("*", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, *", "zstd"),
        ("gzip;q=0", "identity"),
        ("identity;q=0", "identity"),
        ("identity;q=1, gzip;q=0.5", "identity"),
        ("gzip;q=banana", "identity"),
        (",;=,", "identity"),
        pytest.param(f"{'x' * 60_000}, gzip", "identity", id="too long to be read to its end"),
    ],
)
def test_the_coding_that_the_client_likes_best_is_chosen(header: str, coding: str) -> None:
    assert choose_coding(header, ("br", "zstd", "gzip")) == coding


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
    headers = dict(responses_to(document(pace), config).choose({}).headers)
    expected = f"public, max-age={age}, stale-while-revalidate={age}, stale-if-error=86400"
    assert headers["Cache-Control"] == expected


def get(paper: Paper, path: str = "latest.rss", **headers: str) -> TestResponse:
    return paper.get(f"/feeds/{path}", **{"User_Agent": NEWSBOAT} | headers)


@pytest.fixture
def paper(paper: Paper) -> Paper:
    paper.publish(*map(record, "123"))
    return paper


@pytest.mark.parametrize("extension", FORMATS)
def test_each_coding_carries_the_same_document(paper: Paper, extension: str) -> None:
    path = f"latest.{extension}"
    whole = get(paper, path)
    assert "Content-Encoding" not in whole.headers
    for coding, decode in DECODERS.items():
        coded = get(paper, path, Accept_Encoding=coding)
        assert coded.headers["Content-Encoding"] == coding
        assert decode(coded.data) == whole.data
        assert int(coded.headers["Content-Length"]) == len(coded.data)
        for name in ("ETag", "Vary"):
            assert coded.headers[name] == whole.headers[name]


@pytest.mark.parametrize("extension", FORMATS)
def test_links_name_the_document_its_hub_and_its_other_formats_and_any_script_may_read_them(
    paper: Paper, extension: str
) -> None:
    headers = get(paper, f"latest.{extension}").headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Access-Control-Expose-Headers"] == "ETag, Last-Modified, Link"
    links = headers["Link"].split(", ")
    assert links[0] == f'<{document_url(f"latest.{extension}", paper.config)}>; rel="self"'
    assert links[1] == f'<{HUB}>; rel="hub"'
    about = document_url("latest", paper.config)
    assert links[2] == f'<{about}>; rel="alternate"; type="text/html"'
    alternates = [link.partition(">")[0].rpartition(".")[2] for link in links[3:]]
    assert alternates == [other for other in FORMATS if other != extension]
    assert all('rel="alternate"' in link for link in links[2:])


@pytest.mark.parametrize(
    ("header", "validator"), [("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")]
)
def test_a_304_repeats_the_headers_that_clients_overwrite_theirs_with(
    paper: Paper, header: str, validator: str
) -> None:
    full = get(paper)
    short = get(paper, **{header: full.headers[validator]})
    assert (short.status_code, short.data) == (304, b"")
    for name in ("ETag", "Last-Modified", "Cache-Control", "Vary", "Link"):
        assert short.headers[name] == full.headers[name]
    assert not {"Content-Type", "Content-Length", "Content-Encoding"} & set(short.headers.keys())


def titles(response: Any) -> list[str]:
    headers = {name.lower(): value for name, value in response.headers.items()}
    parsed = feedparser.parse(response.data, response_headers=headers)
    assert not parsed.bozo
    return [entry.title for entry in parsed.entries]


@pytest.mark.parametrize("extension", ["rss", "atom"])
def test_a_known_version_gets_what_is_new_or_changed_since(paper: Paper, extension: str) -> None:
    path = f"latest.{extension}"
    etag = get(paper, path).headers["ETag"]
    paper.publish(record("4", published="2026-03-02 10:00"))
    paper.publish(record("2", title="고친 제목"))
    response = get(paper, path, If_None_Match=etag, A_IM="feed")
    assert response.status == "226 IM Used"
    assert sorted(titles(response)) == ["고친 제목", "제목 4"]
    assert inspect(response.data, response.headers["Content-Type"]) == ()


def test_a_delta_says_how_it_was_made_and_stays_out_of_shared_caches(paper: Paper) -> None:
    etag = get(paper).headers["ETag"]
    paper.publish(record("4"))
    full = get(paper)
    delta = get(paper, If_None_Match=etag, A_IM="feed", Accept_Encoding="gzip")
    assert delta.headers["IM"] == "feed"
    assert delta.headers["Vary"] == "Accept-Encoding, A-IM, If-None-Match, User-Agent"
    assert full.headers["Vary"] == "Accept-Encoding"
    assert delta.headers["Cache-Control"].startswith("private, max-age=")
    assert full.headers["Cache-Control"].startswith("public, max-age=")
    assert delta.headers["Content-Encoding"] == "gzip"
    assert len(gzip.decompress(delta.data)) < len(full.data)
    for name in ("ETag", "Last-Modified", "Link", "Content-Type"):
        assert delta.headers[name] == full.headers[name]
    again = get(paper, If_None_Match=delta.headers["ETag"], A_IM="feed")
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 226),
        ({"User_Agent": "Liferea/1.14.4 (Linux; https://lzone.de/liferea/) AppleWebKit"}, 226),
        ({"User_Agent": "python-reader/3.26 (+https://github.com/lemon24/reader)"}, 226),
        ({"User_Agent": "feedparser/6.0.12 +https://github.com/kurtmckee/feedparser/"}, 200),
        ({"User_Agent": "Mozilla/5.0 (compatible; newsboat/2.21)"}, 200),
        ({"User_Agent": ""}, 200),
        ({"A_IM": "vcdiff, gzip"}, 200),
        ({"If_None_Match": '"unknown"'}, 200),
    ],
)
def test_a_client_gets_a_delta_only_if_it_asks_is_known_to_take_it_and_has_a_version(
    paper: Paper, headers: dict[str, str], status: int
) -> None:
    etag = get(paper).headers["ETag"]
    paper.publish(record("4"))
    response = get(paper, **{"If_None_Match": etag, "A_IM": "feed"} | headers)
    assert response.status_code == status
    assert len(titles(response)) == (1 if status == 226 else 4)
    assert ("IM" in response.headers) == (status == 226)


def test_the_nearest_of_several_named_versions_is_taken(paper: Paper) -> None:
    first = get(paper).headers["ETag"]
    paper.publish(record("4", published="2026-03-02 10:00"))
    second = get(paper).headers["ETag"]
    paper.publish(record("5", published="2026-03-02 11:00"))
    strong = second.removeprefix("W/").replace('"', "", 1)[:-1]
    response = get(paper, If_None_Match=f'"x", {first}, "{strong}-gzip"', A_IM="vcdiff, Feed")
    assert titles(response) == ["제목 5"]


@pytest.mark.parametrize(("deltas", "expected"), [(2, [200, 200, 226, 226]), (0, [200] * 4)])
def test_only_so_many_versions_are_remembered(
    store: Store, tmp_path: Path, deltas: int, expected: list[int]
) -> None:
    paper = Paper(store, settings(tmp_path, serve={"deltas": deltas}), tmp_path)
    paper.publish(record("1"), record("2"))
    tags = []
    for number in range(4, 8):
        tags.append(get(paper).headers["ETag"])
        paper.publish(record(str(number)))
    statuses = [get(paper, If_None_Match=etag, A_IM="feed").status_code for etag in tags]
    assert statuses == expected


def test_a_ranked_feed_is_always_whole(paper: Paper) -> None:
    paper.publish(*(record(each, views=7) for each in "123"))
    etag = get(paper, "most-read.rss").headers["ETag"]
    paper.publish(record("3", views=99))
    response = get(paper, "most-read.rss", If_None_Match=etag, A_IM="feed")
    assert (response.status_code, len(titles(response))) == (200, 3)


@pytest.mark.parametrize("extension", ["atom", "json"])
def test_a_delta_tells_of_a_withdrawal(paper: Paper, extension: str) -> None:
    path = f"latest.{extension}"
    etag = get(paper, path).headers["ETag"]
    paper.publish(record("3", status="withdrawn"))
    response = get(paper, path, If_None_Match=etag, A_IM="feed")
    reading = READERS[extension](response.data)
    ((ref, _),) = reading.channel["tombstones"]
    assert (response.status_code, ref) == (226, "tag:www.news.example,2026-03-02:3")
    assert reading.entries == ()
