"""Every feed has one address; other ways to write it lead there, and moved feeds are found."""

import unicodedata
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from werkzeug.test import Client

from feeds.config import Config
from feeds.storage import Store
from tests.paper import publish, record, settings

NFD = unicodedata.normalize("NFD", "sections/지역.rss")
MOVED = {
    "sections/구정": "sections/지역",
    "sections/옛": "sections/구정",
    "tags/옛날": "gone",
    "tags/ai": "tags/인공지능",
}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return settings(tmp_path, moved=MOVED)


@pytest.fixture
def store(store: Store, config: Config, tmp_path: Path) -> Store:
    one = record("1", sections=["지역"], tags=["AI·로봇", "인공지능", "옛날", "AI"])
    publish([one], store, config, tmp_path)
    return store


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param(
            unicodedata.normalize("NFD", "sections/지역.rss"), "sections/지역.rss", id="NFD"
        ),
        ("latest.RSS", "latest.rss"),
        ("Latest.Atom", "latest.atom"),
        ("latest.rss/", "latest.rss"),
        ("sections//지역.rss", "sections/지역.rss"),
        ("sections/지역/most-read.rss/", "sections/지역/most-read.rss"),
        ("tags/AI·로봇.json", "tags/ai-로봇.json"),
        ("most-read/24H.rss", "most-read/24h.rss"),
        pytest.param("sections/구정.rss", "sections/지역.rss", id="renamed"),
        pytest.param("sections/구정/most-read.atom", "sections/지역/most-read.atom", id="below"),
        pytest.param("sections/옛.rss", "sections/지역.rss", id="renamed twice"),
        pytest.param("tags/AI.rss", "tags/인공지능.rss", id="renamed and in capitals"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_there_is_one_address_and_others_lead_to_it_for_ever(
    front: Client, written: str, meant: str, method: str
) -> None:
    response = front.open(f"/feeds/{written}", method=method)
    assert response.status_code == 301
    location = urlsplit(response.headers["Location"])
    assert location.path.isascii()
    assert unquote(location.path) == f"/feeds/{meant}"
    assert front.get(location.path).status_code == 200


@pytest.mark.parametrize("path", ["tags/옛날.rss", "tags/옛날.json", "tags/옛날/archive/1.atom"])
def test_what_was_given_up_is_gone(front: Client, path: str) -> None:
    response = front.get(f"/feeds/{path}")
    assert response.status_code == 410
    assert response.mimetype == "text/plain"


def test_a_feed_that_the_configuration_drops_is_gone(
    front: Client, store: Store, config: Config, tmp_path: Path
) -> None:
    fewer = settings(tmp_path, moved=MOVED, most_read={"windows": ["24h", "7d"]})
    assert front.get("/feeds/most-read/3h.rss").status_code == 200
    publish([], store, fewer, tmp_path)
    front.application._shelf.refresh()
    assert front.get("/feeds/most-read/3h.rss").status_code == 410
    assert front.get("/feeds/most-read/7d.rss").status_code == 200


@pytest.mark.parametrize("path", ["none.rss", "tags/없음.rss", "latest", "latest.xml", "NONE.RSS"])
def test_what_never_was_is_not_found_shortly_and_for_a_short_time(front: Client, path: str) -> None:
    response = front.get(f"/feeds/{path}")
    assert (response.status_code, response.mimetype) == (404, "text/plain")
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert len(response.data) < 100


def test_pages_of_sections_move_with_their_feeds(front: Client) -> None:
    response = front.get("/sections/옛")
    assert response.status_code == 301
    assert unquote(urlsplit(response.headers["Location"]).path) == "/sections/지역"
    assert front.get("/sections/지역").status_code == 200
