"""The benchmark measures what it says; no test asserts a time."""

import json
from dataclasses import replace

import feedparser
import pytest
from click.testing import CliRunner

from feeds.catalog import Feed, channel_of
from feeds.entries import entry_of
from feeds.formats import FORMATS
from feeds.model import LATEST, Channel, Entry
from feeds.store.saving import mint_guid
from tests.bench.__main__ import bench
from tests.bench.articles import articles
from tests.bench.peers import PEERS
from tests.bench.publish import CONFIG

XML_PEERS = [(extension, name) for extension in ("rss", "atom") for name in PEERS[extension]]


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    stored = [
        replace(each, guid=mint_guid(each.id, each.published, "www.news.example"))
        for each in articles(3)
    ]
    return [entry_of(each, CONFIG) for each in stored]


@pytest.fixture(scope="module")
def channel() -> Channel:
    return channel_of(Feed(LATEST, "latest"), "", "rss", CONFIG)


@pytest.mark.parametrize(("extension", "name"), XML_PEERS)
def test_a_peer_writes_a_sound_feed_of_the_same_articles(
    extension: str, name: str, channel: Channel, entries: list[Entry]
) -> None:
    parsed = feedparser.parse(
        PEERS[extension][name](channel, entries), sanitize_html=False, resolve_relative_uris=False
    )
    assert not parsed.bozo
    assert [item.link for item in parsed.entries] == [entry.link for entry in entries]
    assert [item.content[0].value for item in parsed.entries] == [e.content for e in entries]
    assert [len(item.tags) for item in parsed.entries] == [len(e.categories) for e in entries]


def test_a_peer_carries_the_pictures_of_articles(channel: Channel, entries: list[Entry]) -> None:
    for write in (PEERS["rss"]["feedgen"], PEERS["rss"]["Django"], PEERS["atom"]["Django"]):
        parsed = feedparser.parse(write(channel, entries))
        hrefs = [[enclosure.href for enclosure in item.enclosures] for item in parsed.entries]
        assert hrefs == [[entry.image.url] if entry.image else [] for entry in entries]


def test_the_json_peer_writes_the_same_articles(channel: Channel, entries: list[Entry]) -> None:
    items = json.loads(PEERS["json"]["json.dumps"](channel, entries))["items"]
    assert [item["content_html"] for item in items] == [entry.content for entry in entries]


def test_every_format_is_measured_beside_a_peer_and_every_step_has_a_time() -> None:
    result = CliRunner().invoke(bench, ["publish", "--json", "--repetitions", "1"])
    assert result.exit_code == 0, result.output
    races = json.loads(result.output)["results"]
    assert {form.name for form in FORMATS.values()} < {race["name"] for race in races}
    for race in races:
        (*_, (name, peer)) = race["rows"].items()
        assert peer[f"× {name}"] == 1
        assert all(row["ms"] > 0 for row in race["rows"].values()), race["name"]
