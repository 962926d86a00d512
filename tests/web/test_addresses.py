"""Every feed has one address; other ways to write it lead there, and moved feeds are found."""

import unicodedata
from pathlib import Path
from urllib.parse import unquote, urlsplit

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from feeds.config import Config
from feeds.store import Store
from feeds.web.addresses import Addresses
from tests.paper import publish, record, settings
from tests.web.conftest import front_of


def nfd(path: str) -> str:
    return unicodedata.normalize("NFD", path)


MOVED = {
    "sections/구정": "sections/지역",
    "sections/옛": "sections/구정",
    "tags/옛날": "gone",
    "tags/ai": "tags/인공지능",
}
ALIASES = {
    "/rss/allArticle.xml": "latest.rss",
    "/rss/S1N1.xml": "sections/옛.rss",
    "/rss/gone.xml": "tags/옛날.rss",
    "/rss/<int:n>/{x}/종합.xml": "latest.atom",
    "/sections/old": "sections/구정.rss",
}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return settings(tmp_path, moved=MOVED, aliases=ALIASES)


@pytest.fixture
def store(store: Store, config: Config, tmp_path: Path) -> Store:
    one = record("1", sections=["지역", "Metro"], tags=["AI·로봇", "인공지능", "옛날", "AI"])
    odd = [record(article_id) for article_id in ("가", "a//b", "b/")]
    publish([one, *odd], store, config, tmp_path)
    return store


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param(nfd("sections/지역.rss"), "sections/지역.rss", id="NFD"),
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


@pytest.mark.parametrize(
    "path", ["none.rss", "tags/없음.rss", "latest", "latest.xml", "latest.XML", "latest.rss/x"]
)
def test_what_never_was_is_not_found_shortly_and_for_a_short_time(front: Client, path: str) -> None:
    response = front.get(f"/feeds/{path}")
    assert (response.status_code, response.mimetype) == (404, "text/plain")
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert len(response.data) < 100


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param(nfd("/sections/지역"), "/sections/지역", id="NFD"),
        ("/sections/METRO", "/sections/metro"),
        ("/sections/metro/", "/sections/metro"),
        ("//sections//metro", "/sections/metro"),
        ("/Sections/metro", "/sections/metro"),
        pytest.param("/sections/구정", "/sections/지역", id="renamed"),
        pytest.param(nfd("/Sections/옛/"), "/sections/지역", id="renamed twice, and more"),
        ("/articles/1/", "/articles/1"),
        ("//articles/1", "/articles/1"),
        pytest.param(nfd("/articles/가/"), "/articles/가", id="article NFD"),
        ("/feeds.OPML", "/feeds.opml"),
        ("/feeds.opml/", "/feeds.opml"),
        ("/feeds/Authors.OPML", "/feeds/authors.opml"),
        ("//", "/"),
        ("//feeds/latest.rss", "/feeds/latest.rss"),
        ("/Feeds/Latest.rss", "/feeds/latest.rss"),
        ("/rss/allArticle.xml", "/feeds/latest.rss"),
        ("/rss/allarticle.XML/", "/feeds/latest.rss"),
        ("//rss//allArticle.xml", "/feeds/latest.rss"),
        pytest.param("/rss/S1N1.xml", "/feeds/sections/지역.rss", id="alias of a renamed one"),
        pytest.param(nfd("/rss/<int:n>/{x}/종합.xml"), "/feeds/latest.atom", id="literal"),
        pytest.param("/sections/OLD", "/feeds/sections/지역.rss", id="alias before a page"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_one_step_leads_to_the_one_address(
    front: Client, written: str, meant: str, method: str
) -> None:
    response = front.open(method=method, environ_overrides={"PATH_INFO": as_wsgi(written)})
    assert response.status_code == 301
    location = response.headers["Location"]
    assert location.isascii()
    assert unquote(location) == f"https://www.news.example{meant}"
    assert response.headers["Cache-Control"] == "public, max-age=86400"
    assert front.get(urlsplit(location).path).status_code == 200


def as_wsgi(path: str) -> str:
    return path.encode().decode("latin-1")


@pytest.mark.parametrize("path", ["/articles/a//b", "/articles/b/", "/", "/sections/metro"])
def test_what_has_its_one_address_is_answered_there(front: Client, path: str) -> None:
    assert front.get(path).status_code == 200


def test_old_addresses_that_differ_only_in_case_stay_apart() -> None:
    known = Addresses({"/rss/A.xml": "latest.rss", "/rss/a.xml": "rising.rss"}, {})
    assert known.meant("/rss/A.xml") == "/feeds/latest.rss"
    assert known.meant("/rss/a.xml") == "/feeds/rising.rss"


def test_a_section_that_was_moved_in_a_circle_is_not_found(store: Store, tmp_path: Path) -> None:
    circle = {"sections/지역": "sections/metro", "sections/metro": "sections/지역"}
    front = Client(front_of(store, settings(tmp_path, moved=circle)))
    statuses = [front.get(f"/{path}").status_code for path in circle]
    assert sorted(statuses) == [301, 404]


@pytest.mark.parametrize("path", ["/rss/gone.xml", "/RSS/gone.xml/"])
def test_an_old_address_of_what_was_given_up_is_gone(front: Client, path: str) -> None:
    assert front.get(path).status_code == 410


@pytest.mark.parametrize(
    "path", ["/articles/1", "/sections/지역/", "/articles/1/", "/rss/allArticle.xml", "//", "/"]
)
def test_a_folder_in_the_papers_address_stands_in_every_redirect_and_link(
    store: Store, tmp_path: Path, path: str
) -> None:
    url = "https://www.news.example/rss-service"
    config = settings(tmp_path, url=url, aliases=ALIASES)
    publish([record("1", sections=["지역"])], store, config, tmp_path)
    response = Client(front_of(store, config)).get(path)
    if response.status_code == 301:
        assert response.headers["Location"].startswith(f"{url}/")
    else:
        page = lxml.html.document_fromstring(response.text)
        assert page.xpath("//@href")
        assert all(address.startswith(f"{url}/") for address in page.xpath("//@href"))
        assert all(one.startswith("/rss-service/views/") for one in page.xpath("//noscript//@src"))


@pytest.mark.parametrize(
    "path",
    ["/articles/%00", "/sections/%00", "/feeds/latest.rss%00", "/feeds/%00.rss", "/sample/%00"],
)
@pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
def test_an_address_with_a_nul_is_not_found_in_any_store(front: Client, path: str) -> None:
    assert front.get(path).status_code == 404


_FOLDERS = st.sampled_from(["/feeds/", "//Feeds/", "/sections/", "/feeds/sections/", "/rss/", "/"])


@given(_FOLDERS, st.text(max_size=30), st.sampled_from(["", ".rss", ".JSON/", "/"]))
def test_what_an_address_means_means_itself(folder: str, name: str, ending: str) -> None:
    known = Addresses(ALIASES, MOVED)
    meant = known.meant(f"{folder}{name}{ending}")
    assert known.meant(meant) == meant


def test_an_address_that_is_far_too_long_is_not_looked_into() -> None:
    path = "/feeds/" + "\u0301\u0316" * 30_000 + ".RSS"
    assert Addresses(ALIASES, MOVED).meant(path) == path
