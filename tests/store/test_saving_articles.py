"""Articles are saved, listed under their terms, and minted a guid."""

import re
from dataclasses import replace
from typing import Any, cast
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.errors import StoreError, StoreFault
from feeds.model import LATEST, Article, Author, Patch, Term
from feeds.store import Saved, Store
from feeds.store.saving import mint_guid
from tests import patches
from tests.store.samples import FULL, HOST, NOW, article, carried_over, newest, rows, save, settle

# RFC 4151 2.1 with RFC 3986 3.3 (pchar): all that may follow the date.
TAG_URI = re.compile(
    r"tag:[a-z0-9.-]+,\d{4}-\d{2}-\d{2}:([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})*"
)
TERMS_OF_FULL = {
    LATEST,
    Term("section", "지역"),
    Term("section", "생활"),
    Term("author", "김민수"),
    Term("author", "이서연"),
    Term("tag", "관악산"),
    Term("tag", "둘레길"),
}


def known(store: Store, article_id: str) -> Article:
    found = store.articles.get(article_id)
    assert found is not None
    return found


def guid(store: Store, article_id: str = "1") -> str:
    return known(store, article_id).guid or ""


@pytest.mark.parametrize("saved", [FULL, article()], ids=["all fields", "the required fields"])
def test_an_article_reads_back_as_it_was_saved(store: Store, saved: Article) -> None:
    assert store.articles.get(saved.id) is None
    assert store.articles.is_empty()
    save(store, saved)
    assert not store.articles.is_empty()
    assert replace(known(store, saved.id), guid=None) == saved
    assert store.articles.newest(LATEST, NOW, 1) == [known(store, saved.id)]


def test_rows_that_the_database_refuses_are_a_fault_and_nothing_is_saved(store: Store) -> None:
    _rename(store, "views", "readers")
    try:
        with pytest.raises(StoreFault, match="views"):
            save(store, FULL)
    finally:
        _rename(store, "readers", "views")
    assert store.articles.get(FULL.id) is None
    save(store, FULL)


def _rename(store: Store, column: str, name: str) -> None:
    with store._database.writing() as connection:
        connection.exec_driver_sql(f"ALTER TABLE listings RENAME COLUMN {column} TO {name}")


def outcomes(store: Store, *articles: Article) -> list[str]:
    return [each.outcome for each in patches.save(store, articles, HOST, NOW)]


def test_each_patch_has_its_outcome(store: Store) -> None:
    save(store, article("kept"), article("edited"))
    batch = [article("kept"), article("edited", title="새 제목"), article("new"), article("newer")]
    assert outcomes(store, *batch) == ["unchanged", "changed", "new", "new"]
    assert outcomes(store) == []


@pytest.mark.parametrize(
    "edit",
    [
        {"title": "새 제목"},
        {"published": NOW},
        {"updated": NOW},
        {"url": None},
        {"subtitle": None},
        {"summary": "새 요약"},
        {"body_html": None, "body_text": "글"},
        {"authors": (Author("이서연"), Author("김민수", "kim@news.example"))},
        {"authors": (replace(FULL.authors[0], id="18"), *FULL.authors[1:])},
        {"sections": ("생활", "지역")},
        {"tags": ()},
        {"image": None},
        {"language": "en"},
        {"comments": None},
        {"views": 43},
        {"status": "withdrawn"},
    ],
    ids=lambda edit: next(iter(edit)),
)
def test_an_edit_of_any_field_is_a_change(store: Store, edit: dict[str, Any]) -> None:
    save(store, FULL)
    edited = replace(FULL, **edit)
    (saved,) = store.articles.save([patches.whole(edited, minor=True)], HOST, NOW)
    assert saved.outcome == "changed"
    assert saved.article == known(store, "full")
    latest = max(edited.updated, edited.published)
    assert replace(saved.article, guid=None) == replace(edited, updated=latest)


def test_patches_of_one_article_are_merged_in_their_order(store: Store) -> None:
    first, last = article(title="처음", tags=("가",)), article(title="나중", tags=("나",))
    assert outcomes(store, first, last) == ["new", "changed"]
    assert known(store, "1").title == "나중"
    assert newest(store, Term("tag", "가")) == []


def test_all_guids_have_the_host_of_the_first_article(store: Store) -> None:
    assert store.articles.authority("127.0.0.1") == "127.0.0.1"
    assert store.articles.authority(HOST) == HOST
    save(store, article("1"))
    moved = article("1", minutes=9 * 24 * 60, sections=("정치",), status="withdrawn")
    patches.save(store, [moved, article("2")], "new.example", NOW)
    assert guid(store, "1") == "tag:www.news.example,2026-03-02:1"
    assert guid(store, "2") == "tag:www.news.example,2026-03-02:2"
    assert store.articles.authority("new.example") == HOST


def save_with_guid(store: Store, article_id: str, guid: str, title: str = "제목") -> Saved:
    given = {"title": title, "published": NOW, "guid": guid}
    return store.articles.save([Patch(article_id, given)], HOST, NOW)[0]


def test_a_new_article_keeps_the_guid_that_it_is_imported_with_and_no_later_one(
    store: Store,
) -> None:
    assert save_with_guid(store, "1", "5f1a").outcome == "new"
    assert save_with_guid(store, "1", "another").outcome == "unchanged"
    assert save_with_guid(store, "1", "another", "고침").outcome == "changed"
    assert guid(store) == "5f1a"
    save(store, article("2"))
    assert save_with_guid(store, "2", "5f1b", "고침").outcome == "changed"
    assert guid(store, "2") == mint_guid("2", NOW, HOST)


def test_no_two_articles_have_one_guid(store: Store) -> None:
    save_with_guid(store, "1", "5f1a")
    minted_for_3 = mint_guid("3", NOW, HOST)
    given = {"title": "제목", "published": NOW}
    batch = [("2", "5f1a"), ("4", "5f1b"), ("5", "5f1b"), ("6", minted_for_3)]
    patches = [Patch(key, {**given, "guid": guid}) for key, guid in batch]
    saved = store.articles.save([*patches, Patch("3", given)], HOST, NOW)
    assert [each.outcome for each in saved] == ["rejected", "new", "rejected", "new", "rejected"]
    assert saved[0].notes == ('guid: "5f1a" is the guid of article 1',)
    assert saved[2].notes == ('guid: "5f1b" is the guid of article 4',)
    assert saved[4].notes == (f'guid: "{minted_for_3}" is the guid of article 6',)
    assert store.articles.known(list("123456")) == {"1", "4", "6"}


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1))
def test_any_id_gives_a_guid_of_its_own_in_the_form_of_rfc_4151(article_id: str) -> None:
    minted = mint_guid(article_id, NOW, HOST)
    assert TAG_URI.fullmatch(minted)
    assert unquote(minted.rpartition(":")[2]) == article_id


def test_only_a_change_touches_the_paper_its_sections_authors_and_tags(store: Store) -> None:
    save(store, FULL)
    assert settle(store) == TERMS_OF_FULL
    save(store, FULL)
    assert settle(store) == set()


def test_a_withdrawn_article_leaves_every_list_until_it_comes_back(store: Store) -> None:
    save(store, FULL)
    settle(store)
    save(store, replace(FULL, status="withdrawn"))
    assert all(newest(store, term) == [] for term in TERMS_OF_FULL)
    assert carried_over(store) == []
    assert store.articles.listed(LATEST, ["full"], NOW) == []
    assert rows(store, "listings") == 0
    assert settle(store) == TERMS_OF_FULL
    assert known(store, "full").status == "withdrawn"
    save(store, replace(FULL, status="withdrawn", title="새 제목"))
    assert settle(store) == set()
    save(store, FULL)
    assert settle(store) == TERMS_OF_FULL
    assert all(newest(store, term) == ["full"] for term in TERMS_OF_FULL)


def test_a_batch_that_fails_in_the_middle_leaves_nothing(store: Store) -> None:
    save(store, article("old"))
    settle(store)
    broken = article("2", url=cast("Any", 1j))
    with pytest.raises(StoreError):
        save(store, article("old", tags=("새",)), article("1"), broken, article("3"))
    assert newest(store) == ["old"]
    assert known(store, "old").tags == ()
    assert settle(store) == set()
