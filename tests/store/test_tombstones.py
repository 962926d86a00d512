"""A withdrawn article leaves a tombstone under each term that listed it."""

from datetime import timedelta
from typing import Any

import pytest

from feeds.model import LATEST, Term, Tombstone
from feeds.store import Store
from tests import patches
from tests.store.samples import HOST, NOW, article, save, settle

A, B = Term("tag", "a"), Term("tag", "b")
PUBLIC, EMBARGOED = {"minutes": 60}, {"minutes": -60}
GONE = {"status": "withdrawn"}


def saved(store: Store, article_id: str = "1", *, minutes_later: int = 0, **fields: Any) -> None:
    one = article(article_id, **{"tags": ("a",), **fields})
    patches.save(store, [one], HOST, NOW + timedelta(minutes=minutes_later))


def buried(store: Store, term: Term, *, after: timedelta = timedelta()) -> list[str]:
    """Give the ids of a term's tombstones without what they all begin with."""
    found = store.articles.tombstones(term, NOW + after)
    return [each.id.removeprefix(f"tag:{HOST},") for each in found]


@pytest.mark.parametrize(
    ("saves", "terms"),
    [
        pytest.param([PUBLIC, GONE], {LATEST, A}, id="withdrawn"),
        pytest.param([PUBLIC, GONE, GONE | {"title": "새 제목"}], {LATEST, A}, id="edited after"),
        pytest.param([PUBLIC, GONE | {"tags": ("b",)}], {LATEST, A}, id="moved while withdrawn"),
        pytest.param([PUBLIC, {"tags": ("b",)}, GONE], {LATEST, B}, id="moved before"),
        pytest.param([PUBLIC, GONE, {"tags": ("b",)}], set(), id="restored"),
        pytest.param([PUBLIC, GONE, EMBARGOED], set(), id="restored under embargo"),
        pytest.param([PUBLIC, EMBARGOED], set(), id="embargoed again"),
        pytest.param([PUBLIC, EMBARGOED, GONE | EMBARGOED], set(), id="withdrawn after that"),
        pytest.param([EMBARGOED, GONE | EMBARGOED], set(), id="never seen"),
        pytest.param([EMBARGOED, GONE | PUBLIC], set(), id="never seen, then dated back"),
        pytest.param([GONE], set(), id="withdrawn when it came"),
    ],
)
def test_tombstones_stand_where_readers_could_see_the_article(
    store: Store, saves: list[dict[str, Any]], terms: set[Term]
) -> None:
    tags = ("a",)
    for fields in saves:
        tags = fields.get("tags", tags)
        saved(store, **{**fields, "tags": tags})
    assert {term for term in (LATEST, A, B) if buried(store, term)} == terms


def test_a_tombstone_has_the_guid_and_the_moment_and_the_latest_is_first(store: Store) -> None:
    save(store, article("1"), article("2"))
    saved(store, "1", **GONE)
    saved(store, "2", minutes_later=1, **GONE)
    assert store.articles.tombstones(LATEST, NOW) == (
        Tombstone(f"tag:{HOST},2026-03-02:2", NOW + timedelta(minutes=1)),
        Tombstone(f"tag:{HOST},2026-03-02:1", NOW),
    )


def test_an_article_that_comes_back_elsewhere_touches_the_feeds_that_named_it(store: Store) -> None:
    saved(store)
    saved(store, **GONE)
    settle(store)
    saved(store, tags=("b",))
    assert settle(store) == {LATEST, A, B}


def test_tombstones_move_with_their_term(store: Store) -> None:
    save(store, article("1", tags=("a",)), article("2", tags=("a", "b")))
    save(store, article("1", tags=("a",), **GONE), article("2", tags=("a", "b"), **GONE))
    store.moves.move(A, B, "b")
    assert (buried(store, A), buried(store, B)) == ([], ["2026-03-02:1", "2026-03-02:2"])


def test_a_feed_carries_the_fifty_latest_tombstones(store: Store) -> None:
    ids = [f"{number:02}" for number in range(60)]
    save(store, *(article(each) for each in ids))
    save(store, *(article(each, **GONE) for each in ids))
    assert buried(store, LATEST) == [f"2026-03-02:{each}" for each in ids[:50]]


def test_a_tombstone_is_dropped_after_thirty_days_and_its_terms_are_published(store: Store) -> None:
    store.changes.release(NOW)
    saved(store)
    saved(store, **GONE)
    settle(store)
    kept, over = timedelta(days=30, seconds=-1), timedelta(days=30)
    for after, terms in ((kept, set()), (over, {LATEST, A})):
        store.changes.release(NOW + after)
        assert settle(store) == terms
        assert bool(buried(store, A, after=after)) == (not terms)
