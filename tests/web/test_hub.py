"""The hub's address: which requests it accepts, and how it refuses others (WebSub, 5.1)."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import Client, TestResponse

from feeds.config import Config
from feeds.model import PAGES
from feeds.store import Receiver, Store
from feeds.store.receivers import _row
from feeds.store.schema import receivers
from feeds.web import create_app
from feeds.web.limits import Limit
from tests.paper import settings
from tests.store.samples import NOW, rendition
from tests.web.conftest import away, front_of

FEEDS = "https://www.news.example/feeds/"
CALLBACK = "https://reader.example/push?id=7&x=%EC%A7%80"
REGION = f"{FEEDS}sections/{quote('지역')}.rss"
DAY = 86_400


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return settings(tmp_path, views={"proxies": 1})


@pytest.fixture
def client(store: Store, config: Config) -> FlaskClient:
    gone, page = rendition("tags/gone.rss"), rendition("/sections/지역", term=PAGES)
    feeds = [rendition(), rendition("sections/지역.rss"), gone]
    store.documents.publish([*feeds, page], NOW)
    store.documents.remove([gone.path], NOW)
    return create_app(store, config).test_client()


def ask(client: FlaskClient, network: int = 0, **parameters: str) -> TestResponse:
    """Send a request that is right, apart from the parameters that are given."""
    form = {"mode": "subscribe", "topic": f"{FEEDS}latest.rss", "callback": CALLBACK, **parameters}
    named = {f"hub.{name}": value for name, value in form.items()}
    return client.post("/hub", data=named, headers={"X-Forwarded-For": f"192.0.{network}.1"})


def requests_in(store: Store) -> list[Receiver]:
    return store.receivers.all("subscribe", "unsubscribe")


@pytest.mark.parametrize(
    ("parameters", "path", "lease"),
    [
        ({}, "latest.rss", 10 * DAY),
        ({"topic": REGION}, "sections/지역.rss", 10 * DAY),
        ({"lease_seconds": ""}, "latest.rss", 10 * DAY),
        ({"lease_seconds": "86400"}, "latest.rss", DAY),
        ({"lease_seconds": "1"}, "latest.rss", 3600),
        ({"lease_seconds": "999999999999"}, "latest.rss", 30 * DAY),
        ({"secret": ""}, "latest.rss", 10 * DAY),
        ({"foo": "bar", "verify": "sync"}, "latest.rss", 10 * DAY),
        ({"mode": "unsubscribe"}, "latest.rss", None),
        ({"mode": "unsubscribe", "lease_seconds": "soon", "secret": "x" * 200}, "latest.rss", None),
    ],
)
def test_a_request_waits_for_verification(
    client: FlaskClient, store: Store, parameters: dict[str, str], path: str, lease: int | None
) -> None:
    response = ask(client, **parameters)
    assert (response.status_code, response.mimetype) == (202, "text/plain")
    (request,) = requests_in(store)
    mode = parameters.get("mode", "subscribe")
    assert (request.kind, request.topic, request.lease) == (mode, path, lease)
    assert (request.url, request.secret) == (CALLBACK, None)
    assert store.receivers.all("subscriber") == []


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"mode": ""}, 'hub.mode must be subscribe or unsubscribe, not ""'),
        ({"mode": "publish"}, "hub.mode must be subscribe or unsubscribe, not"),
        ({"mode": "denied"}, "hub.mode must be subscribe or unsubscribe, not"),
        ({"topic": ""}, "hub.topic must be the self link of a feed of https://www.news.example"),
        ({"topic": "https://other.example/feeds/latest.rss"}, "hub.topic must be the self link"),
        ({"topic": f"{FEEDS}tags/none.rss"}, "hub.topic must be the self link"),
        ({"topic": f"{FEEDS}tags/gone.rss"}, "hub.topic must be the self link"),
        ({"topic": f"{FEEDS}/sections/{quote('지역')}"}, "hub.topic must be the self link"),
        ({"topic": f"{FEEDS}late%00st.rss"}, "hub.topic must be written as"),
        ({"topic": f"{FEEDS}sections/지역.rss"}, f"as the feed's self link: {REGION}\n"),
        ({"topic": REGION.lower()}, f"as the feed's self link: {REGION}\n"),
        ({"callback": ""}, "hub.callback must be an http(s) URL"),
        ({"callback": "/push"}, "hub.callback must be an http(s) URL"),
        ({"callback": "ftp://reader.example/"}, "hub.callback must be an http(s) URL"),
        ({"callback": "https://me:pass@reader.example/"}, "hub.callback must not carry a user"),
        ({"callback": "https://reader.example/#a"}, "hub.callback must not have a fragment"),
        ({"callback": "https://reader.example/푸시"}, "a URI: https://reader.example/%ED%91%B8"),
        ({"callback": f"https://reader.example/{'a' * 2000}"}, "hub.callback is longer than 2000"),
        ({"lease_seconds": "-1"}, "hub.lease_seconds must be a number of seconds"),
        ({"lease_seconds": "1e3"}, "hub.lease_seconds must be a number of seconds"),
        ({"lease_seconds": "9" * 5000}, "hub.lease_seconds must be a number of seconds"),
        ({"secret": "글" * 67}, "hub.secret must be shorter than 200 bytes"),
    ],
)
def test_a_wrong_request_is_refused_in_a_sentence(
    client: FlaskClient, store: Store, parameters: dict[str, str], reason: str
) -> None:
    response = ask(client, **parameters)
    assert (response.status_code, response.mimetype) == (400, "text/plain")
    assert reason in response.text
    assert response.text.count("\n") == 1
    assert requests_in(store) == []


@pytest.mark.parametrize(
    ("method", "media_type", "body", "status"),
    [
        ("POST", "application/json", "{}", 415),
        ("POST", "multipart/form-data; boundary=a", "--a--", 415),
        ("POST", "application/x-www-form-urlencoded", "hub.mode=" + "a" * 16_384, 413),
        ("GET", "", "", 200),
        ("HEAD", "", "", 200),
        ("PUT", "application/x-www-form-urlencoded", "", 405),
    ],
)
def test_only_a_short_form_is_read(
    client: FlaskClient, method: str, media_type: str, body: str, status: int
) -> None:
    response = client.open("/hub", method=method, content_type=media_type, data=body)
    assert response.status_code == status
    assert status != 405 or "POST" in response.headers["Allow"]


def test_parameters_may_encode_every_character(client: FlaskClient, store: Store) -> None:
    given = {"hub.mode": "subscribe", "hub.topic": REGION, "hub.callback": CALLBACK}
    form = "&".join(f"{name}={_all_encoded(value)}" for name, value in given.items())
    media_type = "application/x-www-form-urlencoded; charset=utf-8"
    assert client.post("/hub", data=form, content_type=media_type).status_code == 202
    (request,) = requests_in(store)
    assert (request.topic, request.url) == ("sections/지역.rss", CALLBACK)


def _all_encoded(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def test_a_newer_request_of_a_client_replaces_the_older_one(
    client: FlaskClient, store: Store
) -> None:
    for parameters in ({}, {"lease_seconds": "7200"}, {"mode": "unsubscribe"}):
        assert ask(client, **parameters).status_code == 202
    (request,) = requests_in(store)
    assert request.kind == "unsubscribe"


def test_a_secret_is_stored_encrypted(client: FlaskClient, store: Store, tmp_path: Path) -> None:
    assert ask(client, secret="장미꽃 secret").status_code == 202
    (request,) = requests_in(store)
    assert request.secret
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("newsroom.db*"))
    assert request.secret.encode() in stored
    assert b"secret\x00" not in stored
    assert "장미꽃".encode() not in stored
    assert (tmp_path / "hub.key").stat().st_mode & 0o777 == 0o600


def test_a_secret_that_cannot_be_encrypted_is_not_stored(
    client: FlaskClient, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "hub.key").write_text("short")
    assert ask(client, secret="rose").status_code == 503
    assert "is shorter than 32 characters" in caplog.text
    assert requests_in(store) == []
    assert ask(client).status_code == 202


@pytest.mark.parametrize(
    ("requests", "parameters", "accepted"),
    [
        # Of a network: 300 requests a minute, whatever they are about.
        (301, lambda _: {"mode": "publish"}, 300),
        # For a callback and a topic: 5 a minute, from wherever they come.
        (6, lambda n: {"network": n}, 5),
    ],
)
def test_requests_have_limits_of_a_minute(
    client: FlaskClient, requests: int, parameters: Callable[[int], dict[str, Any]], accepted: int
) -> None:
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=UTC), tick=False) as clock:
        answers = [ask(client, **parameters(n)) for n in range(requests)]
        assert [each.status_code == 429 for each in answers].index(True) == accepted
        assert answers[-1].headers["Retry-After"] == "60"
        assert "try again in 60 seconds" in answers[-1].text
        clock.shift(60)
        assert ask(client, **parameters(0)).status_code != 429


@pytest.mark.parametrize(
    ("kind", "topics"),
    [
        ("subscriber", ["latest.rss"] * 100),
        ("subscribe", ["latest.rss", *(f"tags/{n}.rss" for n in range(199))]),
    ],
)
def test_a_callback_host_has_limits_but_may_renew(
    client: FlaskClient, store: Store, kind: str, topics: list[str]
) -> None:
    numbered = enumerate(topics)
    many = [Receiver(kind, f"https://reader.example/{n}", topic) for n, topic in numbered]
    with store._database.writing() as connection:
        connection.execute(sa.insert(receivers), [_row(each) for each in many])
    refused = ask(client, callback=CALLBACK)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert "host" in refused.text
    assert ask(client, callback="https://other.example/1").status_code == 202
    for mode in ("subscribe", "unsubscribe"):
        assert ask(client, mode=mode, callback="https://reader.example/0").status_code == 202


def test_strangers_who_name_the_host_of_a_subscriber_do_not_keep_it_from_renewing(
    client: FlaskClient, store: Store
) -> None:
    callback = "https://reader.example/unguessable"
    strangers = [Receiver("subscribe", f"https://reader.example/{n}", "tags/1") for n in range(200)]
    many = [Receiver("subscriber", callback, "latest.rss"), *strangers]
    with store._database.writing() as connection:
        connection.execute(sa.insert(receivers), [_row(each) for each in many])
    assert ask(client).status_code == 429
    assert ask(client, callback=callback, topic=REGION).status_code == 429
    assert ask(client, callback=callback).status_code == 202


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_web_process_that_was_asked_about_the_hub_still_takes_requests(
    client: FlaskClient, store: Store, config: Config, method: str
) -> None:
    front = Client(front_of(store, config))
    assert front.open("/hub", method=method).status_code == 200
    form = {"mode": "subscribe", "topic": f"{FEEDS}latest.rss", "callback": CALLBACK}
    named = {f"hub.{name}": value for name, value in form.items()}
    assert front.post("/hub", data=named).status_code == 202


def test_a_store_that_is_away_is_told(client: FlaskClient, tmp_path: Path) -> None:
    with away(tmp_path):
        response = ask(client)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")


@pytest.mark.parametrize("hub", ["none", "https://hub.example/"])
def test_there_is_no_hub_unless_the_config_opens_it(store: Store, tmp_path: Path, hub: str) -> None:
    client = create_app(store, settings(tmp_path, websub={"hub": hub})).test_client()
    assert ask(client).status_code in (404, 405)
    assert client.get("/hub").status_code == 404


def test_a_limit_forgets_clients_that_rest() -> None:
    limit = Limit(2, 60)
    assert [limit.take("a", now) for now in (0, 10, 20)] == [0, 0, 40]
    assert limit.take("b", 50) == 0
    assert limit.take("a", 60) == 0  # its first act is a minute ago
    assert [limit.take("a", now) for now in (61, 69)] == [9, 1]
    assert limit.take("c", 121) == 0
    assert list(limit._times) == ["c"]
