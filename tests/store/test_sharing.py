"""Several processes at one store: locks, transactions, and what each of them sees."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest
from psutil import Process

from feeds.model import LATEST, Term
from feeds.store import Store, connect, open_store
from feeds.text import slug
from tests.processes import eventually
from tests.store.samples import NOW, article, newest, save, settle
from tests.store.second_process import (
    OPEN_WHEN_TOLD,
    SAVE_WHEN_TOLD,
    WRITE_FOR_EVER,
    WRITE_UNDER_THE_LOCK,
    heard,
    run,
    tell,
)

COUNT = "SELECT count(*) FROM articles"
on_postgresql = pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)


def test_one_process_at_a_time_holds_a_lock(store: Store, store_url: str) -> None:
    with store.lock("publishing") as held, run(WRITE_UNDER_THE_LOCK, store_url) as second:
        assert (held, heard(second)) == (True, "False")
        with store.lock("ranking") as ranking:
            assert ranking
        save(store, article())
    with run(WRITE_UNDER_THE_LOCK, store_url) as second:
        assert heard(second) == "True"
        assert not _is_free(store)
        second.kill()
        eventually(lambda: _is_free(store), seconds=20)


def test_a_reader_is_not_blocked_by_a_long_write_and_sees_none_of_it(store: Store) -> None:
    save(store, article("before"))
    with store._database.writing() as writer:
        # More than the page cache of SQLite holds, so that pages go to disk before the commit.
        insert = "INSERT INTO notes (key, value) VALUES ('{}', '{}')"
        for n in range(40):
            writer.exec_driver_sql(insert.format(n, "x" * 100_000))
        assert newest(store) == ["before"]
        assert store.changes.count() == 1


def test_a_writer_is_not_blocked_by_a_reader_which_keeps_its_view(store: Store) -> None:
    with store._database.reading() as reader:
        assert reader.exec_driver_sql(COUNT).scalar() == 0
        save(store, article())
        assert reader.exec_driver_sql(COUNT).scalar() == 0
    assert newest(store) == ["1"]


def test_a_look_for_something_to_do_does_not_wait_for_a_writer(store: Store) -> None:
    store.changes.release(NOW)
    store.changes.touch_all_unless("one")
    settle(store)
    with store._database.writing():
        store.changes.release(NOW + timedelta(minutes=1))
        store.changes.touch_all_unless("one")
        assert store.changes.touched(9) == []


def test_processes_that_open_a_new_store_at_once_all_succeed(store_url: str) -> None:
    with ExitStack() as stack:
        processes = [stack.enter_context(run(OPEN_WHEN_TOLD, store_url)) for _ in range(4)]
        assert [heard(one) for one in processes] == ["ready"] * 4
        for one in processes:
            tell(one)
        assert [(heard(one), one.communicate()[1]) for one in processes] == [("True", "")] * 4
    with open_store(store_url) as store:
        save(store, article())


def test_processes_that_save_the_same_articles_at_once_leave_one_version_of_each(
    store: Store, store_url: str
) -> None:
    with ExitStack() as stack:
        processes = [stack.enter_context(run(SAVE_WHEN_TOLD, store_url, tag)) for tag in "ab"]
        assert [heard(one) for one in processes] == ["ready"] * 2
        for one in processes:
            tell(one)
        assert [(heard(one), one.communicate()[1]) for one in processes] == [("saved", "")] * 2
    found = store.articles.newest(LATEST, NOW, limit=50)
    assert len(found) == 10
    for kept in found:
        assert kept.id in newest(store, Term("tag", slug(kept.tags[0])))
    with store._database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM listings").scalar() == 20


def test_connections_to_a_new_file_never_fail_each_other(tmp_path: Path) -> None:
    at_once = 8
    start = threading.Barrier(at_once)

    def journal_mode(url: str) -> str:
        with closing(connect(url)) as database:
            start.wait()
            with database.reading() as connection:
                return str(connection.exec_driver_sql("PRAGMA journal_mode").scalar())

    with ThreadPoolExecutor(at_once) as pool:
        for number in range(100):  # one in ten would fail if none waited
            urls = [f"sqlite:///{tmp_path / str(number)}.db"] * at_once
            assert set(pool.map(journal_mode, urls)) == {"wal"}


@on_postgresql
def test_a_process_that_froze_loses_the_publishing_lock_and_writes_nothing_when_it_wakes(
    store: Store, store_url: str
) -> None:
    with run(WRITE_UNDER_THE_LOCK, store_url) as second:
        assert heard(second) == "True"
        frozen = Process(second.pid)
        frozen.suspend()
        eventually(lambda: _is_free(store), seconds=60)
        save(store, article())
        frozen.resume()
        tell(second)
        assert "the lease of publishing was lost" in heard(second)
    assert store.changes.count() == 1


@on_postgresql
def test_a_process_that_froze_while_it_wrote_keeps_no_other_from_writing(
    store: Store, store_url: str
) -> None:
    with run(WRITE_FOR_EVER, store_url) as second:
        assert heard(second) == "writing"
        Process(second.pid).suspend()
        save(store, article())
    assert newest(store) == ["1"]


def _is_free(store: Store) -> bool:
    with store.lock("publishing") as held:
        return held
