"""The outbox sends to real receivers on loopback: each gets the newest, whatever others do."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feeds.errors import StoreError
from feeds.push import outbox, push, sending
from feeds.push.sending import Outcome, Sender
from feeds.store import SUSPENDED_AFTER, Receiver, Store, open_store
from feeds.store.receivers import _row
from feeds.store.schema import receivers
from tests.newsroom import configured, database
from tests.processes import eventually
from tests.push import news
from tests.push.callbacks import HANG, callbacks
from tests.queries import statements
from tests.store.samples import rendition

CONFIG = configured(websub={"allow_private": True})
TOPIC = "latest.rss"
DAY = 86_400
NEVER = 2**40


def pushing(store: Store) -> AbstractContextManager[None]:
    return news.pushing(store, CONFIG)


def publish(store: Store, body: bytes, path: str = TOPIC) -> None:
    store.documents.publish([rendition(path, body)], datetime.now(UTC))


def subscribe(store: Store, *urls: str, topic: str = TOPIC, **state: int) -> None:
    """Subscribe callbacks that lack what is published, unless `state` says otherwise."""
    plain = Receiver("subscriber", "", topic, expires=NEVER)
    rows = [_row(replace(plain, url=url, **state)) for url in urls]  # type: ignore[arg-type]
    with database(store) as connection:
        connection.execute(sa.insert(receivers), rows)


def state_of(store: Store, url: str) -> Receiver | None:
    return next((each for each in store.receivers.all() if each.url == url), None)


def have_all(store: Store) -> bool:
    """Say whether every receiver has got everything, and no failure is noted."""
    found = store.receivers.pending(1, NEVER - 1)
    return not found and not any(each.attempts for each in store.receivers.all())


def test_a_subscriber_gets_each_change_once(store: Store) -> None:
    with callbacks() as them, pushing(store):
        url = them.url(1, "/ok/1")
        subscribe(store, url)
        publish(store, b"one")
        eventually(lambda: them.received[url] and have_all(store))
        publish(store, b"two")
        publish(store, b"another feed", "latest.atom")
        eventually(lambda: b"two" in them.received[url] and have_all(store))
    assert them.received == {url: [b"one", b"two"]}


def test_a_newer_version_takes_the_place_of_older_ones(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "_SECONDS_TO_GATHER", 0.0)
    with callbacks() as them, pushing(store):
        url = them.url(1, "/ok/1")
        them.may_answer.clear()
        subscribe(store, url)
        publish(store, b"one")
        eventually(lambda: them.received[url])
        for body in (b"two", b"three", b"four"):
            publish(store, body)
        with statements(store) as run:
            # Before the delivery that is under way gives up.
            eventually(lambda: sum("row_number" in sql for sql, _ in run) > 2, seconds=6)
        them.may_answer.set()
        eventually(lambda: have_all(store))
    assert them.received[url] == [b"one", b"four"]


def test_what_waits_is_sent_as_it_is_when_its_turn_comes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An article that was withdrawn since the outbox looked is told to nobody more."""
    monkeypatch.setattr(outbox, "_RESTS", 10**9)  # as if each look took long
    with callbacks() as them:
        urls = [them.url(1, f"/ok/{number}") for number in range(9)]
        them.may_answer.clear()
        subscribe(store, *urls)
        publish(store, b"one")
        with pushing(store):
            eventually(lambda: sum(map(len, them.received.values())) == 8)
            publish(store, b"two")
            with statements(store) as run:
                eventually(lambda: sum("max(announced" in sql for sql, _ in run) > 2, seconds=6)
            them.may_answer.set()
            eventually(lambda: len(them.received) == 9)
    assert sorted(them.received.values()) == [[b"one"]] * 8 + [[b"two"]]


def test_a_subscriber_whose_feed_changes_during_its_verification_gets_the_change(
    store: Store, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "_SECONDS_TO_GATHER", 0.0)
    asked, may_answer, got = threading.Event(), threading.Event(), list[bytes]()

    def answer(request: Request) -> Response:
        if request.method == "POST":
            got.append(request.data)
        asked.set()
        may_answer.wait(9)
        return Response(request.args.get("hub.challenge"))

    httpserver.expect_request("/").respond_with_handler(answer)
    publish(store, b"one")
    with pushing(store):
        request = Receiver("subscribe", httpserver.url_for("/"), TOPIC, lease=999)
        store.receivers.request(request)
        assert asked.wait(9)
        publish(store, b"two")
        with statements(store) as run:
            eventually(lambda: sum("row_number" in sql for sql, _ in run) > 1, seconds=6)
        may_answer.set()
        eventually(lambda: got, seconds=6)
    assert got == [b"two"]


def test_those_that_hang_hold_up_nobody(store: Store) -> None:
    with callbacks(60, hang=HANG) as them:
        hanging = [them.url(1 + n % 60, f"/hang/{n}") for n in range(240)]
        healthy = [them.url(1 + n % 60, f"/ok/{n}") for n in range(120)]
        subscribe(store, *hanging)
        subscribe(store, *healthy)
        publish(store, b"one")
        with pushing(store):
            eventually(lambda: all(them.received[url] for url in hanging))
            publish(store, b"two")
            eventually(lambda: all(b"two" in them.received[url] for url in healthy))
            assert not any(b"two" in them.received[url] for url in hanging)
            del them.answers["/hang"]


def test_strangers_that_hang_hold_up_nobody(store: Store) -> None:
    with callbacks(70, hang=HANG) as them:
        hanging = [them.url(1 + n % 70, f"/hang/{n}") for n in range(560)]
        plain = Receiver("subscribe", "", TOPIC)
        with database(store) as connection:
            rows = [_row(replace(plain, url=url)) for url in hanging]
            connection.execute(sa.insert(receivers), rows)
        url = them.url(1, "/ok/1")
        subscribe(store, url)
        with pushing(store):
            eventually(lambda: sum(map(len, them.received.values())) >= 256)
            publish(store, b"one")
            eventually(lambda: them.received[url])
            assert sum(map(len, them.received.values())) < 300
            del them.answers["/hang"]


def test_a_host_with_many_subscriptions_gets_eight_requests_at_a_time(store: Store) -> None:
    with callbacks(2) as them:
        many = [them.url(1, f"/ok/{n}") for n in range(500)]
        subscribe(store, *many)
        subscribe(store, them.url(2, "/ok/1"))
        publish(store, b"one")
        them.may_answer.clear()
        with pushing(store):
            eventually(lambda: them.received[them.url(2, "/ok/1")])
            eventually(lambda: them.most["127.0.0.1"] == 8)
            them.may_answer.set()
            eventually(lambda: have_all(store))
    assert them.most["127.0.0.1"] == 8
    assert [them.received[url] for url in many] == [[b"one"]] * 500


@pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)
def test_of_two_workers_one_sends_and_the_other_takes_over(store: Store, store_url: str) -> None:
    with callbacks() as them, open_store(store_url) as other:
        url = them.url(1, "/ok/1")
        subscribe(store, url)
        with pushing(store):
            publish(store, b"one")
            eventually(lambda: have_all(store))
            assert not push(other, CONFIG, threading.Event())
        with pushing(other):
            publish(store, b"two")
            eventually(lambda: have_all(store))
    assert them.received[url] == [b"one", b"two"]


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_worker_that_lost_its_lease_sends_nothing_more(store: Store) -> None:
    with callbacks() as them, ThreadPoolExecutor(1) as pool:
        url = them.url(1, "/ok/1")
        subscribe(store, url)
        publish(store, b"one")
        ending = pool.submit(push, store, CONFIG, threading.Event())
        eventually(lambda: have_all(store))
        with database(store) as connection:
            connection.exec_driver_sql(
                "UPDATE notes SET value = 'another 9e9' WHERE key = 'lease of pushing'"
            )
        publish(store, b"two")
        assert "the lease of pushing was lost" in str(ending.exception(20))
    assert them.received[url] == [b"one"]


def test_what_is_under_way_when_the_worker_stops_is_noted(store: Store) -> None:
    with callbacks() as them:
        url = them.url(1, "/ok/1")
        them.may_answer.clear()
        subscribe(store, url)
        publish(store, b"one")
        stop = threading.Event()
        thread = threading.Thread(target=push, args=(store, CONFIG, stop))
        thread.start()
        eventually(lambda: them.received[url])
        stop.set()
        thread.join(0.5)  # longer than a turn of the outbox
        assert thread.is_alive()
        them.may_answer.set()
        thread.join(20)
        assert have_all(store)


def test_after_the_store_was_away_the_newest_is_sent(store: Store) -> None:
    with callbacks() as them:
        url = them.url(1, "/ok/1")
        subscribe(store, url)
        publish(store, b"one")
        with database(store) as connection:
            connection.exec_driver_sql("ALTER TABLE receivers RENAME TO receivers_away")
        with pytest.raises(StoreError, match="receivers"):
            push(store, CONFIG, threading.Event())
        with database(store) as connection:
            connection.exec_driver_sql("ALTER TABLE receivers_away RENAME TO receivers")
        publish(store, b"two")
        with pushing(store):
            eventually(lambda: have_all(store))
    assert them.received[url] == [b"two"]


def test_an_outbox_that_loses_the_store_ends_what_is_under_way_first(store: Store) -> None:
    """Otherwise its successor's newer version could arrive before it."""
    with callbacks() as them:
        url = them.url(1, "/ok/1")
        them.may_answer.clear()
        subscribe(store, url)
        publish(store, b"one")
        with ThreadPoolExecutor(1) as pool:
            ending = pool.submit(push, store, CONFIG, threading.Event())
            eventually(lambda: them.received[url])
            with database(store) as connection:
                connection.exec_driver_sql("ALTER TABLE documents RENAME TO documents_away")
            with pytest.raises(TimeoutError):
                ending.result(0.5)  # longer than a turn of the outbox
            them.may_answer.set()
            assert isinstance(ending.exception(20), StoreError)


def test_a_fault_in_one_kind_stays_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> Outcome:
        raise ZeroDivisionError

    monkeypatch.setitem(outbox.SENDS, "denied", broken)
    with callbacks() as them, pushing(store):
        url = them.url(1, "/ok/1")
        store.receivers.request(Receiver("denied", them.url(1, "/ok/2"), TOPIC))
        subscribe(store, url)
        publish(store, b"one")
        eventually(lambda: them.received[url])
        eventually(lambda: "a fault in this software" in caplog.text)
        denied = eventually(lambda: state_of(store, them.url(1, "/ok/2")))
        eventually(lambda: store.receivers.all("denied")[0].attempts)
    assert denied.kind == "denied"
    assert store.receivers.all("denied")[0].reason == "ZeroDivisionError()"


def test_a_receiver_that_failed_is_tried_until_it_works(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(sending, "_FIRST_PAUSE", 0)
    with callbacks(fail=500) as them, pushing(store):
        url = them.url(1, "/fail/1")
        subscribe(store, url)
        publish(store, b"one")
        state = eventually(lambda: _has_failed(store, url, 3))
        assert (state.reason, state.position) == ("it answers 500", 0)
        publish(store, b"two")
        eventually(lambda: b"two" in them.received[url])
        del them.answers["/fail"]
        eventually(lambda: have_all(store))
    assert "is tried again" in caplog.text
    assert caplog.text.count("failed: it answers 500") == 1
    assert caplog.text.count("suspended") == (len(them.received[url]) > SUSPENDED_AFTER)
    assert caplog.text.count("works again") == 1


def _has_failed(store: Store, url: str, times: int) -> Receiver | None:
    found = state_of(store, url)
    return found if found and found.attempts >= times else None


def test_what_becomes_of_a_receiver_is_logged_once(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    now = int(time.time())
    publish(store, b"one")
    with callbacks(fail=500) as them:
        once, often, long, asks = (them.url(1, f"/fail/{n}") for n in range(4))
        store.receivers.request(Receiver("subscribe", asks, TOPIC))  # anybody could fill the log
        subscribe(store, once)
        subscribe(store, often, attempts=SUSPENDED_AFTER - 1, failing=now - 60)
        subscribe(store, long, attempts=80, failing=now - 4 * DAY)
        with pushing(store):
            eventually(lambda: all(each.due > now for each in store.receivers.all()))
    states = {each.url: each.state for each in store.receivers.all()}
    assert states == {
        once: "failing",
        often: "suspended",
        long: "suspended",
        asks: "waiting",
    }
    host = them.url(1, "").removeprefix("http://")
    assert sorted(record.getMessage() for record in caplog.records) == [
        f"subscriber {host}: failed for three days; it misses what was new: it answers 500",
        f"subscriber {host}: failed: it answers 500; it is tried again",
        f"subscriber {host}: suspended, tried once an hour: it answers 500",
    ]


def test_while_nothing_happens_nothing_is_written(store: Store) -> None:
    with callbacks() as them:
        subscribe(store, them.url(1, "/ok/1"))
        publish(store, b"one")
        with pushing(store):
            eventually(lambda: have_all(store))
            with statements(store) as run:
                eventually(lambda: _looked_last(run) and len(run) > _looked_last(run) + 20)
            settled = run[_looked_last(run) + 1 :]
    written = ("INSERT", "UPDATE", "DELETE", "BEGIN IMMEDIATE")
    assert not [sql for sql, _ in settled if sql.startswith(written)]


def _looked_last(run: list[tuple[str, object]]) -> int:
    """Give the number of the last statement that looked for receivers that lack something."""
    return max((n for n, (sql, _) in enumerate(run) if "row_number" in sql), default=0)


def test_the_documents_that_are_remembered_are_few(store: Store) -> None:
    sender = Sender(store, CONFIG)
    paths = [f"tags/{number}.rss" for number in range(99)]
    store.documents.publish(map(rendition, paths), datetime.now(UTC))
    assert all(sender.document(path, 0) for path in paths)
    with statements(store) as run:
        assert sender.document(paths[-1], 0)
        assert not run
        assert sender.document(paths[0], 0)
        assert run
