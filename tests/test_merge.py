"""What a save leaves: absent keeps, null clears, and dates that tell readers of news."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feeds.errors import ArticleError
from feeds.merge import merge, replacing
from feeds.model import Article, Author, Correction, Patch

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PUBLISHED, UPDATED = NOW - timedelta(hours=3), NOW - timedelta(hours=2)
STORED = Article(
    id="1",
    title="제목",
    published=PUBLISHED,
    updated=UPDATED,
    subtitle="부제",
    body_html="<p>글</p>",
    authors=(Author("김민수"),),
    sections=("지역",),
    views=7,
    guid="tag:www.news.example,2026-03-02:1",
)


def saved(stored: Article | None = STORED, *, minor: bool = False, **given: Any) -> Article:
    return merge(Patch("1", given, minor), stored, NOW)[0]


def test_an_absent_key_keeps_what_is_stored_and_null_clears_it() -> None:
    assert saved(title="고침") == replace(STORED, title="고침", updated=NOW)
    cleared = saved(subtitle=None, authors=None, views=None)
    assert cleared == replace(STORED, subtitle=None, authors=(), views=0, updated=NOW)


def test_one_body_replaces_the_other() -> None:
    assert saved(body_text="새 글") == replace(
        STORED, body_html=None, body_text="새 글", updated=NOW
    )


def test_a_replacement_clears_what_it_does_not_give() -> None:
    patch = replacing(Patch("1", {"title": "새", "published": PUBLISHED}))
    plain = Article("1", "새", PUBLISHED, NOW, guid=STORED.guid)
    assert merge(patch, STORED, NOW)[0] == plain


def test_a_new_article_with_a_date_of_change_only_was_published_then() -> None:
    assert saved(None, title="제목", updated=UPDATED).published == UPDATED
    assert saved(title="고침", updated=NOW).published == PUBLISHED


def test_a_replacement_may_be_new_with_a_date_of_change_only() -> None:
    patch = replacing(Patch("1", {"title": "제목", "updated": UPDATED}))
    assert merge(patch, None, NOW)[0].published == UPDATED


def test_an_article_of_another_site_with_the_same_id_is_refused() -> None:
    imported = replace(STORED, guid="https://paper.example/?p=1")
    other = {"guid": "https://other.example/?p=1", "title": "고침"}
    with pytest.raises(ArticleError, match=r'guid: this id is that of "https://paper\.example/'):
        saved(imported, **other, published=NOW)
    assert saved(imported, **other, published=PUBLISHED).guid == imported.guid  # it moved
    assert saved(imported, **other).title == "고침"
    assert saved(imported, guid=imported.guid, published=NOW).published == NOW
    assert saved(STORED, **other, published=NOW).guid == STORED.guid  # minted here


@pytest.mark.parametrize("given", [{}, {"title": "제목"}, {"published": PUBLISHED}])
def test_a_new_article_needs_a_title_and_a_date(given: dict[str, Any]) -> None:
    with pytest.raises(ArticleError) as raised:
        saved(None, **given)
    missing = {"title", "published"} - given.keys()
    assert all(f"{key}: is missing" in str(raised.value) for key in missing)
    assert saved(None, title="제목", published=PUBLISHED).updated == PUBLISHED


@pytest.mark.parametrize(
    ("given", "updated"),
    [
        ({}, UPDATED),
        ({"title": "제목", "subtitle": "부제"}, UPDATED),
        ({"title": "고침"}, NOW),
        ({"sections": ("경제",)}, NOW),
        ({"correction": "이름을 바로잡습니다."}, NOW),
        ({"status": "withdrawn"}, UPDATED),
        ({"comments": 9, "views": 9}, UPDATED),
        ({"title": "고침", "minor": True}, UPDATED),
        ({"title": "고침", "updated": NOW - timedelta(hours=1)}, NOW - timedelta(hours=1)),
        ({"updated": NOW - timedelta(hours=1)}, NOW - timedelta(hours=1)),
        # An older export: without a change nothing moves, with one readers are told.
        ({"updated": PUBLISHED}, UPDATED),
        ({"title": "고침", "updated": PUBLISHED}, NOW),
        # No date of a change is in the future, and a second save of it changes nothing.
        ({"updated": NOW + timedelta(hours=1)}, UPDATED),
        # An embargoed article was not read yet.
        ({"title": "고침", "published": NOW + timedelta(days=1)}, NOW + timedelta(days=1)),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, dict) else "",
)
def test_updated_moves_when_readers_see_a_change(given: dict[str, Any], updated: datetime) -> None:
    assert saved(**given).updated == updated
    assert saved(saved(**given), **given).updated == updated


def test_a_correction_is_dated_by_the_save_that_brought_it() -> None:
    corrected = saved(correction="틀렸습니다.")
    assert corrected.correction == Correction("틀렸습니다.", NOW)
    later = NOW + timedelta(hours=1)
    again, _ = merge(Patch("1", {"correction": "틀렸습니다."}), corrected, later)
    assert again == corrected
    assert saved(corrected, correction=None).correction is None
