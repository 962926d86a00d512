"""The queries that run all day find their rows by an index, in its order."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from feeds.model import LATEST, Term
from feeds.store import Store, open_store, readers
from tests.store.samples import MIDNIGHT, NOW, article, proof, save, settle, settle_views

SECTION = Term("section", "section-1")
ARTICLES = 3000
NEWEST = "listings_newest (kind=? AND slug=? AND published<?)"
CARRIED_OVER = "listings_most_read (kind=? AND slug=? AND views>?)"
MOST_READ = "totals_most_read (span=? AND readers<?)"
# All articles of a term, which are many.
WHOLE_TERM = "listings_newest (kind=? AND slug=?)"
IDS = [str(n) for n in range(100)]
QUERIES: dict[str, tuple[Callable[[Store], object], str]] = {
    "newest": (lambda store: store.articles.newest(SECTION, NOW, 50), NEWEST),
    "newest of all": (lambda store: store.articles.newest(LATEST, NOW, 50), NEWEST),
    "most read": (lambda store: list(store.readers.counted(SECTION, 24)), MOST_READ),
    "most read of all": (lambda store: list(store.readers.counted(LATEST, 24)), MOST_READ),
    "carried over": (lambda store: list(store.readers.carried_over(SECTION)), CARRIED_OVER),
    "carried over of all": (lambda store: list(store.readers.carried_over(LATEST)), CARRIED_OVER),
    "readers by hour": (lambda store: store.readers.by_hour([MIDNIGHT]), "(hour=? AND kind=?)"),
    "name": (
        lambda store: store.articles.name(SECTION, NOW),
        NEWEST,
    ),
    "term": (lambda store: store.articles.term("section", "section 1"), "PRIMARY KEY (key=?)"),
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
    """Many articles, more than one piece of a ranking, the last ten still under embargo."""
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('full') / 'newsroom.db'}") as store:
        store.changes.release(NOW)
        many = (
            article(str(n), minutes=n - 10, views=n % 7, sections=(f"section {n % 10}",))
            for n in range(ARTICLES)
        )
        save(store, *many)
        settle(store)
        settle_views(store)
        store.counting.give({(MIDNIGHT, str(n)): n % 7 for n in range(ARTICLES)})
        store.documents.publish([proof(str(n)) for n in range(100)], {}, NOW)
        yield store


@pytest.fixture(autouse=True)
def no_term_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers.Readers, "_is_small", lambda *_: False)


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
    assert not [step for step in steps if "ORDER BY" in step or step.endswith(WHOLE_TERM)]
    # The touched terms are read along their index from its beginning, up to a limit.
    scans = {step for step in steps if step.startswith("SCAN")}
    assert scans <= {"SCAN touched USING COVERING INDEX touched_latest"}


@pytest.mark.parametrize(
    "query",
    [
        lambda store: store.articles.listed(LATEST, IDS, NOW),
        lambda store: store.articles.known(IDS),
        lambda store: store.readers.carried_by(IDS),
        lambda store: store.readers.of(IDS, 24),
    ],
    ids=["listed", "known", "carried by", "readers"],
)
def test_what_is_asked_for_by_id_is_looked_up_by_primary_keys_alone(
    full_store: Store, query: Callable[[Store], object]
) -> None:
    steps = plan(full_store, query)
    assert steps
    assert not [step for step in steps if "autoindex" not in step and "PRIMARY KEY" not in step]
