"""The loop: one publisher at a time, nothing forgotten, and no end before it is told to."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from feeds.config import Config
from feeds.errors import PublishError
from feeds.health import publishing_health
from feeds.model import LATEST, Term
from feeds.store import Store, open_store
from feeds.worker import publish_all, rank, run
from tests.newsroom import (
    CONFIG,
    configured,
    database,
    documents,
    publish,
    titles,
)
from tests.processes import eventually
from tests.store.samples import NOW, article, save


class Impatient(threading.Event):
    """A stop signal that a worker hardly waits for between two passes."""

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(0.01 if timeout else timeout)


@contextmanager
def running(store: Store, config: Config = CONFIG) -> Iterator[None]:
    """A worker in a thread of its own; leaving tells it to stop and waits until it has."""
    stop = Impatient()
    worker = threading.Thread(target=run, args=(store, config, stop))
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join(20)
        assert not worker.is_alive()


@contextmanager
def away(store: Store) -> Iterator[None]:
    """Take the list of touched terms away for a while, so that the store cannot be read."""
    with database(store) as connection:
        connection.exec_driver_sql("ALTER TABLE touched RENAME TO touched_away")
    try:
        yield
    finally:
        with database(store) as connection:
            connection.exec_driver_sql("ALTER TABLE touched_away RENAME TO touched")


@contextmanager
def refusing(store: Store, slug: str) -> Iterator[None]:
    """Let the database refuse the documents of some tags."""
    with database(store) as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER refusal BEFORE INSERT ON documents"
            f" WHEN NEW.slug LIKE '{slug}' AND NEW.kind = 'tag'"
            " BEGIN SELECT RAISE(ABORT, 'refused by hand'); END"
        )
    try:
        yield
    finally:
        with database(store) as connection:
            connection.exec_driver_sql("DROP TRIGGER refusal")


def test_what_cannot_be_counted_or_ranked_keeps_no_article_waiting(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with database(store) as connection:
        connection.exec_driver_sql("ALTER TABLE days RENAME TO days_away")
    with running(store):
        save(store, article("1"))
        eventually(lambda: store.documents.get("latest.rss"))
        eventually(lambda: "ranking waits for the store" in caplog.text)


def test_no_article_waits_while_views_are_folded(store: Store, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "0.views")  # who opens it waits until somebody writes
    with running(store, configured(views={"spool": str(tmp_path)})):
        save(store, article("1"))
        eventually(lambda: store.documents.get("latest.rss"))
        writer = os.open(tmp_path / "0.views", os.O_WRONLY)
        (tmp_path / "0.views").unlink()  # before its end, or the worker could open it once more
        os.close(writer)


def test_who_ranks_and_who_publishes_do_not_wait_for_each_other(
    store: Store, store_url: str
) -> None:
    with open_store(store_url) as other:
        with other.lock("publishing"):
            assert rank(store, CONFIG)
            assert not publish_all(store, CONFIG)
        with other.lock("ranking"):
            assert not rank(store, CONFIG)
            assert publish_all(store, CONFIG)


def test_one_pass_settles_everything_and_tells_each_term(store: Store) -> None:
    told = list[Term]()
    save(store, article("1", sections=("지역",), tags=tuple(f"태그 {n}" for n in range(25))))
    assert publish_all(store, CONFIG, progress=told.append)
    assert store.changes.count() == 0
    version = store.documents.version()
    store.changes.touch_all_unless("something else")
    assert publish_all(store, CONFIG, progress=told.append)
    assert (len(told), len(set(told))) == (54, 27)
    assert store.documents.changed_since(version) == []


def test_an_embargo_that_ends_during_a_pass_overtakes_what_waits(store: Store) -> None:
    told: list[Term] = []
    save(store, *(article(str(n), tags=(f"태그 {n}",)) for n in range(9)))
    save(store, article("later", minutes=-1))
    with time_machine.travel(NOW, tick=False) as clock:

        def pass_time(term: Term) -> None:
            told.append(term)
            clock.shift(60 if len(told) == 3 else 0)

        assert publish_all(store, CONFIG, progress=pass_time)
    assert [place for place, term in enumerate(told) if term == LATEST] == [0, 3]
    assert "제목 later" in titles(store, "latest")


def test_a_pass_that_is_told_to_stop_leaves_the_rest_for_the_next(store: Store) -> None:
    save(store, *(article(str(n), tags=(f"태그 {n}",)) for n in range(5)))
    stop = threading.Event()
    assert publish_all(store, CONFIG, stop, progress=lambda _: stop.set())
    assert store.changes.count() == 5
    assert publish_all(store, CONFIG)
    assert len({status.term for status in store.documents.statuses()}) == 6


def test_another_configuration_publishes_everything_again(store: Store) -> None:
    save(store, article("1", tags=("봄",)))
    publish(store)
    version = store.documents.version()
    publish(store, configured(feeds={"content": "summary"}), NOW + timedelta(minutes=1))
    publish(store, configured(site={"title": "새관악뉴스"}), NOW + timedelta(minutes=2))
    assert sorted(store.documents.changed_since(version)) == sorted(documents(store))
    assert all("새관악뉴스".encode() in one.body for one in documents(store).values())


def test_the_worker_publishes_what_is_saved_until_it_is_told_to_stop(store: Store) -> None:
    with running(store):
        eventually(lambda: store.documents.get("latest.json"))
        save(store, article("1"))
        eventually(lambda: titles(store, "latest") == ["제목 1"])
    save(store, article("2"))
    assert store.changes.count() > 0
    assert titles(store, "latest") == ["제목 1"]


def test_the_worker_releases_an_embargo_when_its_time_has_come(store: Store) -> None:
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    save(store, article("1", published=at, updated=at))
    with time_machine.travel(at - timedelta(seconds=1), tick=False) as clock, running(store):
        eventually(lambda: store.documents.get("latest.json"))
        assert titles(store, "latest") == []
        clock.shift(1)
        eventually(lambda: titles(store, "latest") == ["제목 1"])


def test_a_worker_survives_a_store_that_is_away_for_a_while(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    save(store, article())
    with running(store):
        with away(store):
            eventually(lambda: "publishing waits for the store" in caplog.text)
        eventually(lambda: store.changes.count() == 0)
    assert titles(store, "latest") == ["제목 1"]


def test_terms_that_the_store_refuses_for_good_keep_no_other_waiting(store: Store) -> None:
    save(store, *(article(str(n), tags=(f"가{n:02}",)) for n in range(12)))
    save(store, article("last", tags=("하늘",)))
    for slug, number in (("%", 13), ("가%", 12)):
        said = rf"tag .* and {number - 1} more cannot be published: .*refused by hand"
        with refusing(store, slug), pytest.raises(PublishError, match=said):
            publish(store)
        assert store.changes.count() == number
    assert titles(store, "tags/하늘") == ["제목 last"]
    publish(store)
    assert store.changes.count() == 0


def trouble(store: Store, seconds: float = 0) -> str:
    now = datetime.now(UTC) + timedelta(seconds=seconds)
    return "; ".join(each.sentence for each in publishing_health(store, CONFIG, now).troubles())


def test_a_fault_of_single_terms_is_told_since_its_beginning_and_others_are_published(
    store: Store,
) -> None:
    save(store, article("1", tags=("가",)))
    for minutes in (0, 5):
        with refusing(store, "가"), pytest.raises(PublishError):
            publish(store, now=NOW + timedelta(minutes=minutes))
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        assert trouble(store).startswith(
            "Publishing has failed for some feeds since 09:00: tag 가 "
        )
        publish(store, now=NOW + timedelta(minutes=5))
        assert trouble(store) == ""


def test_a_worker_with_nothing_to_do_is_heard_of(store: Store) -> None:
    assert trouble(store) == "Nothing has been published yet: no worker has run."
    with running(store):
        eventually(store.publishing.heard)
        assert trouble(store, 20) == ""
    assert trouble(store, 40).endswith("no worker responds.")


def test_a_worker_heard_of_while_the_clock_was_ahead_is_not_one_that_lives(store: Store) -> None:
    publish(store, now=datetime.now(UTC) + timedelta(days=40))
    assert trouble(store).endswith("no worker responds.")
    publish(store, now=datetime.now(UTC))
    assert trouble(store) == ""
