"""How many readers of an article one network may bring, at papers of all sizes and in an attack."""

from collections import Counter
from collections.abc import Iterable, Iterator

import pytest

from feeds.config import Views
from feeds.store import Bursts, Store, View
from tests.store.samples import TODAY, fold, settle_views, tally, view

DEFAULT = Bursts(Views().burst_articles, Views().burst_network, Views().burst_share)


@pytest.mark.parametrize(
    ("readers", "largest", "most"),
    [
        (12, [12], 10),
        (60, [12], 12),
        (1540, [1500], 10),  # 40 others
        (5500, [1500], 1000),  # 4,000 others: 1,000 is a fifth of all that count
        (4000, [1500, 1500], 333),  # 1,000 others
        (7500, [1500] * 5, 1500),  # five are a fifth each
        (6800, [1500] * 4, 800),
    ],
)
def test_no_network_brings_more_than_its_share_of_all_that_count_or_ten(
    readers: int, largest: list[int], most: int
) -> None:
    assert DEFAULT.most(readers, largest) == most
    counted = readers - sum(max(0, of_one - most) for of_one in largest)
    assert all(min(of_one, most) <= max(10, counted / 5) for of_one in largest)


@pytest.mark.parametrize(
    ("network", "share", "most"),
    [(1000, 100, 1000), (10**6, 100, 10_000), (7, 20, 7), (10**6, 50, 1000), (10**6, 1, 10)],
)
def test_a_paper_can_set_both_bounds(network: int, share: int, most: int) -> None:
    assert Bursts(200, network, share).most(10_000, [9000]) == most


def read(store: Store, views: Iterable[View]) -> Counter[tuple[str, str]]:
    """Fold and count views; give how many there are by kind and article."""
    fold(store, *views)
    settle_views(store, 23, bursts=DEFAULT)
    found = Counter[tuple[str, str]]()
    for (_, kind, article_id), number in tally(store).items():
        found[kind, article_id] += number
    return found


def attack(article_id: str) -> Iterator[View]:
    """One address, and 1,500 user agents."""
    return (view(0, article_id, visitor=10**6 + n, network=-1) for n in range(1500))


def test_at_a_small_paper_all_count_and_an_attack_from_one_address_brings_ten(
    store: Store,
) -> None:
    # 200 readers of five articles, most of the first: one family, one office.
    networks = [1] * 5 + [2] * 10 + [*range(15, 200)]
    readers = [(reader, str(reader % 5 * (reader % 2))) for reader in range(200)]
    views = [view(n % 24, one, visitor=n, network=networks[n], day=TODAY) for n, one in readers]
    before = read(store, views)
    assert {kind for kind, _ in before} == {"reader"}
    after = read(store, attack("4"))
    assert after["reader", "4"] == before["reader", "4"] + 10
    assert after["crowd", "4"] == 1490


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_server_that_takes_a_full_table_for_an_empty_one_counts_all_the_same(
    store: Store,
) -> None:
    fold(store, view(0, "0", visitor=-1, network=-1))
    with store._database.writing() as connection:
        connection.exec_driver_sql("ANALYZE visits")
    # Each network brings a twentieth of the readers of an article.
    paper = (view(0, str(n % 50), visitor=n, network=n // 1000) for n in range(20_000))
    assert read(store, paper).total() == 20_001


def test_a_crowd_counts_as_far_as_others_come(store: Store) -> None:
    assert read(store, attack("1"))["reader", "1"] == 10
    others = (view(1, visitor=reader, network=reader) for reader in range(400))
    assert read(store, others)["reader", "1"] == 500
