"""The orders of the ranked feeds, from views in the store to what a feed holds and says."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feeds.catalog import RISING, Feed
from feeds.config import Config
from feeds.entries import contents_of
from feeds.model import LATEST, Term
from feeds.most_read import count_readers, rank_feed, rank_if_outdated
from feeds.ranking import EVER
from feeds.store import Position, Store, View
from feeds.verify.jsonfeed import parse_json
from tests import paper
from tests.newsroom import CONFIG, configured, document, titles
from tests.newsroom import publish as publish_now
from tests.store.samples import NOW, article, save
from tests.store.samples import settle as settle_touched

SECTION = Term("section", "지역")
DAY = Feed(LATEST, "most-read", "24h")
WEEK = Feed(LATEST, "most-read/7d", "7d")
THREE_HOURS = Feed(LATEST, "most-read/3h", "3h")
SECTION_DAY = Feed(SECTION, "sections/지역/most-read", "24h")
RISES = Feed(LATEST, "rising", RISING)
# The asked for window whatever is in it, so that a test of an order is of that alone.
EXACTLY = configured(most_read={"fill": 0})
HOURS_OF_A_WEEK = 7 * 24


def read(store: Store, article_id: str, readers: int, *, hours_ago: float = 0.5) -> None:
    """Let so many people, each from a network of their own, open an article at one moment.

    A second call for the same article has to be about another time.
    """
    at = NOW - timedelta(hours=hours_ago)
    first = round(hours_ago * 100_000)
    views = [
        View(int(at.timestamp()), at.toordinal(), article_id, first + n, first + n)
        for n in range(readers)
    ]
    assert store.visits.fold(f"{article_id} {hours_ago}", Position(), Position(1), views)


def rank_now(
    store: Store,
    *feeds: Feed,
    config: Config = EXACTLY,
    now: datetime = NOW,
    touching: bool = False,
) -> None:
    count_readers(store, config, now)
    for feed in feeds:
        rank_feed(feed, store, config, now, touching=touching)


def shown(store: Store, feed: Feed, config: Config = EXACTLY, now: datetime = NOW) -> list[str]:
    return [one.article_id for one in contents_of(feed, store, config, now).entries]


def ranked(store: Store, feed: Feed, config: Config = EXACTLY, now: datetime = NOW) -> list[str]:
    rank_now(store, feed, config=config, now=now)
    return shown(store, feed, config, now)


def save_all(store: Store, names: Iterable[str]) -> None:
    save(store, *map(article, names))


def test_the_paper_and_each_section_are_in_the_order_of_readers(store: Store) -> None:
    save(store, article("b"), *(article(name, sections=("지역",)) for name in "acd"))
    for name, readers in {"a": 3, "b": 9, "c": 7, "d": 1}.items():
        read(store, name, readers)
    assert ranked(store, DAY) == ["b", "c", "a"]
    assert ranked(store, SECTION_DAY) == ["c", "a"]


@pytest.mark.parametrize(
    ("rules", "order"),
    [
        ({}, "5432"),
        ({"limit": 2}, "54"),
        ({"minimum_readers": 4}, "54"),
        ({"max_age": 2}, "432"),
    ],
)
def test_a_list_goes_by_the_rules_of_the_paper(
    store: Store, rules: dict[str, int], order: str
) -> None:
    day = 24 * 60
    ages = {"5": 2 * day + 1, "4": 2 * day}
    save(store, *(article(name, minutes=ages.get(name, 60)) for name in "12345"))
    for name in "12345":
        read(store, name, int(name))
    assert ranked(store, DAY, configured(most_read={"fill": 0} | rules)) == list(order)


@pytest.mark.parametrize("readers_are", ["carried over", "counted"])
def test_withdrawn_embargoed_and_blocked_articles_are_not_ranked_until_they_may(
    store: Store, readers_are: str
) -> None:
    carried_over = readers_are == "carried over"
    config = CONFIG if carried_over else EXACTLY
    readers = {"gone": 9, "later": 7, "blocked": 6, "live": 5}
    views = readers if carried_over else dict.fromkeys(readers, 0)
    minutes = {"later": -30}
    articles = {n: article(n, views=views[n], minutes=minutes.get(n, 60)) for n in readers}
    for name, number in {**readers, "never there": 5}.items():
        read(store, name, 0 if carried_over else number)
    save(store, *articles.values())
    save(store, replace(articles["gone"], status="withdrawn"))
    store.rankings.block("blocked", "김민수", "오보", NOW)
    assert ranked(store, DAY, config) == ["live"]
    later = NOW + timedelta(minutes=30)
    assert ranked(store, DAY, config, later) == ["later", "live"]
    store.rankings.unblock("blocked")
    save(store, articles["gone"])
    assert ranked(store, DAY, config, later) == ["gone", "later", "blocked", "live"]


@pytest.mark.parametrize(
    "change",
    [
        {"status": "withdrawn"},
        {"published": NOW + timedelta(minutes=1)},
        {"sections": ("문화",)},
    ],
    ids=["withdrawn", "embargoed again", "moved"],
)
def test_an_article_that_does_not_belong_to_a_list_any_more_is_gone_at_once(
    store: Store, change: dict[str, Any]
) -> None:
    save(store, *(article(name, sections=("지역",)) for name in "abc"))
    for name, readers in {"a": 9, "b": 6, "c": 3}.items():
        read(store, name, readers)
    rank_now(store, SECTION_DAY)
    save(store, article("a", **{"sections": ("지역",), **change}))
    assert shown(store, SECTION_DAY) == ["b", "c"]
    assert [rank_if_outdated(SECTION_DAY, store, EXACTLY, NOW) for _ in range(2)] == [True, False]


def test_a_feed_waits_for_its_next_ranking_unless_it_has_no_order_or_a_blocked_article(
    store: Store,
) -> None:
    save_all(store, "ab")
    read(store, "a", 5)
    settle_touched(store)
    assert [rank_if_outdated(DAY, store, EXACTLY, NOW) for _ in range(2)] == [True, False]
    count_readers(store, EXACTLY, NOW)
    assert store.readers.of_all(24) == 5
    save(store, article("b", status="withdrawn"))
    assert not rank_if_outdated(DAY, store, EXACTLY, NOW)
    rank_now(store, DAY)
    store.rankings.block("a", "김민수", "오보", NOW)
    settle_touched(store)
    assert rank_if_outdated(DAY, store, EXACTLY, NOW)
    assert shown(store, DAY) == []
    assert settle_touched(store) == set()


@pytest.mark.parametrize("key", ["limit", "minimum_readers", "fill", "max_age"])
def test_a_feed_that_was_ranked_by_other_rules_cannot_wait(store: Store, key: str) -> None:
    rank_now(store, DAY)
    assert rank_if_outdated(DAY, store, configured(most_read={"fill": 0} | {key: 1}), NOW)


def test_a_feed_of_carried_over_readers_cannot_wait_as_they_may_have_changed(
    store: Store,
) -> None:
    save(store, article("a", views=9), article("b", views=5))
    assert ranked(store, DAY, CONFIG) == ["a", "b"]
    save(store, article("b", views=10))
    assert rank_if_outdated(DAY, store, CONFIG, NOW)
    assert shown(store, DAY, CONFIG) == ["b", "a"]


def five_ages(store: Store) -> None:
    """Read an article in each window, and one before anybody counted."""
    save(store, *map(article, "abcd"), article("e", views=90))
    for name, hours in {"a": 1, "b": 10, "c": 3 * 24, "d": 20 * 24}.items():
        read(store, name, 10, hours_ago=hours)


@pytest.mark.parametrize(
    ("feed", "fill", "basis", "order"),
    [
        (THREE_HOURS, 1, "3h", "a"),
        (THREE_HOURS, 2, "24h", "ab"),
        (THREE_HOURS, 3, "7d", "abc"),
        (THREE_HOURS, 4, "30d", "abcd"),
        (THREE_HOURS, 5, EVER, "eabcd"),
        (WEEK, 1, "7d", "abc"),
    ],
)
def test_a_window_with_too_few_articles_is_widened_as_far_as_is_needed(
    store: Store, feed: Feed, fill: int, basis: str, order: str
) -> None:
    five_ages(store)
    config = configured(most_read={"fill": fill})
    assert ranked(store, feed, config) == list(order)
    assert contents_of(feed, store, config, NOW).basis == basis


def test_carried_over_readers_are_added_to_those_that_were_counted(store: Store) -> None:
    save(store, article("a", views=8), article("b", views=9), article("c", views=4), article("d"))
    read(store, "a", 2, hours_ago=1)
    read(store, "d", 6, hours_ago=40)
    assert ranked(store, DAY, CONFIG) == ["a", "b", "d", "c"]


def test_a_document_says_which_window_was_counted_in_fact(store: Store) -> None:
    five_ages(store)
    publish_now(store, configured(most_read={"fill": 2}))
    description = parse_json(document(store, "most-read/3h.json").body)["description"]
    assert "최근 24시간의 독자 수" in description


def test_two_windows_of_one_length_are_not_widened_to_each_other(store: Store) -> None:
    five_ages(store)
    config = configured(most_read={"windows": ("1d", "24h"), "fill": 1})
    rank_now(store, DAY, config=config)
    assert contents_of(DAY, store, config, NOW).basis == "24h"


def test_beside_carried_over_readers_those_of_the_longest_window_count(store: Store) -> None:
    save(store, article("a"), article("b", views=5), article("c", views=1))
    for name, hours_ago in {"a": 20, "c": 30}.items():
        read(store, name, 9, hours_ago=hours_ago)
    config = configured(most_read={"windows": ("24h",), "fill": 2, "minimum_readers": 1})
    assert ranked(store, DAY, config) == ["a", "b", "c"]


def test_readers_below_the_minimum_do_not_add_to_carried_over_ones(store: Store) -> None:
    save(store, article("a", views=3, minutes=90), article("b", views=3))
    read(store, "a", 1)
    assert ranked(store, DAY, CONFIG) == ["b", "a"]


def test_a_published_list_stays_byte_for_byte_while_its_order_does(store: Store) -> None:
    save_all(store, "ab")
    read(store, "a", 5)
    read(store, "b", 3)
    publish_now(store, EXACTLY)
    before = document(store, "most-read.rss")
    read(store, "b", 1, hours_ago=1)
    publish_now(store, EXACTLY, NOW + timedelta(minutes=5))
    assert document(store, "most-read.rss") == before
    read(store, "b", 9, hours_ago=2)
    publish_now(store, EXACTLY, NOW + timedelta(minutes=10))
    after = document(store, "most-read.rss")
    assert after.etag != before.etag
    assert after.last_modified > before.last_modified
    assert titles(store, "most-read") == ["제목 b", "제목 a"]


def usual_weeks(store: Store) -> None:
    """Fill four weeks by hand: at this hour much is read, ten hours ago hardly anything.

    In each of the last two full hours, four weeks in a row, four articles with 5 readers each: 40
    readers are usual by now, so 10 for each of four articles. Ten hours before, one article with
    2 readers an hour: 4 are usual. `evergreen` had half of all readers of this week.
    """
    save(store, *(article(f"old {n}", minutes=50_000) for n in range(4)))
    save_all(store, ["evergreen", "filler"])
    for week in range(1, 5):
        for hour in (1, 2):
            for n in range(4):
                read(store, f"old {n}", 5, hours_ago=week * HOURS_OF_A_WEEK + hour)
            read(store, "old 0", 2, hours_ago=week * HOURS_OF_A_WEEK + hour + 10)
    # At hours that neither 9 nor 23 o'clock on Mondays is compared with.
    read(store, "evergreen", 60, hours_ago=50)
    read(store, "filler", 60, hours_ago=50)


def test_what_is_read_far_above_usual_rises(store: Store) -> None:
    usual_weeks(store)
    save_all(store, ["breaking", "usual", "one", "two"])
    for name, readers in {"breaking": 30, "usual": 14, "one": 1, "two": 2}.items():
        read(store, name, readers, hours_ago=1)
    assert ranked(store, RISES) == ["breaking"]


def test_the_same_readers_rise_at_an_hour_that_is_quiet_on_that_day_of_the_week(
    store: Store,
) -> None:
    usual_weeks(store)
    save(store, *(article(name, minutes=2_000) for name in ("busy", "quiet")))
    read(store, "quiet", 14, hours_ago=11)
    assert ranked(store, RISES, now=NOW - timedelta(hours=10)) == ["quiet"]
    read(store, "busy", 14, hours_ago=1)
    assert ranked(store, RISES) == []


def test_an_article_that_is_always_read_rises_only_above_its_own_share(store: Store) -> None:
    usual_weeks(store)
    # 30 readers would be a rise of any other; half of the usual 40 are expected of this one.
    read(store, "evergreen", 30, hours_ago=1)
    assert ranked(store, RISES) == []
    read(store, "evergreen", 30, hours_ago=2)
    assert ranked(store, RISES) == ["evergreen"]


def test_a_single_count_of_long_ago_makes_no_week_a_known_one(store: Store) -> None:
    usual_weeks(store)
    save_all(store, ["a"])
    read(store, "a", 14, hours_ago=1)
    assert ranked(store, RISES) == []
    read(store, "old 0", 1, hours_ago=9 * HOURS_OF_A_WEEK)
    read(store, "old 0", 1, hours_ago=4 * HOURS_OF_A_WEEK + 40)
    assert ranked(store, RISES) == []


def test_in_the_first_week_any_hour_is_as_usual_as_another(store: Store) -> None:
    save(store, article("falls", minutes=3000), article("rises"))
    for hours_ago in range(5, 30):
        read(store, "falls", 40, hours_ago=hours_ago)
    for name in ("falls", "rises"):
        read(store, name, 20)
    assert ranked(store, RISES) == ["rises"]


def test_hours_are_compared_by_the_clocks_of_the_paper(store: Store) -> None:
    berlin = configured(site={"timezone": "Europe/Berlin"}, most_read={"fill": 0})
    save_all(store, ["always", "new"])
    # Each Monday from 8 to 9 in Berlin: 7 UTC in winter, and from 29 March 2026 on 6 UTC.
    for day in (2, 9, 16, 23):
        opened = datetime(2026, 3, day, 7, 30, tzinfo=UTC)
        read(store, "always", 60, hours_ago=(NOW - opened) / timedelta(hours=1))
    monday = datetime(2026, 3, 30, 6, 59, tzinfo=UTC)
    for name in ("always", "new"):
        read(store, name, 60, hours_ago=(NOW - monday) / timedelta(hours=1))
    assert ranked(store, RISES, berlin, monday) == []
    assert ranked(store, RISES, EXACTLY, monday) == ["always", "new"]


@pytest.mark.parametrize("feed", ["most-read", "most-read/3h", "sections/사회/most-read"])
def test_the_papers_own_list_comes_out_in_its_order_when_nobody_was_counted_yet(
    store: Store, tmp_path: Path, feed: str
) -> None:
    paper.publish(paper.carried_over(), store, CONFIG, tmp_path)
    assert titles(store, feed) == list(paper.RANKED)


@pytest.mark.parametrize("feed", ["most-read", "rising"])
def test_a_ranked_article_is_published_with_its_rank_and_as_everywhere_else(
    store: Store, feed: str
) -> None:
    save(store, article("a", minutes=9), article("b"))
    read(store, "a", 30)
    read(store, "b", 20)
    publish_now(store, EXACTLY)
    newest, ranked = (
        parse_json(document(store, f"{path}.json").body)["items"] for path in ("latest", feed)
    )
    assert [item["title"] for item in ranked] == ["제목 a", "제목 b"]
    assert [item["_feeds"]["rank"] for item in ranked] == [1, 2]
    plain = {item["id"]: item for item in newest}
    assert all(item == plain[item["id"]] | {"_feeds": item["_feeds"]} for item in ranked)
