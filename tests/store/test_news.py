"""What is announced of articles: each change that readers can see, once its feeds are out."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from feeds.model import LATEST, Patch, Term
from feeds.store import News, Store
from tests import patches
from tests.queries import statements
from tests.store.samples import HOST, NOW, article, rows, save, settle

A, B = Term("tag", "a"), Term("tag", "b")
PUBLIC, EMBARGOED, LATER = {"minutes": 60}, {"minutes": -60}, {"minutes": -120}
EDITED, GONE = {"title": "새 제목"}, {"status": "withdrawn"}
ARCHIVED = {"minutes": 3 * 24 * 60}
NONE: tuple[dict[str, Any], ...] = ()


@pytest.fixture
def store(store: Store) -> Store:
    """A store whose worker has run before, and whose news somebody wants."""
    store.changes.release(NOW)
    with time_machine.travel(NOW):
        store.announcements.want(wanted=True)
    return store


class Listener:
    """Somebody who is told of each announcement once."""

    def __init__(self, store: Store, position: int = 0) -> None:
        self.store, self.position = store, position

    def hear(self, after: timedelta = timedelta()) -> list[str]:
        """Publish all that waits at a moment, announce it, and say what is heard."""
        self.store.changes.release(NOW + after)
        settle(self.store)
        return self.overhear(after)

    def overhear(self, after: timedelta = timedelta()) -> list[str]:
        """Announce what is published already, and say what is heard."""
        now = NOW + after
        self.store.announcements.announce(now)
        news = self.store.announcements.after(self.position, 99, now)
        public = self.store.articles.public([each.id for each in news], now)
        heard = [self._event(each, public) for each in news]
        self.position = news[-1].stamp if news else self.position
        return heard

    def _event(self, news: News, public: set[str]) -> str:
        known = "updated" if news.first <= self.position else "published"
        return f"{known if news.id in public else 'withdrawn'} {news.id}"


# The saves of an article, the minutes after which they come, and what is heard of them.
Step = tuple[Iterable[dict[str, Any]], int, str]
STORIES: dict[str, list[Step]] = {
    "an edit": [([PUBLIC], 0, "published"), ([EDITED], 0, "updated")],
    "the same again": [([PUBLIC], 0, "published"), ([PUBLIC], 0, "")],
    "out of the paper and back": [
        ([PUBLIC], 0, "published"),
        ([GONE], 0, "withdrawn"),
        ([GONE | EDITED], 0, ""),
        ([EDITED], 0, "published"),
    ],
    "several at once are one": [
        ([PUBLIC, EDITED], 0, "published"),
        ([PUBLIC, GONE], 0, "withdrawn"),
    ],
    "gone before anyone heard": [([PUBLIC, GONE], 0, "")],
    "back before anyone heard": [([PUBLIC], 0, "published"), ([GONE, EDITED], 0, "updated")],
    "never in the paper": [([GONE], 0, "")],
    "under embargo": [([EMBARGOED], 0, ""), ([EMBARGOED | EDITED], 0, ""), (NONE, 60, "published")],
    "an embargo that lasts longer": [
        ([EMBARGOED], 0, ""),
        ([LATER], 0, ""),
        (NONE, 60, ""),
        (NONE, 120, "published"),
    ],
    "an embargo that ends sooner": [
        ([LATER], 0, ""),
        ([EMBARGOED], 0, ""),
        (NONE, 60, "published"),
    ],
    "an embargo that is lifted": [([EMBARGOED], 0, ""), ([PUBLIC], 0, "published"), (NONE, 60, "")],
    "withdrawn under embargo": [([EMBARGOED, EMBARGOED | GONE], 0, ""), (NONE, 60, "")],
    "embargoed again": [
        ([PUBLIC], 0, "published"),
        ([EMBARGOED], 0, "withdrawn"),
        ([LATER], 0, ""),
        (NONE, 60, ""),
        (NONE, 120, "published"),
    ],
    "embargoed again, twice at once": [
        ([PUBLIC], 0, "published"),
        ([EMBARGOED, LATER], 0, "withdrawn"),
        (NONE, 120, "published"),
    ],
    "embargoed before anyone heard": [([PUBLIC, EMBARGOED], 0, ""), (NONE, 60, "published")],
    "edited in the second of its release": [
        ([EMBARGOED], 0, ""),
        ([EMBARGOED | EDITED], 60, "published"),
    ],
    "from an archive": [([ARCHIVED], 0, ""), ([ARCHIVED | EDITED], 0, "updated")],
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_what_readers_see_of_an_article_is_announced(store: Store, story: list[Step]) -> None:
    listener = Listener(store)
    for saves, minutes, expected in story:
        after = timedelta(minutes=minutes)
        for fields in saves:
            patches.save(store, [article("1", **{"tags": ("a",), **fields})], HOST, NOW + after)
        assert listener.hear(after) == ([f"{expected} 1"] if expected else [])
    assert listener.hear(timedelta(days=9)) == []


@pytest.mark.parametrize(
    ("given", "is_minor", "expected"),
    [
        ({"comments": 4, "views": 50}, False, []),
        ({"comments": 4, "title": "새 제목"}, False, ["updated 1"]),
        ({"title": "오자 고친 제목"}, True, ["updated 1"]),
        ({"correction": "바로잡습니다."}, False, ["updated 1"]),
        ({"sections": ("문화",)}, False, ["updated 1"]),
    ],
)
def test_numbers_alone_are_no_news_but_a_minor_edit_is(
    store: Store, given: dict[str, Any], expected: list[str], *, is_minor: bool
) -> None:
    listener = Listener(store)
    save(store, article("1"))
    listener.hear()
    store.articles.save([Patch("1", given, minor=is_minor)], HOST, NOW)
    assert listener.hear() == expected


@pytest.mark.parametrize("fields", [PUBLIC, GONE], ids=["edited", "withdrawn"])
def test_a_change_is_announced_once_all_feeds_of_its_article_show_it(
    store: Store, fields: dict[str, Any]
) -> None:
    save(store, article("1", tags=("a", "b")))
    listener = Listener(store)
    listener.hear()
    save(store, article("1", tags=("a", "b"), **{**fields, **EDITED}))
    waiting = store.changes.touched(9)
    assert {each.term for each in waiting} == {LATEST, A, B}
    for each in waiting:
        assert listener.overhear() == []
        store.changes.settle(each)
    assert len(listener.overhear()) == 1


def test_a_term_that_cannot_be_published_holds_up_no_announcement(store: Store) -> None:
    save(store, article("1", tags=("a",)))
    for each in store.changes.touched(9):
        (store.changes.postpone if each.term == A else store.changes.settle)(each)
    listener = Listener(store)
    assert listener.overhear() == ["published 1"]
    for article_id in "cb":
        save(store, article(article_id, tags=("b",)))
    for each in store.changes.touched(2):
        store.changes.settle(each)
    assert listener.overhear() == ["published c", "published b"]


def test_feeds_that_are_touched_all_the_time_hold_up_only_what_they_lack(store: Store) -> None:
    listener, rounds = Listener(store), []
    save(store, article("0", tags=("a",)))
    for number in range(1, 4):
        being_published = store.changes.touched(9)
        save(store, article(str(number), tags=("a",)))
        assert listener.overhear() == []
        for each in being_published:
            store.changes.settle(each)
        rounds.append(listener.overhear())
    assert rounds == [["published 0"], ["published 1"], ["published 2"]]


def test_an_embargo_that_ends_is_announced_once_its_feeds_are_out(store: Store) -> None:
    save(store, article("1", minutes=-60, tags=("a",)))
    settle(store)
    hour = timedelta(hours=1)
    store.changes.release(NOW + hour)
    listener = Listener(store)
    assert listener.overhear(hour) == []
    settle(store)
    assert listener.overhear(hour) == ["published 1"]


def test_an_embargo_whose_end_passes_while_its_article_is_saved_is_announced(store: Store) -> None:
    save(store, article("2", minutes=-60))
    settle(store)
    store.changes.release(NOW + timedelta(hours=1))
    save(store, article("1", minutes=-60))  # by a process that began before that
    assert Listener(store).hear(timedelta(hours=1)) == ["published 2", "published 1"]


@pytest.mark.parametrize("passes", [timedelta(), timedelta(hours=-1)])
def test_stamps_grow_whatever_the_clock_does(store: Store, passes: timedelta) -> None:
    listener = Listener(store)
    with time_machine.travel(NOW, tick=False):
        save(store, article("1"), article("2"))
        assert listener.hear() == ["published 1", "published 2"]
    with time_machine.travel(NOW + passes, tick=False):
        save(store, article("3"))
        assert listener.hear() == ["published 3"]


def test_who_is_slow_gets_the_latest_of_each_article_in_one_piece(store: Store) -> None:
    quick, slow = Listener(store), Listener(store)
    save(store, article("1"), article("2"), article("3"))
    quick.hear()
    save(store, article("1", **EDITED), article("2", **GONE))
    assert quick.hear() == ["updated 1", "withdrawn 2"]
    assert slow.hear() == ["published 3", "published 1", "withdrawn 2"]
    assert [each.id for each in store.announcements.after(0, 2, NOW)] == ["3", "1"]


def test_a_backlog_is_announced_from_its_latest_change_on(store: Store) -> None:
    for start in (0, 400):
        save(store, *(article(f"{number:03}") for number in range(start, start + 400)))
    settle(store)
    store.announcements.announce(NOW)
    first = [each.id for each in store.announcements.after(0, 999, NOW)]
    assert first == [f"{number:03}" for number in [*range(100), *range(400, 800)]]
    store.announcements.announce(NOW)
    assert len(store.announcements.after(0, 999, NOW)) == 800


def test_old_announcements_are_forgotten_but_stamps_go_on_growing(store: Store) -> None:
    for days in (0, 1, 2):
        with time_machine.travel(NOW + timedelta(days=days)):
            save(store, article(str(days)))
            Listener(store).hear()
    (*_, last) = store.announcements.after(0, 9, NOW)
    for before, kept in ((1, ["1", "2"]), (9, ["2"])):
        store.announcements.forget(NOW + timedelta(days=before))
        assert [each.id for each in store.announcements.after(0, 9, NOW)] == kept
    assert store.announcements.after(0, 9, NOW) == [last]


def test_nothing_is_noted_while_nobody_wants_news(store: Store) -> None:
    save(store, article("1"))
    store.announcements.want(wanted=False)
    with statements(store) as run:
        save(store, *(article(str(number)) for number in range(2, 50)))
    assert not [sql for sql, _ in run if "announced" in sql]
    assert (rows(store, "unannounced"), Listener(store).hear()) == (0, [])


def test_an_article_that_was_saved_ahead_before_anyone_wanted_news_is_announced(
    store: Store,
) -> None:
    store.announcements.want(wanted=False)
    save(store, article("1"), article("2", minutes=-60), article("3", minutes=-60, **GONE))
    with time_machine.travel(NOW):
        store.announcements.want(wanted=True)
    listener = Listener(store)
    assert listener.hear() == []
    assert listener.hear(timedelta(hours=1)) == ["published 2"]
