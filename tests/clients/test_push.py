"""Subscribers that others wrote find the hub of a running service, and are told of its news."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import quote

import feedparser
import pytest
import urllib3
from flask import Flask
from flask_websub.subscriber import (
    SQLite3SubscriberStorage,
    SQLite3TempSubscriberStorage,
    Subscriber,
    discover,
)
from werkzeug.serving import make_server

from tests import npm
from tests.paper import Record, record, write_articles, write_config
from tests.processes import Running, eventually, free_port, imported, serving, started

FEED = f"/feeds/sections/{quote('지역')}"

Deliveries = Callable[[], list[bytes]]


@contextmanager
def flask_websub(folder: Path, url: str) -> Iterator[Deliveries]:
    """Subscribe with Flask-WebSub, which gives secrets only to hubs that speak TLS."""
    port, delivered = free_port(), list[bytes]()
    app = Flask(__name__)
    app.config["SERVER_NAME"] = f"127.0.0.1:{port}"
    file = str(folder / "subscriber.sqlite")
    subscriber = Subscriber(SQLite3SubscriberStorage(file), SQLite3TempSubscriberStorage(file))
    subscriber.add_listener(lambda _topic, _callback, body: delivered.append(body))
    app.register_blueprint(subscriber.build_blueprint("/callbacks"))
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with app.app_context():
            subscriber.subscribe(**discover(url))
        yield lambda: list(delivered)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def pubsubhubbub(folder: Path, url: str) -> Iterator[Deliveries]:
    """Subscribe with Node's pubsubhubbub, which has a secret and drops what is not signed."""
    if lack := npm.npm_lacks():
        pytest.skip(lack)
    script = str(npm.FOLDER / "subscribe.mjs")
    with started(["node", script, str(folder), str(free_port()), url], folder):
        eventually((folder / "subscribed").exists)
        yield lambda: [file.read_bytes() for file in sorted(folder.glob("*.delivery"))]


SUBSCRIBERS: Mapping[str, Callable[[Path, str], AbstractContextManager[Deliveries]]] = {
    "Flask-WebSub": flask_websub,
    "pubsubhubbub": pubsubhubbub,
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder, port = tmp_path_factory.mktemp("paper"), free_port()
    write_config(folder, f"http://127.0.0.1:{port}", websub={"allow_private": True})
    imported(folder, write_articles(folder / "articles.jsonl", [article("처음 글")]))
    with serving(folder, port, FEEDS_API_TOKEN="secret") as running:
        yield running


@pytest.mark.parametrize("extension", ["rss", "atom"])
@pytest.mark.parametrize("name", SUBSCRIBERS)
def test_a_subscriber_is_told_of_each_change(
    name: str, extension: str, service: Running, tmp_path: Path
) -> None:
    path, story = f"{FEED}.{extension}", f"{name}의 {extension}"
    service.published(path)
    with SUBSCRIBERS[name](tmp_path, service.url + path) as deliveries:
        save(service, article(story))
        eventually(lambda: story in titles(deliveries()))
        save(service, article(story, status="withdrawn"))
        eventually(lambda: story not in titles(deliveries()))
        eventually(lambda: deliveries()[-1] == service.get(path).data)
        assert len(set(deliveries())) == len(deliveries())


def titles(delivered: list[bytes]) -> list[str]:
    """Give the titles of the feed as it was delivered last."""
    return [entry.title for entry in feedparser.parse(delivered[-1]).entries] if delivered else []


def article(title: str, **fields: str) -> Record:
    return record(title.replace(" ", "-"), title=title, sections=["지역"], **fields)


def save(service: Running, saved: Record) -> None:
    url = f"{service.url}/api/articles/{quote(saved.pop('id'))}"
    headers = {"Authorization": "Bearer secret"}
    with urllib3.PoolManager(retries=False, timeout=10) as pool:
        assert pool.request("PUT", url, json=saved, headers=headers).status in (200, 201)
