"""Lists of articles for staff: found by words or id, and by the time at which they come out."""

from datetime import timedelta

import pytest

from feeds.store import SECONDS, Headline, Store, headlines
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


ORIGINS = ("https://www.news.example/",)


def test_sitemaps_are_in_parts_by_date_which_keep_the_places_of_those_left_out(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(store.headlines.parts(ORIGINS, NOW)) == store.headlines.part(1, (), NOW) == []
    monkeypatch.setattr(headlines, "PART", 2)
    own = "https://www.news.example/a"
    save(
        store,
        article("b", minutes=60),
        article("a", minutes=60, url=own, updated=NOW),
        article("c", minutes=50, url="https://www.news.example.evil/1"),
        article("d", minutes=40, url="https://blog.example/2"),
        article("new", minutes=30),
        article("withdrawn", status="withdrawn"),
        article("embargoed", minutes=-1),
    )
    parts = [store.headlines.part(number, ORIGINS, NOW) for number in range(1, 5)]
    assert [[each.id for each in part] for part in parts] == [["a", "b"], [], ["new"], []]
    hour_ago, at = NOW - timedelta(minutes=60), NOW - timedelta(minutes=30)
    assert parts[0][0] == Headline("a", "제목 a", "live", own, hour_ago, NOW)
    assert list(store.headlines.parts(ORIGINS, NOW)) == [(1, NOW), (3, at)]
    newest = store.headlines.since(hour_ago, ORIGINS, NOW, 2)
    assert [each.id for each in newest] == ["new", "a"]
    assert store.headlines.since(at + timedelta(seconds=1), ORIGINS, NOW, 2) == []
