"""Lists of articles for staff: found by words or id, and by the time at which they come out."""

import pytest

from feeds.store import SECONDS, Store
from tests.store.samples import NOW, article, save

HOUR = int(NOW.timestamp()) // SECONDS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("도림천", ["new", "old"]),
        ("열린다 도림천", ["new"]),
        ("park", ["new", "gone"]),
        ("gone", ["gone"]),
        ("100%", ["gone"]),
        ("1_0", []),
        ("없는 말", []),
    ],
)
def test_articles_are_found_by_id_or_else_by_all_words_of_the_title_latest_first(
    store: Store, text: str, found: list[str]
) -> None:
    save(
        store,
        article("old", minutes=30, title="도림천 산책길, gone"),
        article("gone", minutes=20, title="Park 100% 무료", status="withdrawn"),
        article("new", minutes=-10, title="PARK, 도림천에서 열린다"),
    )
    assert [one.id for one in store.headlines.search(text, 50)] == found
    assert [one.id for one in store.headlines.search(text, 1)] == found[:1]


def test_embargoed_articles_are_listed_with_the_next_first(store: Store) -> None:
    minutes = {"out": 0, "later": -90, "next": -1}
    save(store, *(article(name, minutes=each) for name, each in minutes.items()))
    save(store, article("gone", minutes=-5, status="withdrawn"))
    listed = store.headlines.embargoed(NOW, 50)
    assert [one.id for one in listed] == ["next", "later"]
    assert (listed[0].published - NOW).total_seconds() == 60
    assert [one.id for one in store.headlines.embargoed(NOW, 1)] == ["next"]


def test_articles_are_counted_by_the_hour_in_which_they_came_out(store: Store) -> None:
    save(
        store, *(article(str(minutes), minutes=minutes) for minutes in (0, 1, 60, 61, 300, -1, -60))
    )
    assert store.headlines.by_hour(HOUR - 2, NOW) == {HOUR: 1, HOUR - 1: 2, HOUR - 2: 1}
