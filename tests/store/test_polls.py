"""What clients asked for is kept by the hour, and never lost from the totals."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from feeds.most_read import hour_of, rank_all
from feeds.store import Polls, Store, open_store
from tests.paper import settings
from tests.store.samples import NOW

HOUR = hour_of(NOW)
SOME = Polls(
    requests=10, not_modified=6, errors=1, sent=5_000, saved=90_000, subscribers=12, pollers=3
)
FEW = Polls(requests=1, sent=100, subscribers=20, pollers=1)
BOTH = Polls(
    requests=11, not_modified=6, errors=1, sent=5_100, saved=90_000, subscribers=20, pollers=3
)


def test_processes_add_to_the_same_hour_and_most_requests_come_first(
    store: Store, store_url: str
) -> None:
    with open_store(store_url) as other:
        store.polls.add({(HOUR, "Feedly"): SOME})
        other.polls.add({(HOUR, "Feedly"): FEW, (HOUR, "newsboat"): FEW})
        assert store.polls.by_client(HOUR) == {"Feedly": BOTH, "newsboat": FEW}
        store.polls.add({(HOUR - 1, "newsboat"): BOTH, (HOUR - 2, "Naver"): SOME})
    assert store.polls.by_client(HOUR - 1) == {"newsboat": BOTH + FEW, "Feedly": BOTH}
    assert list(store.polls.by_client()) == ["newsboat", "Feedly", "Naver"]


def test_hours_are_given_for_all_clients_together(store: Store) -> None:
    store.polls.add({(HOUR - 3, "Feedly"): SOME, (HOUR, "Naver"): SOME, (HOUR, "Feedly"): FEW})
    both = replace(BOTH, subscribers=32, pollers=4)
    assert store.polls.by_hour(HOUR - 3) == {HOUR - 3: SOME, HOUR: both}
    assert store.polls.by_hour(HOUR - 2) == {HOUR: both}


def test_large_numbers_are_kept(store: Store) -> None:
    large = Polls(requests=2**40, sent=2**60)
    store.polls.add({(HOUR, "Google"): large})
    store.polls.add({(HOUR, "Google"): large})
    assert store.polls.by_client() == {"Google": Polls(requests=2**41, sent=2**61)}


def test_old_hours_are_forgotten_but_the_totals_stay(store: Store) -> None:
    for hour in (HOUR - 40, HOUR - 30, HOUR):
        store.polls.add({(hour, "Feedly"): FEW, (hour, "newsboat"): FEW})
        store.polls.forget(before=hour)
        store.polls.forget(before=hour)
    assert list(store.polls.by_hour(1)) == [HOUR]
    assert store.polls.by_client() == dict.fromkeys(("Feedly", "newsboat"), FEW + FEW + FEW)


def test_the_worker_forgets_hours_after_five_weeks(store: Store, tmp_path: Path) -> None:
    config = settings(tmp_path)
    kept = HOUR - 34 * 24
    store.polls.add({(HOUR - 36 * 24, "Feedly"): FEW, (kept, "Feedly"): SOME})
    for minutes in range(-120, 1, 5):  # a clock is believed once it has gone on for an hour
        rank_all(store, config, NOW + timedelta(minutes=minutes))
    assert list(store.polls.by_hour(1)) == [kept]
    assert store.polls.by_client() == {"Feedly": BOTH}
