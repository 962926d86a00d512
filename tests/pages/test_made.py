"""Pages as a web process serves them: kept ones from the store, others made when asked for."""

import threading
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
import time_machine
from werkzeug.test import Client

from feeds.config import Config
from feeds.model import PAGES
from feeds.pages import Pages
from feeds.store import Store
from feeds.web import cache
from feeds.web.doors import PLACES, doors
from feeds.web.response import BUSY
from feeds.web.threads import LeaderFollowers
from feeds.web.wsgi import Front
from feeds.worker import keep_pages
from tests.paper import Record, record, settings
from tests.web.conftest import Paper


class Kept(Paper):
    """A paper whose worker keeps pages."""

    def __init__(self, store: Store, config: Config, folder: Path) -> None:
        super().__init__(store, config, folder)
        self.pages = Pages(store, config)

    def save(self, *records: Record) -> None:
        self.publish(*records)
        assert keep_pages(self.pages, self.store)
        self.front.cache.refresh()


@pytest.fixture
def paper(store: Store, tmp_path: Path) -> Kept:
    return Kept(store, settings(tmp_path), tmp_path)


def test_a_kept_page_comes_from_memory_and_is_never_asked_for(paper: Kept) -> None:
    paper.save(record("1", sections=["지역"]))
    for path in ("/", "/sections/지역", "/most-read", "/most-read/7d", "/most-read/rising"):
        assert paper.get(path).status_code == 200
    assert paper.asked == []
    assert 'class="block"' not in paper.get("/").text  # the only article is above the sections


def test_a_made_page_is_asked_for_once_until_anything_changes(paper: Kept) -> None:
    paper.save(record("1", tags=["봄"]), record("2"))
    first = paper.get("/articles/1")
    assert first.status_code == 200
    assert [paper.get("/articles/1").data, paper.asked] == [first.data, ["/articles/1"]]
    paper.save(record("3", title="다른 기사", published="2026-03-01 09:00", sections=["지역"]))
    again = paper.get("/articles/1")
    assert paper.asked == ["/articles/1"] * 2
    assert again.headers["ETag"] != first.headers["ETag"]  # the section is in its navigation
    assert again.last_modified > first.last_modified


def test_an_address_without_a_page_is_asked_for_once_until_anything_changes(paper: Kept) -> None:
    paper.save(record("1"))
    first, again = (paper.get("/articles/2") for _ in range(2))
    assert [first.status_code, again.data, paper.asked] == [404, first.data, ["/articles/2"]]
    paper.save(record("2"))
    assert paper.get("/articles/2").status_code == 200


def test_only_so_many_addresses_without_a_page_are_remembered(
    paper: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_MOST_MISSING", 3)
    for path in ("/1", "/2", "/3", "/4", "/4", "/1"):
        assert paper.get(path).status_code == 404
    assert paper.asked == ["/1", "/2", "/3", "/4", "/1"]


def test_a_made_page_that_a_change_did_not_touch_stays_the_same(paper: Kept) -> None:
    paper.save(*(record(f"{n}", published=f"2026-03-02 09:0{n}") for n in range(4)))
    first = paper.get("/articles/0")
    paper.save({"id": "3", "summary": "고친 요약"})
    again = paper.get("/articles/0")
    assert paper.asked == ["/articles/0"] * 2
    for name in ("ETag", "Last-Modified"):
        assert again.headers[name] == first.headers[name]
    assert paper.get("/articles/0", **{"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_a_withdrawn_article_is_gone_from_every_page_at_once(paper: Kept) -> None:
    given = {"sections": ["지역"], "tags": ["봄"], "authors": [{"name": "김민수"}], "views": 9}
    paper.save(record("1", title="거둔 기사", **given), record("2", **given))
    paths = ("/", "/articles/2", "/sections/지역", "/tags/봄", "/authors/김민수", "/most-read")
    for path in ("/articles/1", *paths, "/feeds/latest", "/feeds/tags/봄"):
        assert "거둔 기사" in paper.get(path).text
    paper.save({"id": "1", "status": "withdrawn"})
    gone = paper.get("/articles/1")
    assert (gone.status_code, gone.mimetype) == (410, "text/html")
    assert "삭제된 기사입니다." in gone.text
    for path in ("/articles/1", *paths, "/feeds/latest", "/feeds/tags/봄"):
        assert "거둔 기사" not in paper.get(path).text


def test_a_page_at_fault_stays_as_it_was_but_not_with_a_withdrawn_article(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "templates").mkdir()
    paper = Kept(store, settings(tmp_path, pages=str(tmp_path / "templates")), tmp_path)
    paper.save(record("1", title="거둔 기사"), record("2"))
    (tmp_path / "templates/front.html").write_text("<p>{{ page.title }}</p>", "utf-8")
    paper.pages = Pages(store, paper.config)
    paper.save({"id": "2", "summary": "고친 요약"})
    assert "거둔 기사" in paper.get("/").text
    paper.save({"id": "1", "status": "withdrawn"})
    assert "거둔 기사" not in paper.get("/").text
    assert [each.path for each in store.documents.statuses(PAGES.kind, faulty=True)] == ["/"]


def test_an_embargoed_article_has_no_page_and_is_on_none_until_its_minute(paper: Kept) -> None:
    minute = datetime(2026, 3, 2, 9, tzinfo=UTC)
    with time_machine.travel(minute - timedelta(seconds=1), tick=False):
        paper.save(record("1"), record("2", title="나중 기사", published=minute.isoformat()))
        assert paper.get("/articles/2").status_code == 404
        assert "나중 기사" not in paper.get("/").text + paper.get("/articles/1").text
    with time_machine.travel(minute, tick=False):
        paper.save()
        assert "나중 기사" in paper.get("/articles/2").text
        assert "나중 기사" in paper.get("/").text


def test_an_article_with_an_address_of_its_own_is_there(paper: Kept) -> None:
    own = "https://www.news.example/news/view.php?idx=1"
    here = "https://www.news.example/articles/2"
    paper.save(record("1", url=own), record("2", url=here))
    response = paper.get("/articles/1")
    assert (response.status_code, response.headers["Location"]) == (302, own)
    assert paper.get("/articles/2").status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "https://www.news.example/articles/%C3%A9/",
        "https://www.news.example/Articles/%C3%A9",
        "https://www.news.example/articles/e%CC%81",
        "https://WWW.news.example/articles/%C3%A9",
        "http://www.news.example:80//articles/%C3%A9?from=feed",
    ],
)
def test_no_spelling_of_an_article_s_own_page_redirects_for_ever(paper: Kept, url: str) -> None:
    paper.save(record("é", url=url))
    assert paper.get("/articles/é").status_code == 200


def test_lists_have_pages_of_twenty(paper: Kept) -> None:
    paper.save(*(record(f"{n:02}", sections=["지역"], tags=["봄"]) for n in range(45)))
    for folder in ("sections/지역", "tags/봄"):
        shown = [
            paper.get(f"/{folder}{page}").text.count("h-entry story") for page in ("", "/2", "/3")
        ]
        assert shown == [20, 20, 5]
        assert [paper.get(f"/{folder}/{page}").status_code for page in (0, 1, 4)] == [404] * 3


def test_a_list_goes_on_below_articles_that_feeds_cannot_carry(paper: Kept) -> None:
    deep = "<b>" * 3000
    good = (record(f"{n:02}", tags=["봄"], published="2026-03-01") for n in range(20))
    bad = (record(f"bad{n}", tags=["봄"], body_html=deep) for n in range(20))
    paper.save(*good, *bad)
    assert (
        'rel="next" href="https://www.news.example/tags/%EB%B4%84/2"' in paper.get("/tags/봄").text
    )
    assert paper.get("/tags/봄/2").text.count("h-entry story") == 20


def test_readers_who_wait_for_a_page_leave_places_for_feeds(paper: Kept) -> None:
    paper.save(record("1"))
    asked, answered = threading.Event(), threading.Event()

    def slow(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked.set()
        assert answered.wait(30)
        return BUSY(environ, start_response)

    front = Front(paper.store, paper.config, slow)
    front.cache.refresh()
    process, places = LeaderFollowers(front.get, front, doors(None)), PLACES["", ""]
    with ThreadPoolExecutor(places + 1) as readers:
        waiting = [readers.submit(Client(process).get, "/articles/1") for _ in range(places + 1)]
        assert asked.wait(30)
        done, _ = wait(waiting, 30, FIRST_COMPLETED)
        answered.set()
    (refused,) = done
    assert refused.result().headers["Retry-After"] == "5"


def test_pages_out_of_date_take_no_more_memory_than_others(store: Store, tmp_path: Path) -> None:
    paper = Kept(store, settings(tmp_path, serve={"cache_mb": 1}), tmp_path)
    words = [" ".join(f"{n * n}" for n in range(one, one + 20_000)) for one in range(6)]
    paper.save(*(record(f"{n}", body_text=text) for n, text in enumerate(words)))
    pages = paper.front.cache
    for n in range(6):
        assert paper.get(f"/articles/{n}").status_code == 200
        paper.save({"id": "0", "summary": f"요약 {n}"})
    assert sum(page is not None for n in range(6) if (page := pages.stale(f"/articles/{n}"))) <= 3


def test_the_desk_and_the_api_are_never_kept(paper: Kept) -> None:
    for path in ("/api/openapi.json", "/feeds/search?q=봄"):
        paper.get(path)
        paper.get(path)
    assert len(paper.asked) == 4
