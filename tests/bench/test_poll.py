"""The simulated clients poll as their namesakes do."""

import pytest

from tests.bench import poll
from tests.bench.poll import Subscriber, _day, _naive


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poll, "_NEWS", 2)


def by_name(rows: list[Subscriber]) -> dict[str, Subscriber]:
    return {row.name: row for row in rows}


def test_with_validators_a_client_gets_a_body_only_for_news_and_that_is_a_delta() -> None:
    rows = by_name(_day(4))
    # One poll at 07:01 or 06:53 gets the news of 06:10 and 06:50.
    assert sorted(rows["newsboat"].statuses()) == [226] + [304] * 23
    assert sorted(rows["Miniflux"].statuses()) == [200] * 2 + [304] * 22
    assert sorted(rows["Thunderbird"].statuses()) == [200] + [304] * 13
    assert set(rows["careless"].statuses()) == {200}
    assert rows["careless, gzip"].bodies() < rows["careless"].bodies() / 4


def test_a_naive_service_sends_everything_each_time() -> None:
    rows = by_name(_day(0, _naive))
    assert all(set(row.statuses()) == {200} for row in rows.values())
    assert rows["newsboat"].bodies() == pytest.approx(rows["Miniflux"].bodies(), rel=0.01)
