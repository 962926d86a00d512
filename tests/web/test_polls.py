"""A web process counts what clients ask for, by the programs that they are."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import time_machine
from werkzeug.test import Client, EnvironBuilder

from feeds.config import Config
from feeds.errors import StoreError
from feeds.store import Polls, Store
from feeds.web import polls
from feeds.web.wsgi import Front
from tests.paper import publish, record, settings
from tests.web.conftest import away, front_of

FEED = "/feeds/latest.rss"


@pytest.fixture
def process(store: Store, config: Config, tmp_path: Path) -> Front:
    publish([record("1", body_text="본문 " * 500)], store, config, tmp_path)
    return front_of(store, config)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-03-02 10:59:00+00:00", tick=False) as moved:
        yield moved


def saved(process: Front, store: Store) -> dict[str, Polls]:
    """Save what was counted, and give all that is stored by client."""
    process.polls.save()
    return store.polls.by_client()


def test_requests_and_bytes_are_counted_by_client(
    front: Client, process: Front, store: Store
) -> None:
    newsboat = {"User-Agent": "newsboat/2.21.0 (Linux x86_64)"}
    whole = front.get(FEED, headers=newsboat)
    gzipped = front.get(FEED, headers={**newsboat, "Accept-Encoding": "gzip"})
    unchanged = front.get(FEED, headers={**newsboat, "If-None-Match": whole.headers["ETag"]})
    head = front.head(FEED, headers={"User-Agent": "curl/8.14.1"})
    assert [each.status_code for each in (gzipped, unchanged, head)] == [200, 304, 200]
    sent = len(whole.data) + len(gzipped.data)
    assert saved(process, store) == {
        "newsboat": Polls(
            requests=3, not_modified=1, sent=sent, saved=3 * len(whole.data) - sent, pollers=1
        ),
        "curl, wget": Polls(requests=1, pollers=1),
    }


def test_errors_below_feeds_are_counted(front: Client, process: Front, store: Store) -> None:
    agent = {"User-Agent": "Feedbin feed-id:1 - 2 subscribers"}
    responses = [
        front.get("/feeds/none.rss", headers=agent),
        front.get("/feeds/LATEST.rss", headers=agent),
        front.post(FEED, headers=agent),
    ]
    assert [each.status_code for each in responses] == [404, 301, 405]
    asked = Polls(requests=3, errors=2, subscribers=2, pollers=1)
    assert saved(process, store) == {"Feedbin": asked}


@pytest.mark.parametrize(
    "path", ["/", "/articles/1", "/none", "/healthz", "/views/1", "/api/articles/1"]
)
def test_other_addresses_are_not_counted(
    front: Client, process: Front, store: Store, path: str
) -> None:
    front.get(path)
    assert saved(process, store) == {}


def test_a_document_that_cannot_be_read_is_an_error(
    front: Client, process: Front, store: Store, tmp_path: Path
) -> None:
    with away(tmp_path):
        assert front.get(FEED).status_code == 503
    assert saved(process, store) == {"other": Polls(requests=1, errors=1, pollers=1)}


def test_pollers_are_different_addresses_in_an_hour(
    process: Front, store: Store, clock: time_machine.Traveller
) -> None:
    def ask(*addresses: str) -> None:
        for address in addresses:
            Client(process).get(FEED, environ_overrides={"REMOTE_ADDR": address})
        process.polls.save()

    ask("203.0.113.1", "203.0.113.2", "203.0.113.1")
    ask("203.0.113.2", "2001:db8::1", "2001:db8::2")  # two devices in one household
    clock.shift(60)
    ask("203.0.113.1", "203.0.113.9")
    assert [each.pollers for each in store.polls.by_hour(0).values()] == [3, 2]


def test_pollers_behind_our_own_proxy_are_told_apart(store: Store, tmp_path: Path) -> None:
    config = settings(tmp_path, views={"proxies": 1})
    publish([record("1")], store, config, tmp_path)
    process = front_of(store, config)
    for client in ("203.0.113.1", "203.0.113.2"):
        Client(process).get(FEED, headers={"X-Forwarded-For": f"10.9.9.9, {client}"})
    assert saved(process, store)["other"].pollers == 2


def test_counting_goes_on_while_the_store_is_away(
    front: Client, process: Front, store: Store, tmp_path: Path, clock: time_machine.Traveller
) -> None:
    front.get(FEED)
    with away(tmp_path):
        for _ in range(3):
            front.get(FEED)
            with pytest.raises(StoreError):
                process.polls.save()
            clock.shift(60)
    assert saved(process, store)["other"].requests == 4
    assert [each.requests for each in store.polls.by_hour(0).values()] == [2, 2]


def test_counting_takes_no_more_memory_than_allowed(
    front: Client, process: Front, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polls, "_MOST_SENDERS", 3)
    monkeypatch.setattr(polls, "_MOST_POLLERS", 2)
    for number in range(9):
        environ = {"REMOTE_ADDR": f"203.0.113.{number}"}
        front.get(FEED, headers={"User-Agent": "newsboat"}, environ_overrides=environ)
    found = saved(process, store)
    assert {name: (each.requests, each.pollers) for name, each in found.items()} == {
        "other": (6, 0),
        "newsboat": (3, 2),
    }


def test_no_request_is_lost_between_threads(front: Client, process: Front, store: Store) -> None:
    front.get(FEED)
    environ = EnvironBuilder(FEED).get_environ()
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(2) as pool:
            asked = [
                pool.submit(lambda: [process.get(environ) for _ in range(10_000)]) for _ in "ab"
            ]
            while not all(each.done() for each in asked):
                process.polls._name(0)  # saving takes longer, and catches fewer requests
    finally:
        sys.setswitchinterval(before)
    assert saved(process, store)["other"].requests == 20_001
