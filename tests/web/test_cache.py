"""What a web process holds in memory, how it learns of news, and how seldom it asks the store."""

import sqlite3
import threading
import unicodedata
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from copy import copy
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from werkzeug.test import Client

from feeds.config import Config
from feeds.errors import StoreError
from feeds.model import Term
from feeds.store import Store
from feeds.web import cache as cache_module
from feeds.web.cache import ArticleIds, Cache, path_info_of
from tests.paper import publish, record, settings
from tests.processes import eventually
from tests.queries import statements
from tests.web.conftest import Paper, away, front_of

READERS = 8
HANGUL = "가나다라마바사아자차"


class Slow:
    """The documents of a store; a read is noted, and waits until it may go on."""

    def __init__(self, documents: Any) -> None:
        self._documents = documents
        self.read: list[str] = []
        self.go_on = threading.Event()

    def get(self, path: str) -> Any:
        self.read.append(path)
        assert self.go_on.wait(30)
        return self._documents.get(path)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._documents, name)


class Counted:
    """A lock that counts who came to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.entered = 0

    def __enter__(self) -> None:
        self.entered += 1
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


@pytest.fixture
def store(store: Store, config: Config, tmp_path: Path) -> Store:
    publish([record("1")], store, config, tmp_path)
    return store


@pytest.fixture
def slow(store: Store) -> Slow:
    return Slow(store.documents)


@pytest.fixture
def slow_front(store: Store, config: Config, slow: Slow) -> Client:
    slow_store = copy(store)
    vars(slow_store)["documents"] = slow
    return Client(front_of(slow_store, config))


def test_a_publication_is_seen_after_the_next_refresh(
    front: Client, cache: Cache, store: Store, config: Config, tmp_path: Path
) -> None:
    before = front.get("/feeds/latest.rss")
    publish([record("2", title="새 소식")], store, config, tmp_path)
    assert front.get("/feeds/latest.rss").data == before.data
    cache.refresh()
    after = front.get("/feeds/latest.rss")
    assert "새 소식" in after.text
    assert after.headers["ETag"] != before.headers["ETag"]
    assert after.last_modified
    assert before.last_modified
    assert after.last_modified > before.last_modified


@pytest.fixture
def looking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a cache look for each feed that it does not know."""
    monkeypatch.setattr(cache_module, "_SECONDS_BETWEEN_LOOKS", 0)


@pytest.mark.usefixtures("looking")
def test_a_new_document_is_found_before_the_next_refresh(
    front: Client, cache: Cache, store: Store, config: Config, tmp_path: Path
) -> None:
    path, gzip = "/feeds/tags/봄.rss", {"Accept-Encoding": "gzip"}
    assert front.get(path).status_code == 404
    publish([record("2", tags=["봄"])], store, config, tmp_path)
    before = front.get(path, headers=gzip)
    cache.refresh()
    after = front.get(path, headers=gzip)
    assert (before.status_code, before.data) == (200, after.data)
    for name in ("Content-Encoding", "ETag", "Cache-Control", "Link"):
        assert before.headers[name] == after.headers[name]


@pytest.mark.parametrize(
    ("path", "most"), [("/feeds/tags/none.rss", 1), ("/articles/none", 3), ("/none", 1)]
)
def test_an_address_without_a_page_costs_few_queries(
    path: str, most: int, front: Client, store: Store
) -> None:
    with statements(store) as run:
        assert front.get(path).status_code == 404
    assert len(run) <= most


def test_whoever_asks_for_unknown_feeds_the_store_is_asked_now_and_then(
    front: Client, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "_SECONDS_BETWEEN_LOOKS", 60)
    with statements(store) as run:
        assert {front.get(f"/feeds/tags/{n}.rss").status_code for n in range(50)} == {404}
    assert len(run) <= 1


@pytest.mark.usefixtures("looking")
def test_requests_for_unknown_feeds_share_one_look_at_the_store(
    front: Client, cache: Cache, store: Store
) -> None:
    cache._refreshing = held = Counted()
    with ThreadPoolExecutor(READERS) as pool, statements(store) as run:
        with held:
            asked = [pool.submit(front.get, f"/feeds/tags/{n}.rss") for n in range(READERS)]
            eventually(lambda: held.entered > READERS)
        assert {each.result().status_code for each in asked} == {404}
    assert len(run) == 1


def test_a_moved_feed_leads_on_from_memory_and_back_again(paper: Paper) -> None:
    old, new = Term("tag", "봄"), Term("tag", "가을")
    paper.publish(record("2", tags=["봄"]))
    for here, there, name in ((old, new, "가을"), (new, old, "봄")):
        path = f"/feeds/{here.path}.rss"
        assert paper.get(path).status_code == 200
        paper.store.moves.move(here, there, name)
        paper.front.cache.refresh()
        assert paper.get(path).status_code == 200
        paper.publish()
        assert unquote(paper.get(path).headers["Location"]).endswith(f"/feeds/{there.path}.rss")
    assert paper.asked == []


def test_a_moved_feed_leads_to_the_last_of_its_moves(paper: Paper) -> None:
    paper.publish(record("2", tags=["봄"]))
    for here, there in (("봄", "여름"), ("여름", "가을")):
        paper.store.moves.move(Term("tag", here), Term("tag", there), there)
        paper.publish()
        location = paper.get("/feeds/tags/봄.rss").headers["Location"]
        assert unquote(location).endswith(f"/feeds/tags/{there}.rss")


def test_many_readers_of_a_document_that_is_not_cached_cost_one_read(
    slow_front: Client, slow: Slow
) -> None:
    asked: list[int] = []

    def ask(number: int) -> int:
        asked.append(number)
        return slow_front.get("/feeds/latest.rss").status_code

    with ThreadPoolExecutor(READERS) as pool:
        statuses = [pool.submit(ask, number) for number in range(READERS)]
        assert eventually(lambda: len(asked) == READERS and slow.read)
        slow.go_on.set()
        assert {status.result() for status in statuses} == {200}
    assert slow.read == ["latest.rss"]


def test_a_cached_document_costs_no_read_even_if_it_is_gone(
    slow_front: Client, slow: Slow, store: Store, tmp_path: Path
) -> None:
    fewer = settings(tmp_path, most_read={"windows": ["24h"]})
    publish([], store, fewer, tmp_path)
    slow.go_on.set()
    for path, status in (("latest.atom", 200), ("most-read/3h.rss", 410)):
        for _ in range(3):
            assert slow_front.get(f"/feeds/{path}").status_code == status
    assert slow.read == ["latest.atom", "most-read/3h.rss"]


def test_memory_holds_the_documents_requested_last(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "_OVERHEAD", 400_000)  # so that two fit into a megabyte
    cache = front_of(store, settings(tmp_path, serve={"cache_mb": 1})).cache
    for name in ("latest.rss", "latest.atom", "latest.rss", "latest.json"):
        cache.read(path_info_of(name))
    names = ("latest.rss", "latest.atom", "latest.json")
    assert [name for name in names if cache.get(path_info_of(name))] == [
        "latest.rss",
        "latest.json",
    ]


def test_while_the_store_is_away_memory_is_served_and_the_rest_afterwards(
    front: Client, cache: Cache, tmp_path: Path
) -> None:
    cached = front.get("/feeds/latest.rss")
    with away(tmp_path):
        with pytest.raises(StoreError):
            cache.refresh()
        again = front.get("/feeds/latest.rss")
        assert (again.status_code, again.data) == (200, cached.data)
        for path in ("/feeds/latest.atom", "/readyz"):
            response = front.get(path)
            assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
        assert response.get_json()["ready"] is False
        assert front.get("/healthz").status_code == 200
    cache.refresh()
    for path in ("/feeds/latest.atom", "/readyz"):
        assert front.get(path).status_code == 200


def test_documents_of_another_store_or_newer_than_a_backup_are_read_again(
    paper: Paper, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(tmp_path / "newsroom.db")) as connection:
        connection.execute("VACUUM INTO ?", (str(backup),))
    paper.publish(record("2", title="잃은 소식", tags=["봄"]))
    assert "잃은 소식" in paper.get("/feeds/latest.rss").text
    assert paper.get("/feeds/tags/봄.rss").status_code == 200
    for name in ("newsroom.db-wal", "newsroom.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    backup.replace(tmp_path / "newsroom.db")
    paper.publish(record("3", sections=["지역"]))
    latest = paper.get("/feeds/latest.rss").text
    assert "잃은 소식" not in latest
    assert "제목 3" in latest
    assert paper.get("/feeds/tags/봄.rss").status_code == 404


class Asked:
    """A store with some articles, which notes the ids that it is asked for."""

    def __init__(self, *articles: str) -> None:
        self._articles = articles
        self.asked: list[str] = []
        self.ids = ArticleIds(self.known)

    def known(self, ids: Collection[str]) -> Collection[str]:
        self.asked += ids
        return set(ids) & set(self._articles)

    def find(self, name: str) -> str:
        return self.ids.find(name.encode().decode("latin-1"))  # PEP 3333


@pytest.mark.parametrize("name", ["9" * 60_000, "가" * 20_000, "́" * 60_000])
def test_the_store_is_not_asked_for_what_is_longer_than_any_id(name: str) -> None:
    asking = Asked(name)
    assert (asking.find(name), asking.asked) == ("", [])


def test_the_store_is_asked_once_however_an_id_is_written() -> None:
    asking = Asked(HANGUL)
    for forms in product(("NFC", "NFD"), repeat=len(HANGUL)):
        assert asking.find("".join(map(unicodedata.normalize, forms, HANGUL))) == HANGUL
    assert asking.asked == [HANGUL]


def test_only_so_many_unknown_ids_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "_MOST_UNKNOWN", 10)
    asking = Asked("1")
    unknown = [str(number) for number in range(100, 120)]
    for name in ["1", *unknown, *reversed(unknown), "1"]:
        assert asking.find(name) == ("1" if name == "1" else "")
    assert asking.asked == ["1", *unknown, *reversed(unknown[:10])]
