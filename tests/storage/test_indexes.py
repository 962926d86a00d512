"""The queries that run all day find their rows by an index, in its order."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from feeds.storage import LATEST, Store, Term, open_store
from tests.storage.samples import NOW, article, proof, save, settle

SECTION = Term("section", "section-1")
ARTICLES = 3000
NEWEST = "listings_newest (kind=? AND slug=? AND published<?)"
MOST_READ = "listings_most_read (kind=? AND slug=? AND views>?)"
QUERIES: dict[str, tuple[Callable[[Store], object], str]] = {
    "newest": (lambda store: store.articles.newest(SECTION, NOW, 50), NEWEST),
    "newest of all": (lambda store: store.articles.newest(LATEST, NOW, 50), NEWEST),
    "most read": (lambda store: store.articles.most_read(SECTION, NOW, 10, 2), MOST_READ),
    "most read of all": (lambda store: store.articles.most_read(LATEST, NOW, 10, 2), MOST_READ),
    "name": (
        lambda store: store.articles.name(SECTION, NOW),
        NEWEST,
    ),
    "release": (
        lambda store: store.changes.release(NOW + timedelta(minutes=3)),
        "listings_newest (kind=? AND slug=? AND published>? AND published<?)",
    ),
    "touched": (lambda store: store.changes.touched(10), "touched_latest"),
    "changed since": (lambda store: store.documents.changed_since(1), "(version>?)"),
    "version": (lambda store: store.documents.version(), "ix_documents_version"),
}


@pytest.fixture(scope="module")
def full_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Many articles, the last ten still under embargo."""
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('full') / 'newsroom.db'}") as store:
        store.changes.release(NOW)
        many = (
            article(str(n), minutes=n - 10, views=n % 7, sections=(f"section {n % 10}",))
            for n in range(ARTICLES)
        )
        save(store, *many)
        settle(store)
        store.documents.publish([proof(str(n)) for n in range(100)], {}, NOW)
        yield store


@contextmanager
def statements(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """Note what is run against the database, with its parameters."""
    run: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, sql: str, values: Any, *_: object) -> None:
        run.append((sql, values))

    engine = store._database.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield run
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def plan(store: Store, query: Callable[[Store], object]) -> list[str]:
    """Say how SQLite finds the rows of each SELECT that the query runs."""
    with statements(store) as run:
        query(store)
    with store._database.reading() as connection:
        return [
            step.detail
            for sql, values in run
            if sql.startswith("SELECT")
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
        ]


@pytest.mark.parametrize(("query", "index"), QUERIES.values(), ids=QUERIES)
def test_a_query_searches_an_index_and_sorts_nothing(
    full_store: Store, query: Callable[[Store], object], index: str
) -> None:
    steps = plan(full_store, query)
    assert any(index in step for step in steps), steps
    assert not [step for step in steps if "ORDER BY" in step]
    # The touched terms are read along their index from its beginning, up to a limit.
    scans = {step for step in steps if step.startswith("SCAN")}
    assert scans <= {"SCAN touched USING COVERING INDEX touched_latest"}
