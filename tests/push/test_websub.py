"""What the hub sends to callbacks, and what follows from their answers (WebSub, 5.2, 5.3, 7)."""

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, quote

import pytest
import time_machine
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feeds.config import Config
from feeds.push import websub
from feeds.push.cipher import encrypt
from feeds.push.sending import Outcome, Sender, after
from feeds.store import Receiver, Store
from feeds.web import create_app
from tests.paper import settings
from tests.processes import eventually
from tests.push.news import pushing
from tests.store.samples import rendition

TOPIC = "sections/지역.rss"
TOPIC_URL = f"https://www.news.example/feeds/{quote(TOPIC)}"
BODY = "<rss>제목</rss>".encode()
DAY = 86_400
PRESENT = int(time.time()) + 600  # the topic is published after all requests of a test
NOW = datetime.fromtimestamp(PRESENT, UTC)

Answer = Callable[[Request], Response]


class Callback:
    """A subscriber's callback; it repeats the challenge and takes what is delivered."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = f"http://127.0.0.1:{server.port}/push?id=7&x=%EC%A7%80"
        self.requests: list[Request] = []
        self.answer: Answer = lambda request: Response(request.args.get("hub.challenge", ""))
        server.expect_request("/push").respond_with_handler(self._respond)

    def _respond(self, request: Request) -> Response:
        request.get_data()
        self.requests.append(request)
        return self.answer(request)

    def query(self) -> list[tuple[str, str]]:
        """Give the query of the only request."""
        (request,) = self.requests
        return parse_qsl(request.query_string.decode(), strict_parsing=True)


@pytest.fixture
def callback(httpserver: HTTPServer) -> Callback:
    return Callback(httpserver)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return settings(tmp_path, views={"proxies": 1}, websub={"allow_private": True})


@pytest.fixture
def sender(store: Store, config: Config) -> Sender:
    store.documents.publish([rendition(TOPIC, BODY, media_type="application/rss+xml")], NOW)
    return Sender(store, config)


def asked(
    sender: Sender, callback: Callback, kind: str = "subscribe", **fields: object
) -> Receiver:
    """Let a request wait for its verification."""
    request = Receiver(kind, callback.url, TOPIC, **({"lease": DAY} | fields))
    sender.store.receivers.request(request)
    return sender.store.receivers.all(kind)[0]


def subscribed(sender: Sender, callback: Callback, secret: str = "") -> Receiver:
    """Make a subscription."""
    kept = encrypt(secret, sender.config.websub.key) if secret else None
    sender.store.receivers.subscribe(asked(sender, callback, secret=kept), PRESENT)
    return sender.store.receivers.all("subscriber")[0]


def kinds(sender: Sender) -> list[str]:
    return [each.kind for each in sender.store.receivers.all()]


def test_a_subscriber_that_repeats_the_challenge_is_subscribed(
    sender: Sender, callback: Callback
) -> None:
    websub.verify(asked(sender, callback), PRESENT, sender)
    # The query of the callback comes first, and as it was given.
    assert callback.requests[0].query_string.startswith(b"id=7&x=%EC%A7%80&hub.")
    own, given = callback.query()[:2], dict(callback.query()[2:])
    assert own == [("id", "7"), ("x", "지")]
    assert (given["hub.mode"], given["hub.topic"]) == ("subscribe", TOPIC_URL)
    assert given["hub.lease_seconds"] == f"{DAY}"
    assert len(given["hub.challenge"]) >= 40
    (subscriber,) = sender.store.receivers.all()
    assert (subscriber.kind, subscriber.lease) == ("subscriber", DAY)
    now = datetime.now(UTC).timestamp()
    assert now + DAY - 60 < (subscriber.expires or 0) <= now + DAY


def test_parameters_of_the_callback_with_the_same_names_stay(
    sender: Sender, callback: Callback
) -> None:
    request = replace(asked(sender, callback), url=f"{callback.url}&hub.mode=mine")
    callback.answer = lambda _: Response(status=404)
    websub.verify(request, PRESENT, sender)
    assert callback.requests[0].args.getlist("hub.mode") == ["mine", "subscribe"]


def test_each_challenge_is_another(sender: Sender, callback: Callback) -> None:
    for _ in range(3):
        websub.verify(asked(sender, callback), PRESENT, sender)
    assert len({request.args["hub.challenge"] for request in callback.requests}) == 3


@pytest.mark.parametrize(
    ("answer", "is_over"),
    [
        (lambda _: Response(status=404), True),
        (lambda _: Response("another text"), True),
        (lambda request: Response(request.args["hub.challenge"] + "\n"), True),
        (lambda request: Response(request.args["hub.challenge"], 302, {"Location": "/"}), True),
        (lambda request: Response(request.args["hub.challenge"], 403), True),
        (lambda _: Response(status=429), False),
        (lambda request: Response(request.args["hub.challenge"], 500), False),
        (lambda _: Response(status=503), False),
    ],
)
@pytest.mark.parametrize("kind", ["subscribe", "unsubscribe"])
def test_a_failed_verification_leaves_the_subscription_as_it_was(
    sender: Sender, callback: Callback, kind: str, answer: Answer, *, is_over: bool
) -> None:
    before = subscribed(sender, callback, "rose")
    callback.answer = answer
    request = asked(sender, callback, kind, lease=7200, secret="other")
    outcome = websub.verify(request, PRESENT, sender)
    assert outcome.fault
    assert outcome.is_over == is_over
    assert len(callback.requests) == 1
    assert sender.store.receivers.all("subscriber") == [before]


def test_a_renewal_replaces_lease_and_secret_once_it_is_verified(
    sender: Sender, callback: Callback
) -> None:
    before = subscribed(sender, callback, "rose")
    request = asked(sender, callback, lease=7200, secret=None)
    assert sender.store.receivers.all("subscriber") == [before]
    websub.verify(request, PRESENT, sender)
    (renewed,) = sender.store.receivers.all()
    assert (renewed.lease, renewed.secret, renewed.position) == (7200, None, before.position)


def test_a_newer_request_waits_for_a_verification_of_its_own(
    sender: Sender, callback: Callback
) -> None:
    first = asked(sender, callback)
    second = asked(sender, callback, "unsubscribe")
    websub.verify(first, PRESENT, sender)
    assert kinds(sender) == ["subscriber", "unsubscribe"]
    websub.verify(second, PRESENT, sender)
    assert kinds(sender) == []
    assert "hub.lease_seconds" not in callback.requests[1].args


def test_a_thousand_requests_for_a_callback_cause_a_few(sender: Sender, callback: Callback) -> None:
    callback.answer = lambda _: Response(status=404)
    given = {"mode": "subscribe", "topic": TOPIC_URL, "callback": callback.url}
    form = {f"hub.{name}": value for name, value in given.items()}
    client = create_app(sender.store, sender.config).test_client()
    with time_machine.travel(NOW, tick=False):
        for n in range(1000):  # from many networks, and each is verified at once
            address = {"X-Forwarded-For": f"10.{n % 250}.{n // 250}.1"}
            client.post("/hub", data=form, headers=address)
            for request in sender.store.receivers.all("subscribe"):
                websub.verify(request, PRESENT, sender)
                sender.store.receivers.unsubscribe(request)  # it is over
    assert len(callback.requests) == 5


def test_a_subscriber_gets_the_bytes_of_the_topic(sender: Sender, callback: Callback) -> None:
    outcome = websub.distribute(subscribed(sender, callback), PRESENT, sender)
    (request,) = callback.requests
    assert (request.method, request.query_string) == ("POST", b"id=7&x=%EC%A7%80")
    assert (request.data, request.content_type) == (BODY, "application/rss+xml")
    links = f'<https://www.news.example/hub>; rel="hub", <{TOPIC_URL}>; rel="self"'
    assert request.headers.getlist("Link") == [links]
    assert "X-Hub-Signature" not in request.headers
    assert outcome == Outcome(PRESENT)


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_what_is_sent_is_signed_with_the_secret(
    store: Store, sender: Sender, callback: Callback, tmp_path: Path, method: str
) -> None:
    hub = {"signature": method, "allow_private": True}
    signing = replace(sender, config=settings(tmp_path, websub=hub))
    websub.distribute(subscribed(signing, callback, "장미"), PRESENT, signing)
    wanted = hmac.new("장미".encode(), BODY, getattr(hashlib, method)).hexdigest()
    assert callback.requests[0].headers["X-Hub-Signature"] == f"{method}={wanted}"


def test_nothing_is_sent_unsigned_to_a_subscriber_with_a_secret(
    sender: Sender, callback: Callback, tmp_path: Path
) -> None:
    subscribed(sender, callback, "rose")
    (tmp_path / "hub.key").unlink()
    sender.store.documents.publish([rendition(TOPIC, b"<rss>new</rss>")], NOW)
    with pushing(sender.store, sender.config):
        eventually(lambda: sender.store.receivers.all()[0].attempts)
    (failing,) = sender.store.receivers.all()
    assert failing.delivered is None
    assert failing.reason == (
        "its secret was encrypted with another key; put that key back into"
        f" {tmp_path / 'hub.key'}, or into FEEDS_HUB_KEY, or wait until the subscriber renews"
    )
    assert callback.requests == []
    assert not (tmp_path / "hub.key").exists()


@pytest.mark.parametrize("status", [200, 202, 204, 301, 307, 400, 404, 410, 429, 500, 503])
def test_only_the_status_of_an_answer_counts(
    sender: Sender, callback: Callback, status: int
) -> None:
    callback.answer = lambda _: Response("<error/>", status, {"Location": "/push"})
    outcome = websub.distribute(subscribed(sender, callback), PRESENT, sender)
    failed = Outcome(fault=f"it answers {status}", is_over=status == 410)
    assert outcome == (Outcome(PRESENT) if status < 300 else failed)
    assert len(callback.requests) == 1


@pytest.mark.parametrize("is_gone", [True, False])
def test_a_subscriber_that_gets_no_more_is_told(
    sender: Sender, callback: Callback, tmp_path: Path, *, is_gone: bool
) -> None:
    subscriber = subscribed(sender, callback)
    if is_gone:
        sender.store.documents.remove([TOPIC], NOW)
    else:  # the paper leaves its subscribers to another hub
        hubs = {"hub": "https://hub.example/", "allow_private": True}
        sender = replace(sender, config=settings(tmp_path, websub=hubs))
    assert websub.distribute(subscriber, PRESENT, sender).is_over
    (denied,) = sender.store.receivers.all("denied")
    assert callback.requests == []
    callback.answer = lambda _: Response(status=404)
    assert websub.deny(denied, PRESENT, sender).is_over
    given = dict(callback.query()[2:])
    assert (given["hub.mode"], given["hub.topic"]) == ("denied", TOPIC_URL)
    assert given["hub.reason"] == "The feed is gone, moved, has another hub, or sends you no more."
    assert callback.requests[0].method == "GET"


def test_a_subscription_ends_with_its_lease(sender: Sender, callback: Callback) -> None:
    subscribed(sender, callback)
    sender.store.documents.publish([rendition(TOPIC, b"<rss>new</rss>")], NOW)
    pending = sender.store.receivers.pending
    assert [each.kind for each, _ in pending(9, PRESENT + DAY - 1)] == ["subscriber"]
    assert pending(9, PRESENT + DAY) == []
    sender.store.receivers.forget_expired(PRESENT + DAY)
    assert kinds(sender) == []


def test_a_subscription_outlives_deliveries_that_are_given_up(
    sender: Sender, callback: Callback
) -> None:
    subscriber = replace(subscribed(sender, callback), failing=PRESENT - 4 * DAY, attempts=70)
    callback.answer = lambda _: Response(status=500)
    outcome = websub.distribute(subscriber, PRESENT, sender)
    state = after(subscriber, outcome, PRESENT, PRESENT)
    assert state
    sender.store.receivers.save([state])
    (given_up,) = sender.store.receivers.all()
    assert (given_up.position, given_up.delivered) == (PRESENT, None)
    later = NOW + timedelta(hours=2)
    sender.store.documents.publish([rendition(TOPIC, b"<rss>new</rss>")], later)
    ((again, head),) = sender.store.receivers.pending(9, int(later.timestamp()))
    callback.answer = lambda _: Response()
    assert websub.distribute(again, head, sender) == Outcome(int(later.timestamp()))
    assert callback.requests[-1].data == b"<rss>new</rss>"
