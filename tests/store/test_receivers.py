"""Receivers: what each lacks, and what stays of it whatever happens meanwhile."""

import math
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from feeds.model import PAGES
from feeds.store import Crowd, Receiver, Store, connect
from feeds.store.database import Patience
from feeds.store.migrations import migrate
from feeds.store.receivers import _row
from feeds.store.schema import receivers
from tests.processes import eventually
from tests.store.samples import rendition

NOW = int(time.time())
TOPIC = "latest.rss"
FIRST = "https://Reader.example/1"


def subscriber(url: str = "https://reader.example/1", **fields: Any) -> Receiver:
    return Receiver("subscriber", url, **{"topic": TOPIC, "expires": NOW + 999, **fields})


def insert(store: Store, many: Iterable[Receiver]) -> None:
    with store._database.writing() as connection:
        connection.execute(sa.insert(receivers), [_row(each) for each in many])


def publish(store: Store, body: bytes, path: str = TOPIC, at: int = NOW, **fields: Any) -> int:
    """Publish a document; give its Last-Modified."""
    store.documents.publish([rendition(path, body, **fields)], datetime.fromtimestamp(at, UTC))
    found = store.documents.get(path)
    assert found
    return found.last_modified


def pending(store: Store, now: int = NOW) -> list[tuple[str, int]]:
    """List who lacks something, and up to which position."""
    return [(each.url, head) for each, head in store.receivers.pending(99, now)]


def only(store: Store) -> Receiver:
    (found,) = store.receivers.all()
    return found


def requested(store: Store, kind: str = "subscribe", **fields: Any) -> Receiver:
    """Let a request wait, and give it as it is stored."""
    request = Receiver(kind, "https://reader.example/1", TOPIC, **{"lease": 999, **fields})
    store.receivers.request(request)
    return next(each for each in store.receivers.all() if each.kind == kind)


def test_a_new_subscriber_lacks_what_comes_next(store: Store) -> None:
    publish(store, b"old", at=NOW - 999)
    store.receivers.subscribe(requested(store), NOW)
    assert pending(store) == []
    head = publish(store, b"new")
    publish(store, b"another feed", "latest.atom")
    assert pending(store) == [("https://reader.example/1", head)]
    store.receivers.save([replace(only(store), position=head)])
    assert pending(store) == []


def test_who_renews_a_subscription_still_gets_what_it_lacks(store: Store) -> None:
    publish(store, b"old", at=NOW - 999)
    store.receivers.subscribe(requested(store, secret="one"), NOW)
    head = publish(store, b"new")
    failed = replace(only(store), due=NOW + 99, attempts=3, failing=NOW, reason="it hangs")
    store.receivers.save([failed])
    assert pending(store) == []
    store.receivers.subscribe(requested(store, lease=5000, secret="two"), NOW)
    assert pending(store) == [("https://reader.example/1", head)]
    assert (only(store).expires, only(store).secret) == (NOW + 5000, "two")
    assert only(store).failing is None


def test_no_position_goes_back_and_who_went_does_not_come_back(store: Store) -> None:
    insert(store, [subscriber(position=5, attempts=1)])
    store.receivers.save([subscriber(position=4), subscriber("https://gone.example/", position=9)])
    assert only(store) == subscriber(position=5, attempts=1)


def test_who_wants_no_more_goes_unless_it_subscribed_again_meanwhile(store: Store) -> None:
    insert(store, [subscriber(), subscriber("https://b.example/")])
    delivered_to = store.receivers.all()
    store.receivers.subscribe(requested(store, lease=5000), NOW)
    store.receivers.save(gone=delivered_to)
    assert only(store).expires == NOW + 5000


def test_a_newer_request_stays_when_the_older_one_is_settled(store: Store) -> None:
    old = requested(store)
    new = requested(store, "unsubscribe")
    again = requested(store, "unsubscribe")
    assert new.position < again.position
    store.receivers.save([replace(new, attempts=1, due=NOW + 9)], gone=[old, new])
    assert only(store) == again
    insert(store, [subscriber()])
    store.receivers.unsubscribe(again)
    assert store.receivers.all() == []


def test_threads_that_wait_to_write_leave_connections_for_those_that_read(store_url: str) -> None:
    many = [Receiver("denied", f"https://reader.example/{n}", TOPIC) for n in range(40)]
    with closing(connect(store_url, Patience(lock=10))) as database:
        migrate(database)
        store, all_began = Store(database), threading.Barrier(len(many) + 1)

        def ask(request: Receiver) -> None:
            all_began.wait()
            store.receivers.request(request)

        with ThreadPoolExecutor(len(many)) as pool:
            with database.writing():
                asked = [pool.submit(ask, each) for each in many]
                all_began.wait()
                eventually(lambda: database.engine.pool.checkedout() > 1)
                assert [store.receivers.count() for _ in range(50)] == [0] * 50
            assert [each.result() for each in asked] == [None] * len(many)


def test_a_subscription_that_nobody_renews_ends(store: Store) -> None:
    insert(store, [subscriber(expires=NOW + 1), subscriber("https://b.example/")])
    head = publish(store, b"new")
    assert pending(store, NOW + 1) == [("https://b.example/", head)]
    store.receivers.forget_expired(NOW + 1)
    assert [each.url for each in store.receivers.all()] == ["https://b.example/"]


def test_hosts_take_turns_and_those_that_failed_come_last(store: Store) -> None:
    publish(store, b"new")
    failed = [subscriber(f"https://a.example/{n}", attempts=1, due=NOW - n) for n in range(3)]
    many = [subscriber(f"https://b.example/{n}") for n in range(4)]
    few = [subscriber(f"https://{name}.example/") for name in "cd"]
    insert(store, failed + many + few)
    hosts = [each.host[0] for each, _ in store.receivers.pending(99, NOW)]
    assert sorted(hosts[:3]) == ["b", "c", "d"]
    assert hosts[3:] == ["b", "b", "b", "a", "a", "a"]
    assert [each.host[0] for each, _ in store.receivers.pending(5, NOW)] == hosts[:5]


def test_who_failed_is_listed_once_it_is_due(store: Store) -> None:
    publish(store, b"new")
    assert store.receivers.next_due(NOW) == math.inf
    insert(store, [subscriber(f"https://{n}.example/", attempts=1, due=NOW + n) for n in (5, 9)])
    assert (pending(store, NOW + 4), store.receivers.next_due(NOW + 4)) == ([], NOW + 5)
    assert [url for url, _ in pending(store, NOW + 5)] == ["https://5.example/"]
    assert store.receivers.next_due(NOW + 5) == NOW + 9


def test_the_heads_change_when_anybody_may_lack_something(store: Store) -> None:
    seen = [store.receivers.heads()]

    def has_changed() -> bool:
        seen.append(store.receivers.heads())
        return seen[-1] != seen[-2]

    assert not has_changed()
    publish(store, b"new")
    assert has_changed()
    publish(store, b"page", "/", term=PAGES)
    assert not has_changed()
    requested(store)
    assert has_changed()
    requested(store)
    assert has_changed()


def test_a_hub_hears_of_changes_a_second_after_the_last(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.receivers.configure([Receiver("hub", "https://hub.example/")])
    publish(store, b"new")
    assert pending(store) == []
    later = time.time_ns() + 10**9
    monkeypatch.setattr(time, "time_ns", lambda: later)
    assert pending(store) == [("https://hub.example/", store.documents.version())]


def test_a_hub_hears_of_changes_after_the_clock_was_set_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.receivers.configure([Receiver("hub", "https://hub.example/")])
    an_hour_ago = time.time_ns() - 3600 * 10**9
    publish(store, b"old")
    store.receivers.save([replace(only(store), position=store.documents.version())])
    monkeypatch.setattr(time, "time_ns", lambda: an_hour_ago)
    publish(store, b"new")
    assert pending(store) == [("https://hub.example/", store.documents.version())]


def test_the_receivers_of_the_config_come_and_go_with_it(store: Store) -> None:
    publish(store, b"old", at=NOW - 999)
    hub, hook = Receiver("hub", "https://hub.example/"), Receiver("hook", "https://app.example/")
    order = Receiver("most-read", "https://app.example/", "most-read.json")
    insert(store, [subscriber()])
    store.receivers.configure([hub, hook])
    known = replace(hub, position=store.documents.version(), attempts=2)
    assert replace(known, attempts=0) in store.receivers.all("hub")
    store.receivers.save([known])
    store.receivers.configure([hub, order])
    assert store.receivers.all("hub", "hook", "most-read") == [known, order]
    store.receivers.configure([])
    assert only(store) == subscriber()


def test_others_of_a_callbacks_host_are_counted(store: Store) -> None:
    store.receivers.configure([Receiver("hub", "https://reader.example/hub")])
    rows = [
        ("subscribe", FIRST, "latest.rss"),
        ("subscribe", "https://reader.example/2", "latest.rss"),
        ("unsubscribe", "https://reader.example/3", "rising.rss"),
        ("subscribe", "https://other.example/", "latest.rss"),
    ]
    for row in rows:
        store.receivers.request(Receiver(*row))
    store.receivers.subscribe(store.receivers.all("subscribe")[0], 0)
    crowd = store.receivers.crowd
    assert crowd(Receiver("subscribe", FIRST, "latest.rss")) == Crowd(1, 2, 2, known=1)
    assert crowd(Receiver("unsubscribe", "https://READER.example/4", "none.rss")) == Crowd(
        0, 3, 2, known=0
    )
    assert crowd(Receiver("subscribe", "https://third.example/", "latest.rss")) == Crowd(
        0, 0, 0, known=0
    )


def test_only_a_published_feed_is_one(store: Store) -> None:
    page = rendition("/latest", term=PAGES)
    now = datetime.now(UTC)
    store.documents.publish([rendition(), rendition("gone.rss"), page], now)
    store.documents.remove(["gone.rss"], now)
    store.documents.publish([rendition("faulty.rss", fault="not XML")], now)
    paths = ("latest.rss", "gone.rss", "/latest", "faulty.rss", "none.rss")
    assert [path for path in paths if store.documents.is_feed(path)] == ["latest.rss"]
