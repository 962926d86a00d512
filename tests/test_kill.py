"""Processes are killed under load, and nothing acknowledged is lost or stored twice."""

import json
import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path

import pytest
import urllib3
from urllib3.exceptions import HTTPError

from feeds.config import load
from feeds.store import open_store
from feeds.store.visits import READER
from tests.paper import record, write_articles, write_config
from tests.processes import Running, eventually, feeds, free_port, imported, lives, serving
from tests.readers import PHONE, counts_of

KILLS = 12
ARTICLES = ("1", "2", "3")
CLIENTS = 4
TOKEN = {"Authorization": "Bearer secret"}


class Crowd:
    """Readers one after the other; each retries until the beacon acknowledges its view."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._numbers = count()
        self.counted = Counter[str]()
        self.enough = threading.Event()
        self._counting = threading.Lock()

    def read(self) -> None:
        with urllib3.PoolManager(retries=False, timeout=5) as pool:
            while not self.enough.is_set():
                number = next(self._numbers)
                article_id = ARTICLES[number % len(ARTICLES)]
                address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
                headers = {"User-Agent": PHONE, "X-Forwarded-For": address}
                url = f"{self._url}/views/{article_id}"
                eventually(partial(_is_accepted, pool, url, headers), seconds=60)
                with self._counting:
                    self.counted[article_id] += 1


def _is_accepted(pool: urllib3.PoolManager, url: str, headers: dict[str, str]) -> bool:
    try:
        return pool.request("POST", url, headers=headers).status == 204
    except HTTPError:
        return False


def test_acknowledged_readers_are_the_counted_ones_whatever_is_killed(tmp_path: Path) -> None:
    chance = random.Random(4)
    # No network is a crowd, not even among the few readers of a day that ends or begins meanwhile.
    views = {"proxies": 1, "burst_share": 100}
    path = write_config(tmp_path, views=views, most_read={"refresh": 1})
    imported(tmp_path, write_articles(tmp_path / "a.jsonl", [record(one) for one in ARTICLES]))
    port = free_port()
    crowd = Crowd(f"http://127.0.0.1:{port}")
    with ThreadPoolExecutor(CLIENTS) as pool, serving(tmp_path, port) as service:
        clients = [pool.submit(crowd.read) for _ in range(CLIENTS)]
        try:
            for _ in range(KILLS):
                _kill_one(service, chance)
        finally:
            crowd.enough.set()
        for client in clients:
            client.result()
    done = feeds(tmp_path, "publish")
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "spool").iterdir()) == []
    readers = Counter[str]()
    with open_store(load(path).store) as store:
        for (_, kind, article_id), number in counts_of(store).items():
            readers[article_id] += number * (kind == READER)
    assert readers == crowd.counted
    assert readers.total() > 50 * KILLS


def _kill_one(service: Running, chance: random.Random) -> None:
    """Kill the worker or the web process at a random moment, and wait until all is well again."""
    threading.Event().wait(chance.uniform(0.05, 0.6))
    victim = eventually(service.worker)
    if chance.random() < 0.5:
        (victim,) = service.web_processes()
    victim.kill()
    eventually(lambda: not lives(victim))
    eventually(lambda: service.worker() and service.get_status("/healthz") == 200)


LINES = 4_000
BATCH = 500


@pytest.mark.parametrize("lines", [LINES, 200], ids=["one request", "many requests"])
def test_articles_are_there_once_answered_and_in_whole_batches(tmp_path: Path, lines: int) -> None:
    path = write_config(tmp_path)
    records = [record(f"a{n}", sections=[f"{n % 7}면"]) for n in range(LINES)]
    answered = list[str]()

    def post() -> None:
        with urllib3.PoolManager(retries=False, timeout=60) as pool, suppress(HTTPError):
            for start in range(0, LINES, lines):
                body = "".join(json.dumps(each) + "\n" for each in records[start : start + lines])
                url = f"{service.url}/api/articles"
                response = pool.request("POST", url, body=body, headers=TOKEN)
                answered.extend(json.loads(line)["id"] for line in response.data.splitlines())

    ids = [each["id"] for each in records]
    with open_store(load(path).store) as store:
        with serving(tmp_path, free_port(), FEEDS_API_TOKEN="secret") as service:
            client = threading.Thread(target=post)
            client.start()
            eventually(lambda: len(store.articles.known(ids)) > LINES // 4)
            for process in (*service.children(), service.process):
                process.kill()
            client.join()
        stored = store.articles.known(ids)
        assert stored >= set(answered)
        assert answered or lines == LINES
        assert stored == set(ids[: len(stored)])
        assert len(stored) % min(BATCH, lines) == 0
        for article_id in stored:
            assert len(store.articles.terms(article_id)) == 2
