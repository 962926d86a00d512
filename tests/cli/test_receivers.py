"""`feeds subscribers`: who is told of changes, and the end of subscriptions."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from feeds.config import load
from feeds.store import Receiver, open_store
from tests.cli.conftest import Run

AT = int(datetime.fromisoformat("2026-03-02T09:00:00+09:00").timestamp())
DAY = 86_400
READER = Receiver(
    *("subscriber", "https://reader.example/callback?key=private", "sections/지역.rss"),
    expires=AT + 10 * DAY,
    delivered=AT,
    secret="encrypted",
)
OTHER = replace(READER, topic="latest.rss", delivered=None)
DOWN = replace(OTHER, url="https://down.example/", attempts=7, failing=AT, reason="it answers 503")
HUB = Receiver("hub", "https://hub.example/")


@pytest.fixture
def subscribed(folder: Path) -> None:
    """Three subscriptions, and a hub of others."""
    with open_store(load(folder / "config.yaml").store) as store:
        store.receivers.configure([HUB])
        for each in (READER, OTHER, DOWN):
            store.receivers.request(replace(each, kind="subscribe"))
        for asked in store.receivers.all("subscribe"):
            store.receivers.subscribe(replace(asked, lease=10 * DAY), AT)
        store.receivers.save([READER, OTHER, DOWN])


def test_before_anybody_subscribes_nobody_is_listed(run: Run, folder: Path) -> None:
    with open_store(load(folder / "config.yaml").store):
        pass
    assert run("subscribers").output.startswith("Nobody has subscribed")


@pytest.mark.usefixtures("subscribed")
def test_each_is_listed_with_its_lease_its_last_delivery_and_its_failures(run: Run) -> None:
    head, *lines = run("subscribers").output.splitlines()
    assert head.split() == "kind topic host lease delivered state failures".split()
    hub, down, other, reader = (line.split(maxsplit=6) for line in lines)
    assert hub == ["hub", "–", "hub.example", "–", "–", "ok", "0"]
    lease, at = "2026-03-12T09:00:00+09:00", "2026-03-02T09:00:00+09:00"
    assert down[2:6] == ["down.example", lease, "–", "suspended"]
    assert down[6] == f"7 since {at}: it answers 503"
    assert other == ["subscriber", "/feeds/latest.rss", "reader.example", lease, "–", "ok", "0"]
    assert reader[1:] == ["/feeds/sections/지역.rss", "reader.example", lease, at, "ok", "0"]


@pytest.mark.usefixtures("subscribed")
def test_a_script_gets_the_whole_callback_and_never_a_secret(run: Run) -> None:
    output = run("subscribers", "--json").output
    assert "encrypted" not in output
    hub, down, *_, reader = map(json.loads, output.splitlines())
    assert (hub["callback"], hub["topic"]) == (HUB.url, None)
    assert (down["failures"], down["reason"]) == (7, "it answers 503")
    assert reader["callback"] == READER.url


@pytest.mark.usefixtures("subscribed")
@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        (["reader.example"], [HUB.host, DOWN.host]),
        ([READER.url, "--topic", "/feeds/latest.rss"], [HUB.host, DOWN.host, READER.host]),
    ],
)
def test_subscriptions_are_removed_by_host_or_callback(
    run: Run, arguments: list[str], left: list[str]
) -> None:
    result = run("subscribers", "--remove", *arguments)
    assert "removed: reader.example from /feeds/latest.rss" in result.output
    rows = [json.loads(line) for line in run("subscribers", "--json").output.splitlines()]
    assert [row["host"] for row in rows if row["kind"] != "denied"] == left
    # WebSub, 5.2: the hub MUST inform a subscriber that is denied, even if it was accepted.
    denied = {row["topic"] for row in rows if row["kind"] == "denied"}
    assert len(denied) == 4 - len(left)
    assert "/feeds/latest.rss" in denied


@pytest.mark.usefixtures("subscribed")
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--remove", "nobody.example"], 1, "`feeds subscribers` lists them all"),
        (["--remove", "hub.example"], 1, "remove it from the config"),
        (["--remove", "reader.example", "--topic", "/feeds/x.rss"], 1, "no such subscription"),
        (["--topic", "/feeds/latest.rss"], 2, "--topic goes with --remove"),
    ],
)
def test_what_cannot_be_removed_is_told(
    run: Run, arguments: list[str], code: int, said: str
) -> None:
    result = run("subscribers", *arguments)
    assert result.exit_code == code
    assert said in result.output
