"""What `/metrics` shows to Prometheus: the health of the paper, and what clients asked for."""

from collections.abc import Iterator
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from feeds import __version__
from feeds.config import Config
from feeds.health import Health, health
from feeds.store import Polls, Store


def exposition(store: Store, config: Config, accept: str) -> tuple[bytes, str]:
    """Give all metrics and their media type, by a request's Accept; raises StoreError."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Paper(store, config))
    encode, media_type = choose_encoder(accept)
    return encode(registry), media_type


class _Paper(Collector):
    """Reads all numbers from the store, so that they are those of all processes and nodes."""

    def __init__(self, store: Store, config: Config) -> None:
        self._store = store
        self._config = config

    def collect(self) -> Iterator[Metric]:
        polls = self._store.polls.by_client()  # first: health does not raise StoreError
        subscribers = self._store.receivers.count()
        yield InfoMetricFamily("feeds_build", "The software.", {"version": __version__})
        yield from _of_health(health(self._store, self._config, datetime.now(UTC)))
        yield from _of_polls(polls)
        yield GaugeMetricFamily("feeds_subscribers", "Subscriptions at the hub.", subscribers)


def _of_health(look: Health) -> Iterator[Metric]:
    trouble = GaugeMetricFamily("feeds_trouble", "What is wrong now.", labels=["about"])
    for each in look.troubles():
        trouble.add_metric([each.about], 1)
    yield trouble
    for name, documentation, value in (
        ("published", "Feeds that can be read.", look.feeds),
        ("faulty", "Feeds whose last check found a fault.", len(look.faults)),
        ("articles_held_back", "Articles that feeds leave out.", len(look.held_back)),
        ("receivers_failing", "Hubs, engines and webhooks that fail.", len(look.receivers)),
        ("terms_waiting", "Sections, authors and tags that wait for publishing.", look.waiting),
        ("publisher_heard_timestamp_seconds", "The last sign of life of a worker.", look.heard),
        ("last_change_timestamp_seconds", "The latest change of any feed.", look.published),
    ):
        number = value.timestamp() if isinstance(value, datetime) else value
        yield GaugeMetricFamily(f"feeds_{name}", documentation, number)


def _of_polls(polls: dict[str, Polls]) -> Iterator[Metric]:
    requests = CounterMetricFamily(
        "feeds_polls", "Requests for what is below /feeds/.", labels=["client", "result"]
    )
    sent = CounterMetricFamily("feeds_polls_sent_bytes", "Bytes of bodies.", labels=["client"])
    saved = CounterMetricFamily(
        "feeds_polls_saved_bytes", "Bytes spared by 304, deltas, compression.", labels=["client"]
    )
    for client, each in polls.items():
        requests.add_metric([client, "not_modified"], each.not_modified)
        requests.add_metric([client, "error"], each.errors)
        requests.add_metric([client, "sent"], each.requests - each.not_modified - each.errors)
        sent.add_metric([client], each.sent)
        saved.add_metric([client], each.saved)
    yield from (requests, sent, saved)
