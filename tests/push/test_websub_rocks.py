"""The tests of websub.rocks for hubs, 100 to 106, with a service and subscribers over real HTTP.

105 has a text as its topic. Ours are RSS, Atom and JSON; each is sent with its own media type.
"""

import hmac
import json
from collections.abc import Iterator
from itertools import count
from urllib.parse import quote

import pytest
import urllib3
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from werkzeug.http import parse_list_header, unquote_header_value

from tests.paper import record, write_articles, write_config
from tests.processes import Running, eventually, free_port, imported, serving

TOKEN = {"Authorization": "Bearer secret"}
NUMBERS = count(1)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A paper whose site is the service itself; each client writes its own address."""
    folder, port = tmp_path_factory.mktemp("paper"), free_port()
    parts = {"websub": {"allow_private": True}, "views": {"proxies": 1}}
    write_config(folder, f"http://127.0.0.1:{port}", **parts)
    imported(folder, write_articles(folder / "a.jsonl", [record("1", sections=["지역"])]))
    with serving(folder, port, FEEDS_API_TOKEN="secret") as running:
        running.published(f"/feeds/sections/{quote('지역')}.rss")
        yield running


class Subscriber:
    """A subscriber with an address of its own; it discovers its hub, and keeps all that it gets."""

    def __init__(self, service: Running, server: HTTPServer, form: str = "rss") -> None:
        number = next(NUMBERS)
        self.address = f"10.{number}.0.1"
        self.callback = f"http://127.0.0.1:{server.port}/{number}"
        self.asked: list[Request] = []
        self.got: list[Request] = []
        self.agrees = True
        server.expect_request(f"/{number}").respond_with_handler(self._respond)
        found = service.get(f"/feeds/sections/{quote('지역')}.{form}")
        links = _links(found.headers["Link"])
        self.hub, self.topic = links["hub"], links["self"]

    def ask(self, mode: str = "subscribe", **parameters: str) -> int:
        """Send the hub a request, and give the status of its answer."""
        return self.post(
            {f"hub.{name}": value for name, value in {"mode": mode, **parameters}.items()}
        )

    def post(self, form: dict[str, str]) -> int:
        form |= {"hub.topic": self.topic, "hub.callback": self.callback}
        headers = {"X-Forwarded-For": self.address}
        with urllib3.PoolManager(retries=False, timeout=10) as pool:
            return pool.request_encode_body(
                "POST", self.hub, form, headers, encode_multipart=False
            ).status

    def verified(self, number: int = 1) -> Request:
        """Wait until it was asked so often to verify a request."""
        eventually(lambda: len(self.asked) >= number)
        return self.asked[number - 1]

    def news(self, title: str) -> Request:
        """Wait for the delivery of an article."""
        return eventually(lambda: next(iter(self.all_news(title)), None))

    def all_news(self, title: str) -> list[Request]:
        return [each for each in self.got if title.encode() in each.data]

    def _respond(self, request: Request) -> Response:
        request.get_data()
        (self.asked if request.method == "GET" else self.got).append(request)
        is_refused = request.method == "GET" and not self.agrees
        return Response(request.args.get("hub.challenge", ""), 404 if is_refused else 200)


@pytest.fixture
def subscriber(service: Running, httpserver: HTTPServer) -> Subscriber:
    return Subscriber(service, httpserver)


def publish(service: Running) -> str:
    """Save an article of the section over the API, and give its title."""
    title = f"새 소식 {next(NUMBERS)}"
    body = json.dumps(record("new", title=title, sections=["지역"])).encode()
    with urllib3.PoolManager(retries=False, timeout=10) as pool:
        response = pool.request("PUT", f"{service.url}/api/articles/new", body=body, headers=TOKEN)
    assert response.status in (200, 201), response.data
    return title


def _type_of(delivery: Request, subscriber: Subscriber, service: Running) -> str:
    """Wait until the topic has the bytes of a delivery, and give its media type."""
    path = subscriber.topic.removeprefix(service.url)
    eventually(lambda: service.get(path).data == delivery.data)
    return service.get(path).headers["Content-Type"]


def _links(header: str) -> dict[str, str]:
    """Give the first URL of each relation in a Link header."""
    found: dict[str, str] = {}
    for link in parse_list_header(header):
        url, *parameters = link.split(";")
        relations = [each.strip()[4:] for each in parameters if each.strip().startswith("rel=")]
        found.setdefault(unquote_header_value(relations[0]), url.strip("<>"))
    return found


def test_100_a_typical_subscriber_is_verified_and_sent_the_topic(
    service: Running, subscriber: Subscriber
) -> None:
    assert subscriber.ask() == 202
    asked = subscriber.verified().args
    assert (asked["hub.mode"], asked["hub.topic"]) == ("subscribe", subscriber.topic)
    assert asked["hub.challenge"]
    assert int(asked["hub.lease_seconds"]) == 10 * 86_400
    delivery = subscriber.news(publish(service))
    assert delivery.content_type == _type_of(delivery, subscriber, service)
    links = _links(delivery.headers["Link"])
    assert (links["hub"], links["self"]) == (subscriber.hub, subscriber.topic)
    assert "X-Hub-Signature" not in delivery.headers


def test_101_a_subscriber_with_a_secret_gets_a_signature(
    service: Running, subscriber: Subscriber
) -> None:
    assert subscriber.ask(secret="장미 rose", lease_seconds="7200") == 202
    assert subscriber.verified().args["hub.lease_seconds"] == "7200"
    delivery = subscriber.news(publish(service))
    wanted = hmac.digest("장미 rose".encode(), delivery.data, "sha256").hex()
    assert delivery.headers["X-Hub-Signature"] == f"sha256={wanted}"
    stored = b"".join(path.read_bytes() for path in service.folder.glob("newsroom.db*"))
    assert subscriber.callback.encode() in stored
    assert "장미 rose".encode() not in stored


def test_102_parameters_that_the_hub_does_not_know_are_ignored(
    service: Running, subscriber: Subscriber
) -> None:
    assert subscriber.post({"hub.mode": "subscribe", "foo": "bar", "hub.foo": "hub.bar"}) == 202
    assert not {"foo", "hub.foo"} & subscriber.verified().args.keys()
    subscriber.news(publish(service))


def test_103_a_subscription_is_renewed_before_it_ends(
    service: Running, subscriber: Subscriber
) -> None:
    assert subscriber.ask(secret="old") == 202
    subscriber.news(publish(service))
    assert subscriber.ask(secret="new", lease_seconds="86400") == 202
    assert subscriber.verified(2).args["hub.lease_seconds"] == "86400"
    title = publish(service)
    delivery = subscriber.news(title)
    wanted = hmac.digest(b"new", delivery.data, "sha256").hex()
    assert delivery.headers["X-Hub-Signature"] == f"sha256={wanted}"
    # It is one subscription: what came next came once.
    subscriber.news(publish(service))
    assert len(subscriber.all_news(title)) == 1


def test_104_an_unsubscription_is_verified_and_ends_deliveries(
    service: Running, subscriber: Subscriber, httpserver: HTTPServer
) -> None:
    witness = Subscriber(service, httpserver)
    for each in (subscriber, witness):
        assert each.ask() == 202
        each.verified()
    title = publish(service)
    subscriber.news(title)
    subscriber.agrees = False
    assert subscriber.ask("unsubscribe") == 202
    asked = subscriber.verified(2).args
    assert (asked["hub.mode"], asked["hub.topic"]) == ("unsubscribe", subscriber.topic)
    subscriber.news(publish(service))  # it did not agree
    subscriber.agrees = True
    assert subscriber.ask("unsubscribe") == 202
    subscriber.verified(3)
    witness.news(publish(service))
    title = publish(service)
    witness.news(title)
    assert subscriber.all_news(title) == []


@pytest.mark.parametrize(
    ("form", "media_type"),
    [
        pytest.param("rss", "application/rss+xml; charset=utf-8", id="105"),
        pytest.param("atom", "application/atom+xml; charset=utf-8", id="105-atom"),
        pytest.param("json", "application/feed+json; charset=utf-8", id="106"),
    ],
)
def test_105_106_each_format_is_sent_with_its_media_type(
    service: Running, httpserver: HTTPServer, form: str, media_type: str
) -> None:
    subscriber = Subscriber(service, httpserver, form)
    assert subscriber.ask() == 202
    subscriber.verified()
    delivery = subscriber.news(publish(service))
    assert delivery.content_type == media_type == _type_of(delivery, subscriber, service)
