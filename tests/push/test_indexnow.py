"""Search engines are told of the addresses of news, and can see that the key is the paper's."""

import time
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from feeds.config import Config
from feeds.push import indexnow, sending
from feeds.store import Receiver, Store
from feeds.web import create_app
from tests.newsroom import SITE, configured
from tests.processes import eventually
from tests.push.news import Listener, configure, fresh, latest_stamp, posted, publish, pushing

KEY = "3f1c5e0a9b7d"


@pytest.fixture
def engine(httpserver: HTTPServer) -> Listener:
    return Listener(httpserver, posted)


@pytest.fixture
def config(engine: Listener) -> Config:
    return telling(engine)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_FIRST_PAUSE", 0)


def telling(engine: Listener, location: str | None = None, **parts: Any) -> Config:
    settings = {"key": KEY, "endpoint": engine.url, "location": location}
    return configured(indexnow=settings, **parts)


def told(store: Store, config: Config, engine: Listener) -> list[str]:
    """Let the outbox tell all that is announced, and give the addresses."""
    with pushing(store, config):
        eventually(lambda: is_settled(store))
    return [url for submission in engine.heard for url in submission["urlList"]]


def is_settled(store: Store) -> bool:
    (receiver,) = store.receivers.all("indexnow")
    return receiver.position == latest_stamp(store) > 0


def test_addresses_are_submitted_together_with_the_key(
    store: Store, config: Config, engine: Listener
) -> None:
    configure(store, config)
    engine.answers.append(202)
    publish(store, fresh("1"), fresh("둘", url=f"{SITE}/news/2"))
    told(store, config, engine)
    (submission,) = engine.heard
    assert submission == {
        "host": "www.news.example",
        "key": KEY,
        "keyLocation": f"{SITE}/{KEY}.txt",
        "urlList": [f"{SITE}/articles/1", f"{SITE}/news/2"],
    }


def test_changed_and_withdrawn_articles_are_submitted_and_none_under_embargo(
    store: Store, config: Config, engine: Listener
) -> None:
    publish(store, *map(fresh, "1234"))
    configure(store, config)
    publish(
        store, fresh("1", title="새 제목"), fresh("2", status="withdrawn"), fresh("3", minutes=-9)
    )
    publish(store, fresh("4", comments=7), fresh("5", minutes=-9), fresh("6", status="withdrawn"))
    assert told(store, config, engine) == [f"{SITE}/articles/{one}" for one in "12"]


OTHER = "https://other.example"
IN_FOLDER, ON_OTHER = f"{SITE}/keys/{KEY}.txt", f"{OTHER}/{KEY}.txt"


@pytest.mark.parametrize(
    ("places", "url", "is_told"),
    [
        ((SITE, None), None, True),
        ((SITE, None), f"{SITE}/any/where?no=1", True),
        ((SITE, None), "http://www.news.example/1", True),
        ((SITE, None), "https://www.news.example.evil.example/1", False),
        ((SITE, None), f"{OTHER}/1", False),
        ((f"{SITE}/paper", None), None, True),
        ((f"{SITE}/paper", None), f"{SITE}/1", False),
        ((SITE, IN_FOLDER), f"{SITE}/keys/1", True),
        ((SITE, IN_FOLDER), f"{SITE}/keysmith", False),
        ((SITE, IN_FOLDER), None, False),
        ((SITE, ON_OTHER), f"{OTHER}/1", True),
        ((SITE, ON_OTHER), None, False),
    ],
)
def test_only_addresses_that_the_key_speaks_for_are_submitted(
    store: Store,
    engine: Listener,
    places: tuple[str, str | None],
    url: str | None,
    *,
    is_told: bool,
) -> None:
    site, location = places
    config = telling(engine, location, site={"url": site})
    configure(store, config)
    publish(store, fresh("1", url=url))
    assert told(store, config, engine) == ([url or f"{site}/articles/1"] if is_told else [])
    for submission in engine.heard:
        assert submission["keyLocation"] == (location or f"{site}/{KEY}.txt")
        assert submission["keyLocation"].startswith(f"https://{submission['host']}/")


def test_many_addresses_are_submitted_in_parts_and_an_address_once(
    store: Store, config: Config, engine: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexnow, "_MOST_AT_ONCE", 3)
    configure(store, config)
    publish(
        store, *(fresh(str(number)) for number in range(5)), fresh("5", url=f"{SITE}/articles/4")
    )
    told(store, config, engine)
    assert [[url[-1] for url in each["urlList"]] for each in engine.heard] == [
        list("012"),
        list("34"),
    ]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (403, f"it answers 403: see that {SITE}/{KEY}.txt answers with the key from outside"),
        (422, "it answers 422: see that site.url is the address that readers use, and that"),
        (500, "it answers 500"),
    ],
)
def test_a_refused_submission_says_what_to_do_and_is_repeated_with_what_is_new(
    store: Store, config: Config, engine: Listener, status: int, reason: str
) -> None:
    configure(store, config)
    failing = list[Receiver]()
    engine.answers.extend([status, status])

    def meanwhile() -> None:
        failing.extend(store.receivers.all("indexnow"))
        publish(store, fresh(str(len(engine.heard) + 1)))

    engine.meanwhile = meanwhile
    publish(store, fresh("1"))
    told(store, config, engine)
    assert failing[1].reason is not None
    assert failing[1].reason.startswith(reason)
    assert {url[-1] for url in engine.heard[-1]["urlList"]} <= {"1", "2", "3"}
    assert {url[-1] for each in engine.heard[2:] for url in each["urlList"]} == {"1", "2", "3"}


def test_an_engine_that_is_told_too_much_is_left_alone_as_long_as_it_asks(
    store: Store, config: Config, engine: Listener
) -> None:
    configure(store, config)
    engine.answers.append(429)
    publish(store, fresh("1"))
    before = int(time.time())
    with pushing(store, config):
        eventually(lambda: store.receivers.all("indexnow")[0].attempts)
    (receiver,) = store.receivers.all("indexnow")
    assert (receiver.reason, len(engine.heard)) == ("it answers 429", 1)
    assert before + 600 <= receiver.due <= time.time() + 600


def test_the_key_is_shown_at_its_address(store: Store) -> None:
    client = create_app(store, configured(indexnow={"key": KEY})).test_client()
    shown = client.get(f"/{KEY}.txt")
    assert (shown.status_code, shown.text, shown.mimetype) == (200, KEY, "text/plain")
    assert client.head(f"/{KEY}.txt").status_code == 200
    assert client.get("/another.txt").status_code == 404


def test_a_key_that_is_elsewhere_is_not_shown(store: Store) -> None:
    settings = {"key": KEY, "location": f"{OTHER}/{KEY}.txt"}
    client = create_app(store, configured(indexnow=settings)).test_client()
    assert client.get(f"/{KEY}.txt").status_code == 404
