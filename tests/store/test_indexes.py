"""The queries that run all day find their rows by an index, in its order."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from feeds.model import LATEST, Patch, Term
from feeds.store import Receiver, Store, open_store, readers
from tests.queries import statements
from tests.store.samples import HOST, MIDNIGHT, NOW, article, rendition, save, settle, settle_views

SECTION = Term("section", "section-1")
ARTICLES = 3000
# A search for all articles of a term, which are many.
WHOLE_TERM = "(kind=? AND slug=?)"
READ_WHOLE = (
    # What was moved is little; only its terms are looked up.
    "SCAN moves",
    "SEARCH terms USING COVERING INDEX terms_by_slug (slug=? AND kind=?) LEFT-JOIN",
    # The texts that rows are looked up by.
    "SCAN json_each VIRTUAL TABLE INDEX 1:",
    "LIST SUBQUERY 1",
)
URL = "https://www.news.example/1"
IDS = [str(n) for n in range(100)]
Query = Callable[[Store], object]
IN_ORDER: dict[str, Query] = {
    "newest": lambda store: store.articles.newest(SECTION, NOW, 50),
    "newest of all": lambda store: store.articles.newest(LATEST, NOW, 50),
    "most read": lambda store: list(store.readers.counted(SECTION, 24)),
    "most read of all": lambda store: list(store.readers.counted(LATEST, 24)),
    "carried over": lambda store: list(store.readers.carried_over(SECTION)),
    "carried over of all": lambda store: list(store.readers.carried_over(LATEST)),
    "readers by hour": lambda store: store.readers.by_hour([MIDNIGHT]),
    "tombstones": lambda store: store.articles.tombstones(SECTION, NOW),
    "name": lambda store: store.articles.name(SECTION, NOW),
    "headlines of news": lambda store: store.headlines.since(NOW, [URL], NOW, 9),
    "term": lambda store: store.articles.term("section", "section 1"),
    "release": lambda store: store.changes.release(NOW + timedelta(minutes=3)),
    "touched": lambda store: store.changes.touched(10),
    "changed since": lambda store: store.documents.changed_since(1),
    "version": lambda store: store.documents.version(),
    "crowd": lambda store: store.receivers.crowd(Receiver("subscribe", URL, "latest.rss")),
    "known by url": lambda store: store.articles.known_by_url([Patch("new", {"url": URL})]),
}
BY_ID: dict[str, Query] = {
    "listed": lambda store: store.articles.listed(LATEST, IDS, NOW),
    "known": lambda store: store.articles.known(IDS),
    "headlines": lambda store: store.headlines.of(IDS),
    "carried by": lambda store: store.readers.carried_by(IDS),
    "readers": lambda store: store.readers.of(IDS, 24),
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
        store.readers.give({(MIDNIGHT, str(n)): n % 7 for n in range(ARTICLES)})
        store.documents.publish([rendition(str(n)) for n in range(100)], NOW)
        yield store


@pytest.fixture(autouse=True)
def no_term_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers.Readers, "_is_small", lambda *_: False)


def plan(store: Store, query: Query) -> list[str]:
    """Say how SQLite finds the rows of each SELECT that the query runs."""
    with statements(store) as run:
        query(store)
    with store._database.reading() as connection:
        return [
            step.detail
            for sql, values in run
            if sql.startswith("SELECT")
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
            if step.detail not in READ_WHOLE
        ]


@pytest.mark.parametrize("query", IN_ORDER.values(), ids=IN_ORDER)
def test_a_query_scans_nothing_and_sorts_nothing(full_store: Store, query: Query) -> None:
    steps = plan(full_store, query)
    assert [step for step in steps if step.startswith("SEARCH")] or query is IN_ORDER["touched"]
    assert not [step for step in steps if "ORDER BY" in step or step.endswith(WHOLE_TERM)]
    # The touched terms are read along their index from its beginning, up to a limit.
    scans = [step for step in steps if step.startswith("SCAN")]
    assert all(step.startswith("SCAN touched USING COVERING INDEX") for step in scans)


@pytest.mark.parametrize("query", BY_ID.values(), ids=BY_ID)
def test_rows_that_are_asked_for_by_id_are_looked_up_by_primary_keys_alone(
    full_store: Store, query: Query
) -> None:
    steps = plan(full_store, query)
    assert steps
    assert not [step for step in steps if "autoindex" not in step and "PRIMARY KEY" not in step]


def test_a_guid_that_an_article_has_already_is_found_by_its_index(full_store: Store) -> None:
    found = full_store.articles.get("1")
    assert found
    patch = Patch("another", {"title": "제목", "published": NOW, "guid": found.guid})
    steps = plan(full_store, lambda store: store.articles.save([patch], HOST, NOW))
    assert [step for step in steps if "articles_by_guid" in step]
    assert not [step for step in steps if step.startswith("SCAN articles")]
    assert full_store.articles.get("another") is None


def test_changes_that_may_be_announced_are_looked_up_one_by_one(full_store: Store) -> None:
    with time_machine.travel(NOW):
        full_store.announcements.want(wanted=True)
    steps = plan(full_store, lambda store: store.announcements.announce(NOW))
    full_store.announcements.want(wanted=False)
    assert "SEARCH unannounced USING INDEX unannounced_latest (due<?)" in steps
    # All that is read whole is one row, and the changes that were found by that index.
    scans = {step.split()[1] for step in steps if step.startswith("SCAN")}
    assert scans == {"unannounced", "anon_1"}


@pytest.mark.parametrize("number", [20, ARTICLES // 2, ARTICLES - 2])
def test_the_neighbours_of_an_article_are_found_at_its_date(full_store: Store, number: int) -> None:
    found = full_store.articles.get(str(number))
    assert found
    with statements(full_store) as run:
        neighbours = full_store.articles.neighbours(found, LATEST, NOW)
    assert neighbours == (str(number + 1), str(number - 1))
    queries = [(sql, values) for sql, values in run if sql.startswith("SELECT")]
    assert [instructions(full_store, *query) < 100 for query in queries] == [True, True]


def instructions(store: Store, sql: str, values: tuple[object, ...]) -> int:
    """Count the steps that SQLite takes for a query."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    with store._database.reading() as connection:
        driver = connection.connection.driver_connection
        assert driver
        driver.set_progress_handler(step, 1)
        connection.exec_driver_sql(sql, values).all()
        driver.set_progress_handler(None, 0)
    return steps


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_postgresql_plans_each_query_for_its_term(store: Store) -> None:
    save(store, *(article(each) for each in IDS))
    for _ in range(20):
        assert len(store.articles.listed(LATEST, IDS, NOW)) == len(IDS)
    made = "SELECT sum(generic_plans), sum(custom_plans) > 10 FROM pg_prepared_statements"
    made += " WHERE statement LIKE '%IN (%' AND statement LIKE '%FROM listings%'"
    with store._database.reading() as connection:
        assert tuple(connection.execute(sa.text(made)).one()) == (0, True)
