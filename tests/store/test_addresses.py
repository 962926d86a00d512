"""The addresses of articles, as sitemaps need them."""

from datetime import timedelta

import pytest

from feeds.store import Store, addresses
from tests.store.samples import NOW, article, save

ORIGINS = ("https://www.news.example/",)


def test_addresses_are_in_parts_by_date_which_keep_the_places_of_those_left_out(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "PART", 2)
    save(
        store,
        article("b", minutes=60),
        article("a", minutes=60, url="https://www.news.example/a", updated=NOW),
        article("c", minutes=50, url="https://www.news.example.evil/1"),
        article("d", minutes=40, url="https://blog.example/2"),
        article("new", minutes=30),
        article("withdrawn", status="withdrawn"),
        article("embargoed", minutes=-1),
    )
    parts = [store.addresses.part(number, ORIGINS, NOW) for number in range(1, 5)]
    assert [[each.id for each in part] for part in parts] == [["a", "b"], [], ["new"], []]
    assert parts[0][0] == ("a", "https://www.news.example/a", "제목 a", *parts[0][1][3:4], NOW)
    at = NOW - timedelta(minutes=30)
    assert list(store.addresses.changes(ORIGINS, NOW)) == [(1, NOW), (3, at)]
    newest = store.addresses.since(NOW - timedelta(minutes=60), ORIGINS, NOW, 2)
    assert [each.id for each in newest] == ["new", "a"]
    assert store.addresses.since(at + timedelta(seconds=1), ORIGINS, NOW, 2) == []


def test_an_empty_paper_has_no_part(store: Store) -> None:
    assert list(store.addresses.changes(ORIGINS, NOW)) == store.addresses.part(1, (), NOW) == []
