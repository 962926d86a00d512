"""How a web process learns of what was published, and how seldom it asks the store."""

import sqlite3
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from feeds.config import Config
from feeds.store import Store
from feeds.web import Shelf
from tests.paper import publish, record, settings
from tests.processes import eventually
from tests.web.conftest import front_of

READERS = 8


class Slow:
    """The documents of a store; a read waits until it may go on, and is noted."""

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


def threads_inside(function: Any) -> int:
    """Count the threads that have called a function and wait for it."""
    code = function.__code__
    return sum(code in codes(frame) for frame in sys._current_frames().values())


def codes(frame: Any) -> list[Any]:
    found = []
    while frame:
        found.append(frame.f_code)
        frame = frame.f_back
    return found


def titles(front: Client) -> str:
    return front.get("/feeds/latest.rss").text


@pytest.fixture(autouse=True)
def _one_article(store: Store, config: Config, tmp_path: Path) -> None:
    publish([record("1")], store, config, tmp_path)


def test_a_publication_is_seen_after_the_next_look(
    front: Client, shelf: Shelf, store: Store, config: Config, tmp_path: Path
) -> None:
    before = front.get("/feeds/latest.rss")
    publish([record("2", title="새 소식")], store, config, tmp_path)
    assert front.get("/feeds/latest.rss").data == before.data
    shelf.refresh()
    after = front.get("/feeds/latest.rss")
    assert "새 소식" in after.text
    assert after.headers["ETag"] != before.headers["ETag"]
    assert after.last_modified
    assert before.last_modified
    assert after.last_modified > before.last_modified


def test_a_watching_shelf_sees_a_publication_by_itself(
    front: Client, shelf: Shelf, store: Store, config: Config, tmp_path: Path
) -> None:
    assert "새 소식" not in titles(front)
    shelf.watch()
    publish([record("2", title="새 소식")], store, config, tmp_path)
    assert eventually(lambda: "새 소식" in titles(front), seconds=10)


def test_a_document_that_is_new_is_found_without_a_look(
    front: Client, store: Store, config: Config, tmp_path: Path
) -> None:
    assert front.get("/feeds/tags/봄.rss").status_code == 404
    publish([record("2", tags=["봄"])], store, config, tmp_path)
    assert front.get("/feeds/tags/봄.rss").status_code == 200


def test_a_withdrawal_is_seen_as_well(
    front: Client, shelf: Shelf, store: Store, config: Config, tmp_path: Path
) -> None:
    assert "제목 1" in titles(front)
    publish([record("1", status="withdrawn")], store, config, tmp_path)
    shelf.refresh()
    assert "제목 1" not in titles(front)


def test_many_readers_of_a_document_that_is_not_yet_held_cost_one_read(
    store: Store, config: Config
) -> None:
    slow = Slow(store.documents)
    front = front_of(replace(store, documents=slow), config)
    with ThreadPoolExecutor(READERS) as pool:
        answers = [pool.submit(Client(front).get, "/feeds/latest.rss") for _ in range(READERS)]
        eventually(lambda: threads_inside(Shelf.read) == READERS)
        slow.go_on.set()
        assert {answer.result().status_code for answer in answers} == {200}
    assert slow.read == ["latest.rss"]


def test_a_document_that_is_held_costs_no_read(store: Store, config: Config) -> None:
    slow = Slow(store.documents)
    slow.go_on.set()
    front = Client(front_of(replace(store, documents=slow), config))
    for _ in range(3):
        assert front.get("/feeds/latest.atom").status_code == 200
    assert slow.read == ["latest.atom"]


def test_a_document_that_is_gone_costs_no_read_either(
    store: Store, config: Config, tmp_path: Path
) -> None:
    fewer = settings(tmp_path, most_read={"windows": ["24h"]})
    publish([], store, fewer, tmp_path)
    slow = Slow(store.documents)
    slow.go_on.set()
    front = Client(front_of(replace(store, documents=slow), config))
    for _ in range(3):
        assert front.get("/feeds/most-read/3h.rss").status_code == 410
    assert slow.read == ["most-read/3h.rss"]


def test_without_its_store_a_service_serves_what_it_holds(
    front: Client, store: Store, tmp_path: Path
) -> None:
    held = front.get("/feeds/latest.rss")
    store._database.close()
    for file in tmp_path.glob("newsroom.db*"):
        file.unlink()
    (tmp_path / "newsroom.db").mkdir()
    assert front.get("/feeds/latest.rss").data == held.data
    cold = front.get("/feeds/latest.atom")
    assert cold.status_code == 503
    assert int(cold.headers["Retry-After"]) > 0


def test_what_was_held_of_another_store_or_of_what_a_backup_took_back_is_read_anew(
    front: Client, shelf: Shelf, store: Store, config: Config, tmp_path: Path
) -> None:
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(tmp_path / "newsroom.db")) as connection:
        connection.execute("VACUUM INTO ?", (str(backup),))
    publish([record("2", title="잃은 소식", tags=["봄"])], store, config, tmp_path)
    shelf.refresh()
    assert "잃은 소식" in titles(front)
    assert front.get("/feeds/tags/봄.rss").status_code == 200
    for name in ("newsroom.db-wal", "newsroom.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    backup.replace(tmp_path / "newsroom.db")
    publish([record("3", sections=["지역"])], store, config, tmp_path)
    shelf.refresh()
    assert "잃은 소식" not in titles(front)
    assert "제목 3" in titles(front)
    assert front.get("/feeds/tags/봄.rss").status_code == 404
