"""RFC 3229 with `feed`: who comes with a known version gets what is new since."""

import gzip
from pathlib import Path
from typing import Any

import feedparser
import pytest
from werkzeug.test import Client

from feeds.config import Config
from feeds.store import Store
from feeds.verify import inspect
from tests.paper import publish, record, settings
from tests.web.conftest import front_of

NEWSBOAT = "newsboat/2.21.0 (Linux x86_64)"


class Paper:
    """A paper to which articles are added, and what its readers get."""

    def __init__(self, store: Store, folder: Path, **parts: Any) -> None:
        self._folder, self._store = folder, store
        self._config = settings(folder, **parts)
        self.publish(*"123")
        self._front = front_of(store, self._config)

    def publish(self, *ids: str, **fields: Any) -> None:
        publish([record(one, **fields) for one in ids], self._store, self._config, self._folder)

    def get(self, path: str = "latest.rss", **headers: str) -> Any:
        sent = {"User_Agent": NEWSBOAT} | headers
        named = {name.replace("_", "-"): value for name, value in sent.items()}
        self._front._shelf.refresh()
        return Client(self._front).get(f"/feeds/{path}", headers=named)


@pytest.fixture
def paper(store: Store, tmp_path: Path) -> Paper:
    return Paper(store, tmp_path)


def titles(response: Any) -> list[str]:
    headers = {name.lower(): value for name, value in response.headers.items()}
    parsed = feedparser.parse(response.data, response_headers=headers)
    assert not parsed.bozo
    return [entry.title for entry in parsed.entries]


@pytest.mark.parametrize("extension", ["rss", "atom"])
def test_a_known_version_gets_what_is_new_or_changed_since(paper: Paper, extension: str) -> None:
    path = f"latest.{extension}"
    etag = paper.get(path).headers["ETag"]
    paper.publish("4", published="2026-03-02 10:00")
    paper.publish("2", title="고친 제목")
    response = paper.get(path, If_None_Match=etag, A_IM="feed")
    assert response.status == "226 IM Used"
    assert sorted(titles(response)) == ["고친 제목", "제목 4"]
    assert inspect(response.data, response.headers["Content-Type"]) == ()


def test_a_delta_says_how_it_was_made_and_stays_out_of_shared_caches(paper: Paper) -> None:
    etag = paper.get().headers["ETag"]
    paper.publish("4")
    full = paper.get()
    delta = paper.get(If_None_Match=etag, A_IM="feed", Accept_Encoding="gzip")
    assert delta.headers["IM"] == "feed"
    assert delta.headers["Vary"] == "Accept-Encoding, A-IM, If-None-Match, User-Agent"
    assert delta.headers["Cache-Control"].startswith("private, max-age=")
    assert delta.headers["Content-Encoding"] == "gzip"
    assert len(gzip.decompress(delta.data)) < len(full.data)
    for name in ("ETag", "Last-Modified", "Link", "Content-Type"):
        assert delta.headers[name] == full.headers[name]
    again = paper.get(If_None_Match=delta.headers["ETag"], A_IM="feed")
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("user_agent", "status"),
    [
        (NEWSBOAT, 226),
        ("Liferea/1.14.4 (Linux; https://lzone.de/liferea/) AppleWebKit (KHTML, like Gecko)", 226),
        ("python-reader/3.26 (+https://github.com/lemon24/reader)", 226),
        ("feedparser/6.0.12 +https://github.com/kurtmckee/feedparser/", 200),
        ("rss2email/3.14 (https://github.com/rss2email/rss2email)", 200),
        ("Mozilla/5.0 (compatible; newsboat/2.21)", 200),
        ("newsboater/1", 200),
        ("", 200),
    ],
)
def test_only_a_client_known_to_take_it_gets_a_delta(
    paper: Paper, user_agent: str, status: int
) -> None:
    etag = paper.get().headers["ETag"]
    paper.publish("4")
    response = paper.get(If_None_Match=etag, A_IM="feed", User_Agent=user_agent)
    assert response.status_code == status
    assert len(titles(response)) == (1 if status == 226 else 4)


def test_the_whole_document_is_for_every_client_and_cache(paper: Paper) -> None:
    etag = paper.get().headers["ETag"]
    paper.publish("4")
    whole = paper.get(If_None_Match=etag, A_IM="feed", User_Agent="feedparser/6.0.12")
    assert whole.headers["Vary"] == "Accept-Encoding"
    assert whole.headers["Cache-Control"].startswith("public, ")


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no A-IM"),
        pytest.param({"A_IM": "vcdiff, gzip"}, id="other manipulations"),
        pytest.param({"A_IM": "feed", "If_None_Match": '"unknown"'}, id="a version nobody knows"),
    ],
)
def test_anyone_else_gets_the_full_document(paper: Paper, headers: dict[str, str]) -> None:
    etag = paper.get().headers["ETag"]
    paper.publish("4")
    response = paper.get(**{"If_None_Match": etag} | headers)
    assert response.status_code == 200
    assert "IM" not in response.headers
    assert len(titles(response)) == 4


def test_the_nearest_of_several_named_versions_is_taken(paper: Paper) -> None:
    first = paper.get().headers["ETag"]
    paper.publish("4", published="2026-03-02 10:00")
    second = paper.get().headers["ETag"]
    paper.publish("5", published="2026-03-02 11:00")
    strong = second.removeprefix("W/").replace('"', "", 1)[:-1]
    response = paper.get(If_None_Match=f'"x", {first}, "{strong}-gzip"', A_IM="vcdiff, Feed")
    assert titles(response) == ["제목 5"]


def test_only_the_latest_versions_are_remembered(store: Store, tmp_path: Path) -> None:
    paper = Paper(store, tmp_path, serve={"deltas": 2})
    tags = []
    for number in range(4, 8):
        tags.append(paper.get().headers["ETag"])
        paper.publish(str(number))
    statuses = [paper.get(If_None_Match=etag, A_IM="feed").status_code for etag in tags]
    assert statuses == [200, 200, 226, 226]


def test_deltas_can_be_turned_off(store: Store, tmp_path: Path) -> None:
    paper = Paper(store, tmp_path, serve={"deltas": 0})
    etag = paper.get().headers["ETag"]
    paper.publish("4")
    assert paper.get(If_None_Match=etag, A_IM="feed").status_code == 200


def test_a_ranked_feed_is_always_whole(paper: Paper) -> None:
    paper.publish("1", "2", "3", views=7)
    etag = paper.get("most-read.rss").headers["ETag"]
    paper.publish("3", views=99)
    response = paper.get("most-read.rss", If_None_Match=etag, A_IM="feed")
    assert (response.status_code, len(titles(response))) == (200, 3)


def test_a_withdrawal_leaves_nothing_of_the_article_in_any_delta(
    paper: Paper, config: Config
) -> None:
    etag = paper.get().headers["ETag"]
    paper.publish("4", title="거둬들일 소식")
    paper.publish("4", title="거둬들일 소식", status="withdrawn")
    response = paper.get(If_None_Match=etag, A_IM="feed")
    assert response.status_code in (200, 304)
    assert "거둬들일".encode() not in response.data
