"""Days of views made by hand, and the counts of them worked out by hand."""

from pathlib import Path
from typing import Any

import pytest

from feeds.config import Config
from feeds.store import Store
from tests.paper import publish, record, settings
from tests.readers import DESK, GOOGLEBOT, PHONE, Readership

BERLIN = {"title": "Zeitung", "url": "https://zeitung.example", "timezone": "Europe/Berlin"}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return settings(tmp_path, views={"staff": ["203.0.113.0/24"], "burst_articles": 3})


@pytest.fixture
def paper(store: Store, config: Config, tmp_path: Path) -> Readership:
    """A paper in Seoul with five articles."""
    publish(
        [record(number, published="2026-03-01 09:00") for number in "12345"],
        store,
        config,
        tmp_path,
    )
    return Readership(store, config)


def test_a_day_in_seoul(paper: Readership) -> None:
    # What happens at the paper on 2 March, in its own time.
    for at, article_id, address, agent in [
        # Someone reads in the night, reloads twice, and takes up another article at breakfast.
        ("00:30:00", "1", "192.0.2.1", PHONE),
        ("00:30:20", "1", "192.0.2.1", PHONE),
        ("08:10:00", "1", "192.0.2.1", PHONE),
        ("08:11:00", "2", "192.0.2.1", PHONE),
        # The same household on another device, and a reader in another network.
        ("08:20:00", "1", "192.0.2.1", DESK),
        ("08:30:00", "1", "198.51.100.7", PHONE),
        # Who is no reader: robots, a feed reader, nobody, the newsroom.
        ("08:31:00", "1", "192.0.2.9", GOOGLEBOT),
        ("08:32:00", "1", "192.0.2.9", GOOGLEBOT),
        ("08:33:00", "2", "192.0.2.9", "NetNewsWire (RSS Reader; https://netnewswire.com/)"),
        ("08:34:00", "2", "192.0.2.9", ""),
        ("08:35:00", "2", "192.0.2.9", DESK.replace("Chrome", "HeadlessChrome")),
        ("08:36:00", "1", "203.0.113.77", DESK),
        # One machine that opens four articles, which is more than people do at this paper.
        ("12:00:00", "1", "192.0.2.66", DESK),
        ("12:01:00", "2", "192.0.2.66", DESK),
        ("12:01:30", "2", "192.0.2.66", DESK),
        ("12:02:00", "3", "192.0.2.66", DESK),
        ("13:03:00", "4", "192.0.2.66", DESK),
        # A reader around midnight: once on each day.
        ("23:59:59", "1", "198.51.100.8", PHONE),
    ]:
        assert paper.opens(f"2026-03-02T{at}+09:00", article_id, address, agent) == 204
    prefetched = {"Sec_Purpose": "prefetch;prerender"}
    assert paper.opens("2026-03-02T14:00:00+09:00", "5", **prefetched) == 204
    assert paper.opens("2026-03-03T00:00:00+09:00", "1", "198.51.100.8") == 204
    assert paper.counted("2026-03-03T00:05:00+09:00") == {
        ("03-01 15h", "reader", "1"): 1,  # the one in the night
        ("03-01 15h", "repeat", "1"): 2,  # and all the reloads, told of the first hour
        ("03-01 23h", "reader", "1"): 2,  # the other device, the other network
        ("03-01 23h", "reader", "2"): 1,
        ("03-01 23h", "robot", "1"): 2,
        ("03-01 23h", "feed reader", "2"): 1,
        ("03-01 23h", "no agent", "2"): 1,
        ("03-01 23h", "headless", "2"): 1,
        ("03-01 23h", "staff", "1"): 1,
        ("03-02 03h", "burst", "1"): 1,
        ("03-02 03h", "burst", "2"): 2,
        ("03-02 03h", "burst", "3"): 1,
        ("03-02 04h", "burst", "4"): 1,
        ("03-02 05h", "prefetch", "5"): 1,
        ("03-02 14h", "reader", "1"): 1,  # 23:59:59
        ("03-02 15h", "reader", "1"): 1,  # and the day after
    }


@pytest.mark.parametrize(
    ("times", "readers"),
    [
        # 29 March has 23 hours: both ends of it are one day, the last second before is another.
        (
            ["2026-03-28T23:59:59+01:00", "2026-03-29T00:00:00+01:00", "2026-03-29T23:59:59+02:00"],
            {("03-28 22h", "1"): 1, ("03-28 23h", "1"): 1},
        ),
        # 25 October has 25: half past two comes twice, and is the same day both times.
        (
            ["2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+02:00", "2026-10-25T23:59:59+01:00"],
            {("10-25 00h", "1"): 1},
        ),
        (
            ["2026-10-25T23:59:59+01:00", "2026-10-26T00:00:00+01:00"],
            {("10-25 22h", "1"): 1, ("10-25 23h", "1"): 1},
        ),
    ],
)
def test_days_of_a_zone_that_changes_its_clocks(
    store: Store, tmp_path: Path, times: list[str], readers: dict[Any, int]
) -> None:
    config = settings(tmp_path, site=BERLIN)
    publish([record("1")], store, config, tmp_path)
    paper = Readership(store, config)
    for at in times:
        assert paper.opens(at, "1") == 204
    assert paper.readers("2026-10-27T00:00:00+01:00") == readers


def test_an_hour_belongs_to_the_day_of_the_paper_where_zones_are_not_whole_hours(
    store: Store, tmp_path: Path
) -> None:
    # In Kolkata midnight is at 18:30 UTC: one hour of the counts has two days of readers.
    config = settings(tmp_path, site={**BERLIN, "timezone": "Asia/Kolkata"})
    publish([record("1")], store, config, tmp_path)
    paper = Readership(store, config)
    for at in ("2026-03-02T23:59:00+05:30", "2026-03-03T00:01:00+05:30"):
        assert paper.opens(at, "1") == 204
    assert paper.readers("2026-03-03T00:05:00+05:30") == {("03-02 18h", "1"): 2}
