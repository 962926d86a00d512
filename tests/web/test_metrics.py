"""Prometheus reads the health of the paper, and what clients asked for."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import Client

import feeds
from feeds.config import Config
from feeds.store import Receiver, Store
from feeds.web.wsgi import Front
from tests.paper import publish, record
from tests.web.conftest import away

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(text: str) -> Samples:
    """Give the values of a page by name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_health_of_the_paper_is_shown(
    client: FlaskClient, store: Store, config: Config, tmp_path: Path
) -> None:
    began = int(datetime.now(UTC).timestamp())
    publish([record("1")], store, config, tmp_path)
    response = client.get("/metrics")
    assert response.content_type.startswith("text/plain; version=0.0.4")
    assert response.headers["Cache-Control"] == "no-store"
    found = samples(response.text)
    assert found["feeds_build_info", (("version", feeds.__version__),)] == 1
    for name in ("subscribers", "receivers_failing"):
        assert found[f"feeds_{name}", ()] == 0
    for name, expected in (("faulty", 0), ("terms_waiting", 0), ("articles_held_back", 0)):
        assert found[f"feeds_{name}", ()] == expected
    assert found["feeds_published", ()] == store.documents.feeds()[0] > 0
    for name in ("publisher_heard", "last_change"):
        assert found[f"feeds_{name}_timestamp_seconds", ()] >= began


def test_a_subscription_is_counted_once_however_often_it_is_asked_for(
    client: FlaskClient, store: Store
) -> None:
    ask = Receiver("subscribe", "https://reader.example/", "latest.rss", lease=3600)
    store.receivers.request(ask)
    (asked,) = store.receivers.all()
    store.receivers.subscribe(asked, int(datetime.now(UTC).timestamp()))
    store.receivers.request(ask)
    assert samples(client.get("/metrics").text)["feeds_subscribers", ()] == 1


def test_a_paper_without_a_worker_is_in_trouble(client: FlaskClient) -> None:
    found = samples(client.get("/metrics").text)
    assert found["feeds_trouble", (("about", "no worker"),)] == 1
    assert ("feeds_publisher_heard_timestamp_seconds", ()) not in found


def test_polls_are_shown_by_client_and_result(
    client: FlaskClient, process: Front, store: Store, config: Config, tmp_path: Path
) -> None:
    publish([record("1")], store, config, tmp_path)
    process.cache.refresh()
    newsboat = {"User-Agent": "newsboat/2.21.0 (Linux x86_64)"}
    front = Client(process)
    etag = front.get("/feeds/latest.rss", headers=newsboat).headers["ETag"]
    for _ in range(2):
        front.get("/feeds/latest.rss", headers={**newsboat, "If-None-Match": etag})
    front.get("/feeds/none.rss", headers=newsboat)
    process.polls.save()
    found = samples(client.get("/metrics").text)
    for result, number in (("sent", 1), ("not_modified", 2), ("error", 1)):
        assert found["feeds_polls_total", (("client", "newsboat"), ("result", result))] == number
    sent = found["feeds_polls_sent_bytes_total", (("client", "newsboat"),)]
    saved = found["feeds_polls_saved_bytes_total", (("client", "newsboat"),)]
    assert saved == 2 * sent > 0


def test_prometheus_may_ask_for_openmetrics(client: FlaskClient) -> None:
    accept = "application/openmetrics-text;version=1.0.0;q=0.9,text/plain;version=0.0.4;q=0.8"
    response = client.get("/metrics", headers={"Accept": accept})
    assert response.mimetype == "application/openmetrics-text"
    families = openmetrics.text_string_to_metric_families(response.text)
    assert "feeds_polls" in {family.name for family in families}


def test_a_store_that_is_away_is_a_503(client: FlaskClient, tmp_path: Path) -> None:
    assert client.get("/metrics").status_code == 200
    with away(tmp_path):
        assert client.get("/metrics").status_code == 503


def test_without_the_extra_there_is_an_explanation(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    monkeypatch.delitem(sys.modules, "feeds.web.metrics", raising=False)
    response = client.get("/metrics")
    assert (response.status_code, response.text) == (
        501,
        "There are no metrics: pip install 'feeds[metrics]'.\n",
    )
