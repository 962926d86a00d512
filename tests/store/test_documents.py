"""Published documents: what changes, and what must not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feeds.errors import StoreError
from feeds.model import LATEST, Document, Term
from feeds.store import HeldBack, Status, Store, open_store
from tests.store.samples import NOW, proof

SECTION = Term("section", "지역")
AT = int(NOW.timestamp())
HOUR = timedelta(hours=1)
LATER = NOW + HOUR
EARLIEST = datetime(2001, 1, 1, tzinfo=UTC)


def publish(store: Store, body: bytes, now: datetime = NOW, path: str = "latest.rss") -> Document:
    store.documents.publish([proof(path, body)], {}, now)
    found = store.documents.get(path)
    assert found is not None
    return found


def report(store: Store, path: str = "latest.rss", fault: str = "title differs") -> None:
    store.documents.report(path, LATEST, "application/rss+xml", fault, LATER)


def hold_back(store: Store, path: str, reasons: dict[str, str], now: datetime = NOW) -> None:
    store.documents.publish([proof(path)], {path: reasons}, now)


def test_a_published_document_can_be_fetched(store: Store) -> None:
    one = proof("sections/지역.rss", b"\x00\xff bytes", term=SECTION, entries=7)
    assert store.documents.publish([one], {}, NOW) == 1
    assert store.documents.get("sections/지역.rss") == Document(
        path=one.path,
        media_type=one.media_type,
        etag=one.etag,
        last_modified=AT,
        pace=None,
        entries=7,
        version=store.documents.version(),
        bodies=one.bodies,
        deltas={},
    )


def test_an_unpublished_path_has_no_document(store: Store) -> None:
    assert store.documents.get("latest.rss") is None
    assert store.documents.version() == 0
    assert store.documents.statuses() == []


def test_unchanged_bytes_keep_etag_last_modified_and_version(store_url: str) -> None:
    with open_store(store_url) as store:
        first = publish(store, b"same")
    with open_store(store_url) as store:
        again = proof(body=b"same", bodies={"identity": b"same", "gzip": b"another level"})
        assert store.documents.publish([again], {}, LATER) == 0
        assert store.documents.get("latest.rss") == first
        assert store.documents.changed_since(first.version) == []


def test_unchanged_bytes_are_noted_as_checked(store: Store) -> None:
    publish(store, b"same")
    report(store)
    publish(store, b"same", LATER + timedelta(hours=1))
    status = store.documents.statuses()[0]
    assert (status.checked, status.fault) == (AT + 7200, None)


def test_changed_bytes_are_last_modified_now(store: Store) -> None:
    publish(store, b"one")
    assert publish(store, b"two", LATER).last_modified == AT + 3600


def test_last_modified_moves_a_second_when_the_clock_stands_still(store: Store) -> None:
    times = [publish(store, body).last_modified for body in (b"one", b"two", b"one", b"three")]
    assert times == [AT, AT + 1, AT + 2, AT + 3]


def test_last_modified_moves_a_second_when_the_clock_goes_back(store: Store) -> None:
    publish(store, b"one")
    assert publish(store, b"two", NOW - timedelta(days=9)).last_modified == AT + 1


def test_last_modified_moves_when_the_last_entry_was_deleted(store: Store) -> None:
    publish(store, b"<rss><item/></rss>")
    store.documents.publish([proof(body=b"<rss/>", entries=0)], {}, NOW)
    found = store.documents.get("latest.rss")
    assert found is not None
    assert (found.last_modified, found.entries, found.body) == (AT + 1, 0, b"<rss/>")


def test_last_modified_is_never_before_2001(store: Store) -> None:
    first = publish(store, b"one", datetime(1990, 1, 1, tzinfo=UTC))
    second = publish(store, b"two", datetime(1990, 1, 2, tzinfo=UTC))
    assert EARLIEST.timestamp() <= first.last_modified < second.last_modified


def test_the_version_grows_with_each_changed_document(store: Store) -> None:
    store.documents.publish([proof("a.rss", b"1"), proof("b.rss", b"1")], {}, NOW)
    seen = store.documents.version()
    assert store.documents.changed_since(0) == ["a.rss", "b.rss"]
    both = [proof("a.rss", b"1"), proof("b.rss", b"2")]
    assert store.documents.publish(both, {}, NOW) == 1
    assert store.documents.version() > seen
    assert store.documents.changed_since(seen) == ["b.rss"]
    assert store.documents.changed_since(store.documents.version()) == []


def test_no_two_documents_share_a_version(store: Store) -> None:
    paths = ["a.rss", "b.rss", "c.rss"]
    assert len({publish(store, b"1", path=path).version for path in paths}) == 3


def test_a_report_keeps_the_published_document(store: Store) -> None:
    first = publish(store, b"good")
    report(store)
    assert store.documents.get("latest.rss") == first
    assert store.documents.changed_since(first.version) == []
    status = store.documents.statuses()[0]
    assert (status.fault, status.checked) == ("title differs", AT + 3600)
    assert (status.title, status.entries, status.last_modified) == ("관악뉴스", 1, AT)


def test_a_reported_path_without_a_document_is_not_served(store: Store) -> None:
    report(store)
    assert store.documents.get("latest.rss") is None
    assert store.documents.version() == 0
    assert store.documents.changed_since(0) == []
    assert store.documents.statuses() == [
        Status("latest.rss", LATEST, "", "application/rss+xml", 0, None, AT + 3600, "title differs")
    ]


def test_a_reported_path_can_be_published_later(store: Store) -> None:
    report(store)
    assert publish(store, b"good").last_modified == AT
    assert store.documents.statuses()[0].fault is None


def test_statuses_list_every_document_by_path(store: Store) -> None:
    store.documents.publish([proof("나.rss"), proof("a.rss"), proof("가.rss")], {}, NOW)
    report(store, "b.rss")
    assert [one.path for one in store.documents.statuses()] == [
        "a.rss",
        "b.rss",
        "가.rss",
        "나.rss",
    ]


def test_a_status_says_what_its_document_is(store: Store) -> None:
    store.documents.publish([proof("sections/지역.rss", term=SECTION, title="지역")], {}, NOW)
    expected = Status("sections/지역.rss", SECTION, "지역", "application/rss+xml", 1, AT, AT, None)
    assert store.documents.statuses() == [expected]


def test_held_back_articles_are_listed_by_article_and_path(store: Store) -> None:
    hold_back(store, "b.rss", {"2": "no title", "1": "no date"})
    hold_back(store, "a.rss", {"2": "no link"})
    assert store.documents.held_back() == [
        HeldBack("b.rss", "1", "no date", AT),
        HeldBack("a.rss", "2", "no link", AT),
        HeldBack("b.rss", "2", "no title", AT),
    ]


def test_held_back_articles_can_be_listed_for_one_document(store: Store) -> None:
    hold_back(store, "a.rss", {"2": "no link", "1": "no link"})
    hold_back(store, "b.rss", {"1": "no date"})
    assert [one.article_id for one in store.documents.held_back("a.rss")] == ["1", "2"]
    assert store.documents.held_back("c.rss") == []


def test_a_publication_replaces_what_its_own_path_held_back(store: Store) -> None:
    hold_back(store, "a.rss", {"1": "no title", "2": "no title"})
    hold_back(store, "b.rss", {"1": "no title"})
    hold_back(store, "a.rss", {"2": "no link", "3": "no date"}, LATER)
    found = [(one.path, one.article_id, one.reason) for one in store.documents.held_back()]
    assert found == [
        ("b.rss", "1", "no title"),
        ("a.rss", "2", "no link"),
        ("a.rss", "3", "no date"),
    ]
    store.documents.publish([proof("a.rss")], {}, LATER)
    assert [one.path for one in store.documents.held_back()] == ["b.rss"]


def test_held_back_since_stays_at_the_first_time(store: Store) -> None:
    hold_back(store, "a.rss", {"1": "no title"})
    hold_back(store, "a.rss", {"1": "no link"}, LATER)
    assert store.documents.held_back() == [HeldBack("a.rss", "1", "no link", AT)]


def test_a_publication_that_fails_leaves_every_document_as_it_was(store: Store) -> None:
    first = publish(store, b"one")
    broken = proof("b.rss", title=None)
    with pytest.raises(StoreError, match="title"):
        store.documents.publish([proof(body=b"two"), broken], {"latest.rss": {"1": "x"}}, LATER)
    assert store.documents.get("latest.rss") == first
    assert store.documents.held_back() == []


def test_a_document_remembers_the_versions_that_deltas_lead_on_from(store: Store) -> None:
    one, two, three = (proof(body=body, entries=2) for body in (b"1", b"2", b"3"))
    store.documents.publish([one], {}, NOW)
    store.documents.publish([replace(two, deltas={one.etag: {"identity": b"new"}})], {}, LATER)
    assert [found.etag for found in store.documents.versions("latest.rss")] == [two.etag, one.etag]
    found = store.documents.get("latest.rss")
    assert found is not None
    assert found.deltas == {one.etag: {"identity": b"new"}}
    assert store.documents.versions("latest.rss")[1].digests == one.digests
    store.documents.publish([replace(three, deltas={two.etag: {"identity": b"n"}})], {}, LATER)
    versions = [found.etag for found in store.documents.versions("latest.rss")]
    assert versions == [three.etag, two.etag]


def test_the_pace_of_a_document_is_the_smoothed_time_between_its_changes(store: Store) -> None:
    paces = [publish(store, str(n).encode(), NOW + n * HOUR).pace for n in range(3)]
    assert paces == [None, 3600, 3600]
    assert publish(store, b"after a rest", NOW + 7 * HOUR).pace == (3 * 3600 + 5 * 3600) // 4


def test_a_source_is_known_while_the_last_check_found_nothing(store: Store) -> None:
    publish(store, b"one")
    assert store.documents.sources(["latest.rss", "other.rss"]) == {"latest.rss": b"one".hex()}
    store.documents.report("latest.rss", LATEST, "application/rss+xml", "fault", LATER)
    assert store.documents.sources(["latest.rss"]) == {}


def test_a_removed_document_leaves_its_mark_and_can_come_back(store: Store) -> None:
    first = publish(store, b"one")
    hold_back(store, "latest.rss", {"1": "reason"})
    assert store.documents.remove(["latest.rss", "never.rss"], NOW) == 1
    assert store.documents.remove(["latest.rss"], NOW) == 0
    gone = store.documents.get("latest.rss")
    assert gone is not None
    assert (gone.bodies, gone.deltas, gone.etag) == ({}, {}, "")
    assert store.documents.changed_since(first.version) == ["latest.rss"]
    assert (store.documents.paths(LATEST), store.documents.versions("latest.rss")) == ([], [])
    assert store.documents.held_back() == []
    back = publish(store, b"one", NOW)
    assert back.last_modified > gone.last_modified > first.last_modified


def test_the_paths_of_a_term_are_its_own(store: Store) -> None:
    store.documents.publish([proof("sections/b.rss", term=SECTION), proof("a.rss")], {}, NOW)
    store.documents.publish([proof("sections/a.rss", term=SECTION)], {}, NOW)
    assert store.documents.paths(SECTION) == ["sections/a.rss", "sections/b.rss"]


def test_a_document_made_anew_with_the_same_bytes_has_its_new_deltas_and_codings(
    store: Store,
) -> None:
    first = publish(store, b"one")
    again = replace(
        proof(body=b"one", source="other"),
        bodies={"identity": b"one", "br": b"1"},
        deltas={'"old"': {"identity": b"new"}},
    )
    assert store.documents.publish([again], {}, LATER) == 0
    found = store.documents.get("latest.rss")
    assert found is not None
    assert (found.etag, found.last_modified) == (first.etag, first.last_modified)
    assert (found.bodies, found.deltas) == (again.bodies, again.deltas)
    assert store.documents.changed_since(first.version) == ["latest.rss"]


def test_a_removed_document_is_not_listed(store: Store) -> None:
    publish(store, b"one")
    store.documents.remove(["latest.rss"], NOW)
    assert store.documents.statuses() == []
