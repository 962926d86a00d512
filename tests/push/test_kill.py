"""The worker is killed while it sends, and every subscriber ends with the newest bytes."""

import random
import re
from itertools import count
from pathlib import Path

from feeds.config import load
from feeds.store import Store, open_store
from tests.paper import write_config
from tests.processes import FEEDS, eventually, started
from tests.push.callbacks import Callbacks, callbacks
from tests.push.test_outbox import have_all, subscribe
from tests.store.samples import article, save

SUBSCRIBERS, HOSTS = 1_000, 100
DELIVERIES = 10_000
TOPIC = "latest.json"
WORKER = (*FEEDS, "worker")


def test_every_subscriber_ends_with_the_newest_bytes_however_often_the_worker_is_killed(
    tmp_path: Path,
) -> None:
    chance, editions, kills = random.Random(13), count(1), 0
    config = load(write_config(tmp_path, websub={"allow_private": True}))
    with open_store(config.store) as store, callbacks(HOSTS) as them:
        urls = [them.url(1 + n % HOSTS, f"/ok/{n}") for n in range(SUBSCRIBERS)]
        subscribe(store, *urls, topic=TOPIC)
        while _received(them) < DELIVERIES:
            with started(WORKER, tmp_path) as worker:
                enough = _received(them) + chance.randrange(1_000, 3_000)
                while _received(them) < enough:
                    _change(store, them, next(editions), chance)
                worker.kill()
            kills += 1
        with started(WORKER, tmp_path):
            eventually(lambda: store.changes.count() == 0 and have_all(store))
        newest = store.documents.get(TOPIC)
        assert newest
        assert {them.received[url][-1] for url in urls} == {newest.body}
        sent = [[_edition(body) for body in them.received[url]] for url in urls]
    assert [each for each in sent if each != sorted(each)] == []
    assert kills > 3


def _received(them: Callbacks) -> int:
    return sum(map(len, list(them.received.values())))


def _change(store: Store, them: Callbacks, number: int, chance: random.Random) -> None:
    """Change the topic, and wait until some deliveries more were made."""
    save(store, article(title=f"edition {number}"))
    enough = _received(them) + chance.randrange(100, 900)
    eventually(lambda: _received(them) >= enough)


def _edition(body: bytes) -> int:
    found = re.search(rb"edition (\d+)", body)
    return int(found[1]) if found else 0
