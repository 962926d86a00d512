"""Published documents: what changes, and what must not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feeds.errors import StoreError
from feeds.model import LATEST, Document, Rendition, Term
from feeds.store import HeldBack, Status, Store
from tests.formats.samples import CHANNEL
from tests.store.samples import NOW, rendition

SECTION = Term("section", "지역")
AT = int(NOW.timestamp())
HOUR = timedelta(hours=1)
LATER = NOW + HOUR


def publish(store: Store, one: Rendition | bytes, now: datetime = NOW) -> Document:
    """Publish a rendition, or one with these bytes."""
    made = one if isinstance(one, Rendition) else rendition(body=one)
    store.documents.publish([made], now)
    found = store.documents.get(made.path)
    assert found is not None
    return found


def report(store: Store, path: str = "latest.rss", fault: str = "title differs") -> None:
    assert store.documents.publish([rendition(path, fault=fault)], LATER) == 0


def hold_back(store: Store, path: str, reasons: dict[str, str], now: datetime = NOW) -> None:
    store.documents.publish([rendition(path, held_back=reasons)], now)


def test_a_published_document_can_be_fetched(store: Store) -> None:
    one = rendition("sections/지역.rss", b"\x00\xff bytes", term=SECTION)
    assert store.documents.publish([one], NOW) == 1
    assert store.documents.get("sections/지역.rss") == Document(
        path=one.path,
        media_type=one.media_type,
        etag=one.etag,
        last_modified=AT,
        pace=None,
        bodies=one.bodies,
        deltas={},
    )


def test_unchanged_bytes_keep_etag_last_modified_and_version(store: Store) -> None:
    first, version = publish(store, b"same"), store.documents.version()
    again = rendition(body=b"same", bodies={"identity": b"same", "gzip": b"another level"})
    assert store.documents.publish([again], LATER) == 0
    assert store.documents.get("latest.rss") == first
    assert store.documents.changed_since(version) == []
    assert store.documents.publish([again, rendition("b.rss"), rendition("a.rss")], LATER) == 2
    assert sorted(store.documents.changed_since(version)) == ["a.rss", "b.rss"]
    assert store.documents.changed_since(store.documents.version()) == []


@pytest.mark.parametrize(
    ("moments", "modified"),
    [
        pytest.param((NOW, LATER), [AT, AT + 3600], id="the clock goes on"),
        pytest.param((NOW, NOW, NOW), [AT, AT + 1, AT + 2], id="the clock stands still"),
        pytest.param((NOW, NOW - 9 * HOUR), [AT, AT + 1], id="the clock goes back"),
        pytest.param(
            (datetime(1990, 1, 1, tzinfo=UTC), datetime(1990, 1, 2, tzinfo=UTC)),
            [978_307_201, 978_307_202],
            id="never before 2001",
        ),
    ],
)
def test_last_modified_moves_forward_with_every_change(
    store: Store, moments: Sequence[datetime], modified: list[int]
) -> None:
    bodies = (b"one", b"two", b"one")
    found = [publish(store, body, now) for body, now in zip(bodies, moments, strict=False)]
    assert [each.last_modified for each in found] == modified


def test_a_fault_keeps_the_published_document_and_one_that_never_was_is_not_served(
    store: Store,
) -> None:
    report(store)
    assert store.documents.get("latest.rss") is None
    assert store.documents.version() == 0
    assert store.documents.changed_since(0) == []
    (status,) = store.documents.statuses()
    assert (status.path, status.term, status.title) == ("latest.rss", LATEST, "")
    assert (status.last_modified, status.checked) == (None, AT + 3600)
    assert status.fault == "title differs"
    first = publish(store, b"good")
    assert first.last_modified == AT
    report(store)
    assert store.documents.get("latest.rss") == first
    (status,) = store.documents.statuses()
    assert (status.title, status.entries, status.last_modified) == (CHANNEL.title, 1, AT)
    publish(store, b"good", LATER + HOUR)
    (status,) = store.documents.statuses()
    assert (status.fault, status.checked) == (None, AT + 7200)


def test_feeds_are_counted_once_and_faults_are_listed_alone(store: Store) -> None:
    assert store.documents.feeds() == (0, None)
    store.documents.publish([rendition("a.rss"), rendition("a.atom")], NOW)
    report(store, "b.rss")
    publish(store, rendition("가.rss"), NOW + timedelta(minutes=1))
    assert store.documents.feeds() == (2, AT + 60)
    store.documents.publish([rendition("gone.rss")], NOW)
    store.documents.remove(["gone.rss"], NOW)
    found = [status.path for status in store.documents.statuses()]
    assert found == ["a.atom", "a.rss", "b.rss", "가.rss"]
    assert [status.path for status in store.documents.statuses(faulty=True)] == ["b.rss"]


def test_a_status_says_what_its_document_is(store: Store) -> None:
    one = rendition("sections/지역.rss", term=SECTION)
    store.documents.publish([one, rendition()], NOW)
    expected = Status(
        path=one.path,
        term=SECTION,
        title=CHANNEL.title,
        entries=1,
        last_modified=AT,
        checked=AT,
        fault=None,
        source=one.source,
    )
    assert store.documents.statuses(term=SECTION) == [expected]
    assert store.documents.statuses("section", "tag") == [expected]
    assert store.documents.statuses("tag") == []
    assert store.documents.statuses(term=Term("section")) == []


def test_a_publication_replaces_what_its_own_path_held_back(store: Store) -> None:
    hold_back(store, "a.rss", {"1": "no title", "2": "no title"})
    hold_back(store, "b.rss", {"1": "no title"})
    hold_back(store, "a.rss", {"2": "no link", "3": "no date"}, LATER)
    assert [one.article_id for one in store.documents.held_back("a.rss")] == ["2", "3"]
    assert store.documents.held_back() == [
        HeldBack("b.rss", "1", "no title", AT),
        HeldBack("a.rss", "2", "no link", AT),  # since the first time
        HeldBack("a.rss", "3", "no date", AT + 3600),
    ]
    hold_back(store, "a.rss", {}, LATER)
    assert [one.path for one in store.documents.held_back()] == ["b.rss"]


def test_a_publication_that_fails_leaves_every_document_as_it_was(store: Store) -> None:
    first = publish(store, b"one")
    sound = rendition(body=b"two", held_back={"1": "x"})
    with pytest.raises(StoreError, match="title"):
        store.documents.publish([sound, rendition("b.rss", title=None)], LATER)
    assert store.documents.get("latest.rss") == first
    assert store.documents.held_back() == []


def test_a_document_remembers_the_versions_that_deltas_start_from(store: Store) -> None:
    one, two, three = (rendition(body=body, entries=2) for body in (b"1", b"2", b"3"))
    publish(store, one)
    found = publish(store, replace(two, deltas={one.etag: {"identity": b"new"}}), LATER)
    assert found.deltas == {one.etag: {"identity": b"new"}}
    versions = store.documents.versions("latest.rss", 9)
    assert list(versions.items()) == [(two.etag, two.digests), (one.etag, one.digests)]
    assert list(store.documents.versions("latest.rss", 1)) == [two.etag]
    publish(store, replace(three, deltas={two.etag: {"identity": b"n"}}), LATER)
    assert list(store.documents.versions("latest.rss", 9)) == [three.etag, two.etag]


def test_the_pace_of_a_document_is_the_smoothed_time_between_its_changes(store: Store) -> None:
    paces = [publish(store, str(n).encode(), NOW + n * HOUR).pace for n in range(3)]
    assert paces == [None, 3600, 3600]
    assert publish(store, b"after a rest", NOW + 7 * HOUR).pace == (3 * 3600 + 5 * 3600) // 4


def test_a_removed_document_leaves_its_mark_and_can_come_back(store: Store) -> None:
    first = publish(store, rendition(body=b"one", held_back={"1": "reason"}))
    version = store.documents.version()
    assert store.documents.remove(["latest.rss", "never.rss"], NOW) == 1
    assert store.documents.remove(["latest.rss"], NOW) == 0
    gone = store.documents.get("latest.rss")
    assert gone is not None
    assert (gone.bodies, gone.deltas, gone.etag) == ({}, {}, "")
    assert store.documents.changed_since(version) == ["latest.rss"]
    assert (store.documents.statuses(term=LATEST), store.documents.versions("latest.rss", 9)) == (
        [],
        {},
    )
    assert store.documents.held_back() == []
    back = publish(store, b"one")
    assert back.last_modified > gone.last_modified > first.last_modified


def test_a_document_made_anew_with_the_same_bytes_has_its_new_deltas_and_codings(
    store: Store,
) -> None:
    first, version = publish(store, b"one"), store.documents.version()
    again = replace(
        rendition(body=b"one", source="other"),
        bodies={"identity": b"one", "br": b"1"},
        deltas={'"old"': {"identity": b"new"}},
    )
    assert store.documents.publish([again], LATER) == 0
    found = store.documents.get("latest.rss")
    assert found is not None
    assert (found.etag, found.last_modified) == (first.etag, first.last_modified)
    assert (found.bodies, found.deltas) == (again.bodies, again.deltas)
    assert store.documents.changed_since(version) == ["latest.rss"]
