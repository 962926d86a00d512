"""Webhooks are told of news as Standard Webhooks 1.0 says; its own library is the receiver."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook
from werkzeug import Request

from feeds.config import Config
from feeds.push import sending
from feeds.store import Receiver, Store, open_store
from feeds.worker import publish_all, rank
from tests.newsroom import configured, document
from tests.paper import write_config
from tests.processes import FEEDS, eventually, started
from tests.push.news import Listener, configure, fresh, latest_stamp, publish, pushing
from tests.store.samples import rows, save

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEWS = ["published", "updated", "withdrawn"]


class Message(NamedTuple):
    """A message that the library accepted."""

    id: str
    type: str
    timestamp: str
    data: dict[str, Any]

    @property
    def about(self) -> str:
        """Say of which article it tells what."""
        return f"{self.type} {self.data['id'].rpartition(':')[2]}"


def verified(request: Request) -> Message:
    """Read a message; raises if its signature is wrong, or its timestamp minutes off."""
    assert request.mimetype == "application/json"
    told = Webhook(SECRET).verify(request.data, dict(request.headers))
    assert list(told) == ["type", "timestamp", "data"]
    return Message(request.headers["webhook-id"], *told.values())


@pytest.fixture
def hook(httpserver: HTTPServer) -> Listener:
    return Listener(httpserver, verified)


@pytest.fixture
def config(hook: Listener) -> Config:
    return told_of(hook, *NEWS)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_FIRST_PAUSE", 0)


@pytest.fixture
def running(store: Store, config: Config) -> Iterator[None]:
    """An outbox that has nothing to tell yet."""
    configure(store, config)
    with pushing(store, config):
        yield


def told_of(hook: Listener, *events: str, **parts: Any) -> Config:
    return configured(hooks=[{"url": hook.url, "on": events, "secret": SECRET}], **parts)


def wait_for(hook: Listener, *expected: str) -> None:
    """Wait until so much was heard, and compare."""
    eventually(lambda: len(hook.heard) >= len(expected))
    assert [each.about for each in hook.heard] == list(expected)


def is_settled(store: Store) -> bool:
    """Say whether something was announced, and no webhook lacks it."""
    head = latest_stamp(store)
    return head > 0 and all(each.position == head for each in store.receivers.all("hook"))


@pytest.mark.usefixtures("running")
def test_a_webhook_is_told_what_happens_to_an_article(store: Store, hook: Listener) -> None:
    """Of a withdrawn one only its id and its address."""
    one, events = fresh("1"), list[str]()
    for saved, event in (
        (one, "published"),
        (replace(one, title="새 제목"), "updated"),
        (replace(one, title="새 제목", status="withdrawn"), "withdrawn"),
        (one, "published"),
    ):
        publish(store, saved)
        events.append(f"{event} 1")
        wait_for(hook, *events)
    ids = [each.id for each in hook.heard]
    assert len(set(ids)) == len(ids)
    titles = [each.data.get("title") for each in hook.heard]
    assert titles == [one.title, "새 제목", None, one.title]
    published, _, withdrawn, _ = hook.heard
    kept = {"id": published.data["id"], "url": published.data["url"]}
    assert withdrawn.data == kept | {"date_modified": withdrawn.timestamp}


def test_the_data_is_the_item_of_the_json_feed(
    store: Store, config: Config, hook: Listener
) -> None:
    configure(store, config)
    publish(
        store, fresh("1", sections=("지역",), body_html="<p>본문</p>", comments=3, subtitle="b")
    )
    assert publish_all(store, config)
    with pushing(store, config):
        eventually(lambda: hook.heard)
    (item,) = json.loads(document(store, "latest.json").body)["items"]
    assert hook.heard[0].data == item
    told = datetime.fromisoformat(hook.heard[0].timestamp)
    assert abs(told - datetime.now(UTC)) < timedelta(minutes=1)
    assert told.utcoffset() == timedelta(hours=9)


def test_a_webhook_is_told_only_of_the_events_that_it_asks_for(
    store: Store, hook: Listener
) -> None:
    config = told_of(hook, "withdrawn")
    configure(store, config)
    publish(store, fresh("1"), fresh("2"))
    with pushing(store, config):
        eventually(lambda: is_settled(store))
        publish(store, fresh("1", status="withdrawn"))
        wait_for(hook, "withdrawn 1")


def test_a_new_webhook_hears_of_what_comes_next(
    store: Store, config: Config, hook: Listener
) -> None:
    publish(store, fresh("0"))
    configure(store, config)
    publish(store, fresh("1"))
    with pushing(store, config):
        wait_for(hook, "published 1")


@pytest.mark.parametrize("status", [500, 503, 404, 410, 302])
def test_a_message_that_fails_is_repeated_before_any_later_one(
    store: Store, config: Config, hook: Listener, status: int
) -> None:
    configure(store, config)
    hook.answers.extend([200, status, status])
    for one in "abc":
        publish(store, fresh(one))
    with pushing(store, config):
        wait_for(hook, *(f"published {one}" for one in "abbbc"))
    assert len({each.id for each in hook.heard}) == 3
    assert hook.heard[1] == hook.heard[2] == hook.heard[3]


@pytest.mark.parametrize(
    "hidden",
    [{"status": "withdrawn"}, {"minutes": -60, "url": "https://www.news.example/다음"}],
    ids=["withdrawn", "embargoed again"],
)
def test_what_is_told_is_what_readers_may_see_then(
    store: Store, config: Config, hook: Listener, hidden: dict[str, Any]
) -> None:
    configure(store, config)
    hook.answers.append(500)
    hook.meanwhile = lambda: publish(store, fresh("1", title="다음 제목", **hidden))
    publish(store, fresh("1"))
    with pushing(store, config):
        eventually(lambda: len(hook.heard) > 1 and is_settled(store))
    first, *later = hook.heard
    assert first.about == "published 1"
    assert {each.about for each in later} == {"withdrawn 1"}
    assert first.id not in {each.id for each in later}
    assert "다음" not in json.dumps([each.data for each in later], ensure_ascii=False)


def test_an_article_that_no_feed_can_carry_is_not_told_and_holds_up_no_other(
    store: Store, hook: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    config = told_of(hook, *NEWS, feeds={"article_kb": 1})
    configure(store, config)
    publish(store, fresh("1", body_text="가" * 1024))
    publish(store, fresh("2"))
    with pushing(store, config), caplog.at_level(logging.WARNING):
        wait_for(hook, "published 2")
    (line,) = [each.getMessage() for each in caplog.records if each.name == "feeds.push.hooks"]
    assert line.startswith("article 1 was sent to no webhook: body: it is larger than 1 kB")


def test_the_order_of_the_most_read_is_told_when_it_changes(store: Store, hook: Listener) -> None:
    config = told_of(hook, "most-read")
    configure(store, config)

    def read(views: dict[str, int]) -> list[str]:
        publish(store, *(fresh(one, views=number) for one, number in views.items()))
        assert rank(store, config)
        assert publish_all(store, config)
        return sorted(views, key=lambda one: -views[one])

    with pushing(store, config):
        for number, views in enumerate(({"a": 5, "b": 9}, {"a": 50, "b": 9}), 1):
            order = read(views)
            eventually(lambda: len(hook.heard) >= number)  # noqa: B023 - called at once
            told = hook.heard[-1]
            assert (told.type, list(told.data)) == ("most-read", ["items"])
            assert [each["id"][-1] for each in told.data["items"]] == order
        save(store, fresh("a", title="고친 제목", views=50))
        assert publish_all(store, config)
        changed = document(store, "most-read.json").last_modified
        eventually(lambda: store.receivers.all("most-read")[0].position == changed)
    assert len(hook.heard) == number
    assert len({each.id for each in hook.heard}) == len(hook.heard)
    assert store.receivers.all("hook") == []


def test_a_killed_worker_repeats_messages_and_loses_none(
    tmp_path: Path, hook: Listener, store_url: str
) -> None:
    write_config(tmp_path, hooks=[{"url": hook.url, "on": NEWS, "secret": SECRET}])
    ids = [f"{number:02}" for number in range(40)]
    with open_store(store_url) as store:
        configure(store, told_of(hook, *NEWS))
        publish(store, *map(fresh, ids))
        for killed_after in (20, None):
            with started([*FEEDS, "worker"], tmp_path) as worker:
                if killed_after is None:
                    eventually(lambda: is_settled(store))
                else:
                    eventually(lambda: len(hook.heard) >= killed_after)  # noqa: B023
                    worker.kill()
    first = dict.fromkeys(each.about for each in hook.heard)
    assert list(first) == [f"published {one}" for one in ids]
    assert len({(each.id, each.about) for each in hook.heard}) == len(ids)


def test_a_webhook_for_articles_and_the_order_is_two_receivers_until_the_config_drops_it(
    store: Store, hook: Listener
) -> None:
    configure(store, told_of(hook, *NEWS, "most-read"))
    kinds = {(each.kind, each.url, each.topic) for each in store.receivers.all()}
    assert kinds == {("hook", hook.url, ""), ("most-read", hook.url, "most-read.json")}
    publish(store, fresh("1"))
    configure(store, configured())
    publish(store, fresh("2"))
    assert (store.receivers.all(), rows(store, "unannounced")) == (list[Receiver](), 0)
