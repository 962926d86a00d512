"""Numbers of the last 24 hours and of the last 30 days, in the paper's time zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

from feeds.web.overview import daily, hourly

NOW = datetime(2026, 3, 2, 0, 30, tzinfo=ZoneInfo("Asia/Seoul"))
HOUR = int(NOW.timestamp()) // 3600


def test_the_last_of_24_hours_is_the_present_one() -> None:
    bars = hourly({HOUR: 2, HOUR - 1: 8, HOUR - 23: 4, HOUR - 24: 99}, NOW)
    assert [bar for bar in bars if bar[1]] == [("01:00", 4), ("23:00", 8), ("00:00", 2)]
    assert len(bars) == 24


def test_an_hour_of_a_zone_between_hours_begins_at_its_half() -> None:
    bars = hourly({HOUR: 2}, NOW.astimezone(ZoneInfo("Asia/Kolkata")))
    assert bars[-1] == ("20:30", 2)


def test_the_hours_of_a_day_of_the_zone_are_added_up() -> None:
    first = HOUR - 29 * 24
    bars = daily({HOUR: 1, HOUR - 1: 2, HOUR - 24: 3, first: 4, first - 1: 99}, NOW)
    assert [number for _, number in bars] == [4, *[0] * 27, 5, 1]
    assert [bars[at][0] for at in (0, -2, -1)] == ["02-01", "03-01", "03-02"]
