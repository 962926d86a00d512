"""Every feed and page has one address; other ways to write it lead there in one step."""

import unicodedata
from pathlib import Path
from urllib.parse import unquote, urlsplit

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from feeds.config import Config
from feeds.model import Term
from feeds.store import Store
from feeds.web.canonical import Canonical
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
        pytest.param(nfd("/feeds/sections/지역.rss"), "/feeds/sections/지역.rss", id="feed NFD"),
        ("/feeds/latest.rss/", "/feeds/latest.rss"),
        ("//feeds/latest.rss", "/feeds/latest.rss"),
        ("/Feeds/Latest.RSS", "/feeds/latest.rss"),
        ("/feeds/sections/지역/most-read.rss/", "/feeds/sections/지역/most-read.rss"),
        ("/feeds/tags/AI·로봇.json", "/feeds/tags/ai-로봇.json"),
        ("/feeds/sections/구정/most-read.atom", "/feeds/sections/지역/most-read.atom"),
        pytest.param("/feeds/sections/옛.rss", "/feeds/sections/지역.rss", id="renamed twice"),
        pytest.param("/feeds/tags/AI.rss", "/feeds/tags/인공지능.rss", id="renamed, in capitals"),
        pytest.param(nfd("/sections/지역"), "/sections/지역", id="page NFD"),
        ("//sections//METRO", "/sections/metro"),
        ("/Sections/metro/", "/sections/metro"),
        pytest.param(nfd("/Sections/옛/"), "/sections/지역", id="page renamed twice, and more"),
        ("/articles/1/", "/articles/1"),
        ("//articles/1", "/articles/1"),
        pytest.param(nfd("/articles/가/"), "/articles/가", id="article NFD"),
        ("/feeds/Authors.OPML", "/feeds/authors.opml"),
        ("/feeds", "/feeds/"),
        ("/feeds/Sections/지역/", "/feeds/sections/지역"),
        ("/Most-Read/7d/", "/most-read/7d"),
        ("//", "/"),
        ("/rss/allArticle.xml", "/feeds/latest.rss"),
        ("//rss/allarticle.XML/", "/feeds/latest.rss"),
        pytest.param("/rss/S1N1.xml", "/feeds/sections/지역.rss", id="alias of a renamed one"),
        pytest.param(nfd("/rss/<int:n>/{x}/종합.xml"), "/feeds/latest.atom", id="literal"),
        pytest.param("/sections/OLD", "/feeds/sections/지역.rss", id="alias before a page"),
    ],
)
def test_one_step_leads_to_the_one_address(front: Client, written: str, meant: str) -> None:
    asked = {"PATH_INFO": written.encode().decode("latin-1"), "QUERY_STRING": "from=reader"}
    for method in ("GET", "HEAD"):
        response = front.open(method=method, environ_overrides=asked)
        assert response.status_code == 301
        location = response.headers["Location"]
        assert location.isascii()
        assert unquote(location) == f"https://www.news.example{meant}"
        assert response.headers["Cache-Control"] == "public, max-age=86400"
    assert front.get(urlsplit(location).path).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/feeds/tags/옛날.rss", "/feeds/tags/옛날/archive/1.atom", "/rss/gone.xml"],
)
def test_an_address_that_was_given_up_is_gone(front: Client, path: str) -> None:
    response = front.get(path)
    assert (response.status_code, response.mimetype) == (410, "text/plain")


@pytest.mark.parametrize("path", ["/articles/a//b", "/articles/b/", "/", "/sections/metro"])
def test_the_one_address_is_answered(front: Client, path: str) -> None:
    assert front.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/articles/%00", "/sections/%00", "/feeds/%00.rss", "/sample/%00", "/rss/other.xml"],
)
@pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
def test_any_other_address_is_not_found_in_any_store(front: Client, path: str) -> None:
    assert front.get(path).status_code == 404


def test_moves_of_the_store_and_of_the_config_follow_each_other(
    front: Client, store: Store
) -> None:
    for old, new in (("지역", "동네"), ("metro", "도시")):
        store.moves.move(Term("section", old), Term("section", new), new)
    locations = [
        unquote(front.get(path).headers["Location"]).removeprefix("https://www.news.example")
        for path in ("/feeds/sections/옛/most-read.rss", "/sections/구정/", "/Sections/Metro")
    ]
    assert locations == ["/feeds/sections/동네/most-read.rss", "/sections/동네", "/sections/도시"]


def test_a_section_that_was_moved_in_a_circle_is_not_found(store: Store, tmp_path: Path) -> None:
    circle = {"sections/지역": "sections/metro", "sections/metro": "sections/지역"}
    front = Client(front_of(store, settings(tmp_path, moved=circle)))
    assert {front.get(f"/{path}").status_code for path in circle} == {404}


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
        assert all(
            address.startswith((f"{url}/", "/rss-service/", "#", "mailto:"))
            for address in page.xpath("//@href")
        )
        assert all(one.startswith("/rss-service/views/") for one in page.xpath("//noscript//@src"))


_FOLDERS = st.sampled_from(["/feeds/", "//Feeds/", "/sections/", "/feeds/sections/", "/rss/", "/"])


@given(_FOLDERS, st.text(max_size=30), st.sampled_from(["", ".rss", ".JSON/", "/"]))
def test_a_canonical_path_stays_as_it_is(folder: str, name: str, ending: str) -> None:
    canonical = Canonical(ALIASES, lambda: MOVED)
    path = canonical.path(f"{folder}{name}{ending}")
    assert canonical.path(path) == path


def test_an_address_that_is_far_too_long_is_not_looked_into() -> None:
    path = "/feeds/" + "\u0301\u0316" * 30_000 + ".RSS"
    assert Canonical(ALIASES, lambda: MOVED).path(path) == path
