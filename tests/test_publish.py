"""What readers can fetch after the worker came by."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from feeds.catalog import authority
from feeds.formats import FORMATS
from feeds.model import LATEST, Author, Document, Term
from feeds.publish import differences_now
from feeds.store import Store, open_store
from feeds.verify import inspect
from tests import patches
from tests.newsroom import (
    CONFIG,
    configured,
    corrupt,
    database,
    document,
    documents,
    in_each_format,
    publish,
    statuses,
    titles,
)
from tests.store.samples import FULL, NOW, article, save

on_each_store = pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)

SECRET = "뜻밖의-사임"
OPEN = article("now", sections=("지역",), tags=("관악산",), authors=(Author("김민수"),), views=5)
ONE_WINDOW = configured(most_read={"windows": ["24h"]})
THREE = [article(str(n), minutes=n, tags=("관악산",), views=9 - n) for n in (1, 2, 3)]
OF_PAPER = ["latest", "most-read", *(f"most-read/{each}" for each in ("3h", "24h", "7d", "30d"))]
FEEDS_OF_FULL = [
    *OF_PAPER,
    *("sections/지역", "sections/지역/most-read", "sections/생활", "sections/생활/most-read"),
    *("authors/김민수", "authors/이서연", "tags/관악산", "tags/둘레길"),
]


def everywhere(store: Store, text: str) -> list[str]:
    """The paths of all documents whose bytes have a text, plain or percent-encoded in them."""
    found = documents(store)
    return [path for path in found if text.encode() in found[path].body or text in path]


@on_each_store
def test_an_article_is_in_every_feed_it_belongs_to_in_every_format(store: Store) -> None:
    save(store, FULL)
    publish(store)
    found = documents(store)
    for path in in_each_format("rising"):  # nobody has read it here
        assert FULL.title.encode() not in found.pop(path).body
    assert sorted(found) == sorted(path for feed in FEEDS_OF_FULL for path in in_each_format(feed))
    for path, one in found.items():
        assert FULL.title.encode() in one.body
        assert inspect(one.body, one.media_type) == ()
        assert statuses(store)[path].entries == 1


def test_an_empty_paper_has_its_latest_and_ranked_feeds(store: Store) -> None:
    publish(store)
    found = documents(store)
    feeds = [*OF_PAPER, "rising"]
    assert sorted(found) == sorted(path for feed in feeds for path in in_each_format(feed))
    assert all(inspect(one.body, one.media_type) == () for one in found.values())


def test_publishing_the_same_articles_again_changes_nothing(store: Store) -> None:
    save(store, FULL, *THREE)
    publish(store)
    before = documents(store), statuses(store)
    save(store, FULL, *THREE)
    publish(store, now=NOW + timedelta(minutes=5))
    assert (documents(store), statuses(store)) == before


@pytest.mark.parametrize("url", ["https://new.example/paper", "http://127.0.0.1:8000"])
def test_no_id_of_a_feed_or_an_entry_follows_the_papers_address(store: Store, url: str) -> None:
    save(store, FULL)
    publish(store)
    before = ids(store)
    moved = configured(site={"url": url})
    patches.save(store, [article("2")], authority(moved), NOW)
    publish(store, moved)
    assert ids(store) == before | {"tag:www.news.example,2026-03-02:2"}
    assert f'href="{url}/feeds/latest.atom"' in document(store, "latest.atom").body.decode()
    for status in store.documents.statuses():
        assert differences_now(status, store, moved, NOW) == ()


@on_each_store
def test_a_renamed_section_keeps_the_id_of_its_feed_and_one_that_it_joins_its_own(
    store: Store,
) -> None:
    save(store, article(sections=("구정",)), article("2", sections=("생활",)))
    publish(store)
    of_section, of_life = feed_id(store, "sections/구정"), feed_id(store, "sections/생활")
    for old, new, kept in (
        ("구정", "지역", of_section),
        ("지역", "동네", of_section),
        ("동네", "생활", of_life),
        ("생활", "구정", of_life),
    ):
        store.moves.move(Term("section", old), Term("section", new), new)
        publish(store)
        assert feed_id(store, f"sections/{new}") == kept
        assert "제목 1" in titles(store, f"sections/{new}")
        gone = (path for path in documents(store) if path.startswith(f"sections/{old}"))
        assert all(document(store, path).bodies == {} for path in gone)
        for status in store.documents.statuses():
            assert differences_now(status, store, CONFIG, NOW) == ()
    assert titles(store, "sections/구정") == ["제목 1", "제목 2"]


def test_subscribers_of_a_renamed_section_find_a_feed_also_while_it_is_empty(store: Store) -> None:
    save(store, article(sections=("구정",)))
    publish(store)
    save(store, article(sections=("구정",), status="withdrawn"))
    store.moves.move(Term("section", "구정"), Term("section", "지역"), "지역")
    publish(store)
    assert titles(store, "sections/지역") == []


def test_a_feed_whose_last_article_was_withdrawn_keeps_its_name(store: Store) -> None:
    for status in ("live", "withdrawn"):
        save(store, article("1", tags=("R&D",), status=status))
        publish(store)
        assert statuses(store)["tags/r-d.rss"].title == "관악뉴스 – R&D"


def feed_id(store: Store, feed: str) -> str:
    found = re.search("<id>(.*?)</id>", document(store, f"{feed}.atom").body.decode())
    assert found
    return found[1]


def ids(store: Store) -> set[str]:
    """Give all ids in the paper's Atom documents."""
    found = documents(store)
    atom = (found[path].body.decode() for path in found if path.endswith(".atom"))
    return {one for body in atom for one in re.findall("<id>(.*?)</id>", body)}


@on_each_store
def test_an_edit_changes_the_documents_it_is_in_and_no_other(store: Store) -> None:
    save(store, FULL, article("2", tags=("축제",)))
    publish(store)
    before = documents(store)
    save(store, replace(FULL, title="고친 제목"))
    publish(store, now=NOW + timedelta(seconds=1))
    after = documents(store)
    changed = {path for path in after if after[path] != before[path]}
    assert changed == {path for feed in FEEDS_OF_FULL for path in in_each_format(feed)}
    for path in changed:
        assert after[path].etag != before[path].etag
        assert after[path].last_modified > before[path].last_modified


def test_two_stores_fed_in_different_order_have_the_same_bytes(
    store: Store, tmp_path: Path
) -> None:
    articles = [FULL, *THREE, article("x", minutes=2, views=7)]
    save(store, *articles)
    publish(store)
    with open_store(f"sqlite:///{tmp_path / 'other.db'}") as other:
        for one in reversed(articles):
            save(other, one)
            publish(other, now=NOW + timedelta(hours=1))
        bytes_of = {path: (d.bodies, d.etag) for path, d in documents(other).items()}
    assert bytes_of == {path: (d.bodies, d.etag) for path, d in documents(store).items()}


@on_each_store
def test_tombstones_tell_of_a_withdrawal_for_thirty_days_or_until_it_is_taken_back(
    store: Store,
) -> None:
    one = replace(FULL, sections=("지역",), tags=("관악산",), authors=())
    feeds = ("latest", "most-read", "most-read/24h", "sections/지역", "tags/관악산")
    paths = [f"{feed}.{extension}" for feed in feeds for extension in ("atom", "json")]

    def told(days: int) -> set[str]:
        now = NOW + timedelta(days=days)
        publish(store, ONE_WINDOW, now)
        for status in store.documents.statuses():
            assert differences_now(status, store, ONE_WINDOW, now) == ()
        guid = "tag:www.news.example,2026-03-02:full"
        return {path for path in paths if guid in document(store, path).body.decode()}

    save(store, one, article("2", tags=one.tags))
    assert told(0) == set(paths)
    before = {path: document(store, path).body for path in paths}
    save(store, replace(one, status="withdrawn"))
    assert (told(1), everywhere(store, one.title)) == (set(paths), [])
    assert told(30) == set()
    save(store, one)
    assert told(31) == set(paths)
    assert {path: document(store, path).body for path in paths} == before


def test_a_fault_is_told_no_more_once_its_only_article_is_withdrawn(store: Store) -> None:
    save(store, article("1", tags=("봄",), body_html="<div>" * 2047))
    publish(store)
    assert statuses(store)["tags/봄.rss"].fault
    save(store, article("1", tags=("봄",), status="withdrawn"))
    publish(store)
    assert {status.term for status in store.documents.statuses()} == {LATEST}


@pytest.mark.parametrize(
    "fields", [{"status": "withdrawn"}, {"minutes": -30}], ids=["withdrawn", "embargoed"]
)
def test_a_term_that_never_had_a_published_article_has_no_feed(
    store: Store, fields: dict[str, Any]
) -> None:
    save(store, article("1", tags=("봄",), sections=("지역",), authors=(Author("김"),), **fields))
    publish(store)
    assert {status.term for status in store.documents.statuses()} == {LATEST}


# At these minutes: what is saved of an article, and where it is then.
LIFE: list[tuple[int, dict[str, Any], str]] = [
    (0, {"minutes": -30}, "nowhere"),
    (1, {"minutes": -30, "status": "withdrawn"}, "nowhere"),
    (2, {"minutes": -30}, "nowhere"),
    (30, {}, "shown"),
    (31, {"minutes": -60}, "nowhere"),
    (32, {"minutes": -60, "status": "withdrawn"}, "nowhere"),
    (61, {}, "nowhere"),
    (62, {"minutes": -60}, "shown"),
    (63, {"minutes": -60, "status": "withdrawn"}, "told gone"),
    (5, {"minutes": 1}, "shown"),  # the clock was set back
    (4, {"minutes": -60}, "nowhere"),
]


@on_each_store
def test_through_embargoes_withdrawals_and_a_clock_set_back_last_modified_only_grows(
    store: Store,
) -> None:
    guid, before = "", dict[str, Document]()
    for minute, fields, place in LIFE:
        now = NOW + timedelta(minutes=minute)
        if fields:
            one = article("id", title=SECRET, tags=("관악산",), views=9, **fields)
            patches.save(store, [OPEN, one], "www.news.example", now)
        publish(store, ONE_WINDOW, now)
        guid = guid or getattr(store.articles.get("id"), "guid", "")
        after = documents(store)
        told = {path.rpartition(".")[2] for path in everywhere(store, guid)}
        assert bool(everywhere(store, SECRET)) == (place == "shown")
        assert told == {"shown": set(FORMATS), "told gone": {"atom", "json"}}.get(place, set())
        for path, old in before.items():
            changed = after[path].etag != old.etag
            assert after[path].last_modified - old.last_modified >= changed
        before = after


# No such title gets through the reading of a config; it stands for a renderer that is broken.
UNWRITABLE_TITLE = CONFIG.model_copy(
    update={"site": CONFIG.site.model_copy(update={"title": "상한\x08 신문"})}
)
XML = ("rss", "atom")


def test_one_article_that_xml_cannot_carry_keeps_no_other_out(store: Store) -> None:
    save(store, *THREE)
    corrupt(store, "2", title="상한\x08 제목")
    publish(store)
    for feed in ("latest", "most-read", "tags/관악산"):
        for extension in XML:
            found = document(store, f"{feed}.{extension}")
            assert inspect(found.body, found.media_type) == ()
            assert statuses(store)[f"{feed}.{extension}"].entries == 2
            assert "제목 1".encode() in found.body
            assert "상한".encode() not in found.body
        assert {"제목 1", "제목 3"} <= set(titles(store, feed))
    assert {held.article_id for held in store.documents.held_back()} == {"2"}
    assert "latest.rss" in {held.path for held in store.documents.held_back()}
    save(store, THREE[1])
    publish(store)
    assert store.documents.held_back() == []
    assert {statuses(store)[path].entries for path in in_each_format("latest")} == {3}


# What a hand can do to a row that no import would, and why its article is held back then.
ROWS: list[tuple[dict[str, Any], str]] = [
    ({"published": 10**17}, "cannot be read"),  # beyond all calendars
    ({"updated": 253_402_300_799}, "cannot be"),  # the last second that has a year
    ({"authors": "[{}]"}, "cannot be read"),
    ({"authors": '[{"na'}, "cannot be read"),
    ({"sections": "3"}, "cannot be read"),
    ({"tags": "[7]"}, "cannot be"),
    ({"image": '"x"'}, "cannot be read"),
    ({"published": "soon"}, "cannot be read"),
    ({"subtitle": b"\xff"}, "cannot be"),
    ({"image": '{"url": "https://["}'}, "cannot be made an entry"),
    ({"body_html": "<div>" * 2047}, "body_html: more than 1000 elements"),
]


@pytest.mark.parametrize(("columns", "reason"), ROWS)
def test_a_row_that_was_broken_by_hand_is_one_article_held_back_until_it_is_saved_again(
    store: Store, columns: dict[str, Any], reason: str
) -> None:
    save(store, *THREE)
    publish(store)
    corrupt(store, "2", **columns)
    found = differences_now(statuses(store)["latest.rss"], store, CONFIG, NOW)
    assert "2" in {each.article_id for each in found}
    store.changes.touch_all_unless("something else")
    publish(store)
    for feed in ("latest", "most-read", "tags/관악산"):
        assert titles(store, feed) == ["제목 1", "제목 3"]
    (held,) = store.documents.held_back("latest.rss")
    assert held.article_id == "2"
    assert held.reason.startswith(reason)
    assert differences(store, "latest.rss") == set()
    save(store, THREE[1])
    publish(store)
    assert titles(store, "latest") == ["제목 1", "제목 2", "제목 3"]
    assert store.documents.held_back() == []


@pytest.mark.parametrize("fields", [{"title": "\x08"}, {"image": '{"url": "https://["}'}], ids=str)
def test_a_feed_of_nothing_but_faults_keeps_its_last_good_documents(
    store: Store, fields: dict[str, str]
) -> None:
    save(store, article("1", tags=("봄",)))
    publish(store)
    before = documents(store)
    corrupt(store, "1", **fields)
    store.changes.touch_all_unless("something else")
    publish(store, now=NOW + timedelta(minutes=1))
    for path in ("tags/봄.rss", "tags/봄.atom"):
        assert documents(store)[path] == before[path]
        status = statuses(store)[path]
        assert status.fault
        assert status.checked > before[path].last_modified


def test_a_document_that_the_gate_refuses_stays_as_it_was_until_it_is_sound(
    store: Store,
) -> None:
    save(store, *THREE)
    publish(store)
    before = documents(store)
    publish(store, UNWRITABLE_TITLE, NOW + timedelta(minutes=1))
    after, shown = documents(store), statuses(store)
    for path in after:
        if path.endswith(XML):
            assert after[path] == before[path]
            assert "cannot be written" in (shown[path].fault or "")
            assert shown[path].entries == (0 if path.startswith("rising") else 3)
        else:
            assert shown[path].fault is None
    publish(store)
    assert {status.fault for status in statuses(store).values()} == {None}


def test_a_document_at_fault_goes_rather_than_show_a_withdrawn_article(store: Store) -> None:
    save(store, *THREE)
    publish(store)
    save(store, replace(THREE[0], status="withdrawn"))
    publish(store, UNWRITABLE_TITLE)
    assert {document(store, f"latest.{extension}").bodies == {} for extension in XML} == {True}
    assert titles(store, "latest") == ["제목 2", "제목 3"]
    publish(store)
    assert {statuses(store)[path].entries for path in in_each_format("latest")} == {2}


def test_a_document_that_was_refused_from_the_start_is_not_there(store: Store) -> None:
    publish(store, UNWRITABLE_TITLE)
    assert not any(path.endswith(XML) for path in documents(store))


def differences(store: Store, path: str) -> set[str]:
    return {d.field for d in differences_now(statuses(store)[path], store, CONFIG, NOW)}


@pytest.mark.parametrize("fields", [{"title": "\x08"}, {"image": '{"url": "https://["}'}], ids=str)
def test_a_difference_is_told_only_where_a_document_is_behind_its_articles(
    store: Store, fields: dict[str, str]
) -> None:
    paths = ("latest.rss", "most-read.atom", "tags/관악산.json")
    save(store, *THREE)
    corrupt(store, "2", **fields)
    publish(store)
    assert [differences(store, path) for path in paths] == [set()] * 3
    save(store, replace(THREE[0], title="고친 제목"))
    for path in paths:
        assert "title" in differences(store, path)


def test_a_feed_is_named_as_its_newest_article_writes_it(store: Store) -> None:
    tags = {"1": "r&d", "2": "R&D"}
    save(store, *(article(i, minutes=9 - int(i), tags=(tag,)) for i, tag in tags.items()))
    publish(store)
    assert statuses(store)["tags/r-d.json"].title == "관악뉴스 – R&D"
    assert statuses(store)["tags/r-d.json"].term == Term("tag", "r-d")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("DELETE FROM articles", "its row is gone"),
        ("UPDATE articles SET title = CAST(x'ff' AS TEXT)", "cannot be read"),
    ],
)
def test_an_article_whose_row_is_gone_or_no_utf8_is_held_back_alone(
    store: Store, change: str, reason: str
) -> None:
    save(store, article("1"), article("2"))
    with database(store) as connection:
        connection.exec_driver_sql(f"{change} WHERE id = '2'")
    publish(store)
    assert titles(store, "latest") == ["제목 1"]
    held_back = {held.article_id: held.reason for held in store.documents.held_back()}
    assert held_back.keys() == {"2"}
    assert reason in held_back["2"]
    save(store, article("2"))
    publish(store)
    assert titles(store, "latest") == ["제목 1", "제목 2"]


@pytest.mark.parametrize("change", ["versions SET digests", "rankings SET articles"])
def test_a_row_that_can_be_made_again_is_made_again_when_it_cannot_be_read(
    store: Store, change: str
) -> None:
    save(store, article("1", views=9))
    publish(store)
    with database(store) as connection:
        connection.exec_driver_sql(f"UPDATE {change} = '1'")
    save(store, article("2", views=8))
    publish(store)
    assert titles(store, "latest") == ["제목 1", "제목 2"]
    assert titles(store, "most-read") == ["제목 1", "제목 2"]
