"""A store that an earlier version of this software made is brought up to date."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest
import sqlalchemy as sa

from feeds.model import LATEST, Article, Author, Term
from feeds.store import Clock, Store, open_store
from feeds.store.database import Database
from feeds.store.schema import VERSION, articles, listings, touched
from feeds.text import slug
from tests.newsroom import document, publish, titles
from tests.store.samples import (
    FULL,
    NOW,
    article,
    fold,
    newest,
    rendition,
    rows,
    save,
    settle,
    settle_views,
    tally,
    totals,
    view,
)

BYLINE = "김민수 기자 kms@news.example"
OLD_SLUG = "김민수-기자-kms-news-example"
OLD_FEED: dict[str, Any] = {
    "path": f"authors/{OLD_SLUG}.rss",
    "term": Term("author", OLD_SLUG),
}
Migrated = Callable[..., Store]

# The columns and indexes of all tables, as each database describes them.
DEFINITIONS = {
    "sqlite": """
        SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index'
        UNION SELECT 'version', version_num, '' FROM alembic_version
        UNION SELECT m.name, c.name, c.type || c."notnull" || coalesce(c.dflt_value, '') || c.pk
        FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'
    """,
    "postgresql": """
        SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION SELECT 'version', version_num, '' FROM alembic_version
        UNION SELECT table_name, column_name,
            concat(data_type, is_nullable, column_default, collation_name)
        FROM information_schema.columns WHERE table_schema = 'public'
    """,
}


def definitions(database: Database) -> list[tuple[str, ...]]:
    with database.reading() as connection:
        found = connection.exec_driver_sql(DEFINITIONS[database.engine.dialect.name])
        return sorted(tuple(str(cell) for cell in row) for row in found)


def listed_before(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the listings that version 0003 made of an article: one for each slug."""
    named = {("latest", ""): ""}
    named |= {("section", slug(name)): name for name in row["sections"]}
    named |= {("author", slug(author["name"])): author["name"] for author in row["authors"]}
    named |= {("tag", slug(name)): name for name in row["tags"]}
    for (kind, old), name in named.items():
        listing = {"article_id": row["id"], "kind": kind, "slug": old, "name": name}
        yield listing | {"published": row["published"], "views": row["views"]}


def take_back(database: Database) -> None:
    """Make a store into the one that version 0003 would have made of the same articles."""
    with database.writing() as connection:
        connection.execute(sa.delete(touched))
        connection.execute(sa.delete(listings))
        live = sa.select(articles).where(articles.c.status == "live")
        for row in connection.execute(live).mappings().all():
            connection.execute(listings.insert(), list(listed_before(row)))
        connection.exec_driver_sql("DROP TABLE terms")
        take_back_columns(connection, "0003")


def take_back_columns(connection: sa.Connection, version: str) -> None:
    """Give the store the tables, indexes and columns that it had in version 0004."""
    connection.exec_driver_sql("DROP TABLE moves")
    for name in ("articles_by_guid", "articles_by_url"):
        connection.exec_driver_sql(f"DROP INDEX {name}")
    for name in ("correction", "attachments"):
        connection.exec_driver_sql(f"ALTER TABLE articles DROP COLUMN {name}")
    for name in ("tombstones", "polls", "receivers", "unannounced", "announced"):
        connection.exec_driver_sql(f"DROP TABLE {name}")
    connection.exec_driver_sql("ALTER TABLE touched DROP COLUMN published")
    column = "version BIGINT NOT NULL DEFAULT 1"
    connection.exec_driver_sql(f"ALTER TABLE days ADD COLUMN {column}")
    connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")


@pytest.fixture
def migrated(store_url: str) -> Iterator[Migrated]:
    """Make a store of version 0003 with articles and a document, and open it now."""
    with ExitStack() as stack:

        def migrated(*articles: Article, **of_document: Any) -> Store:
            with open_store(store_url) as store:
                save(store, *articles)
                store.documents.publish([rendition(**of_document)], NOW)
                take_back(store._database)
            return stack.enter_context(open_store(store_url))

        yield migrated


def all_text(store: Store) -> str:
    """All that is stored of terms, and of the names of authors."""
    queries = [
        "SELECT * FROM terms",
        "SELECT kind, slug, name FROM listings",
        "SELECT path, kind, slug, title FROM documents WHERE etag IS NOT NULL",
    ]
    with store._database.reading() as connection:
        return "\n".join(str(tuple(r)) for q in queries for r in connection.exec_driver_sql(q))


def authors(store: Store, article_id: str) -> tuple[Author, ...]:
    found = store.articles.get(article_id)
    assert found
    return found.authors


def test_migrations_lead_to_the_same_columns_and_indexes_as_a_new_store(store_url: str) -> None:
    with open_store(store_url) as store:
        new = definitions(store._database)
        take_back(store._database)
        assert definitions(store._database) != new
    with open_store(store_url) as store:
        assert definitions(store._database) == new
        assert ("version", VERSION, "") in new
        assert {"listings_newest", "listings_most_read"} <= {name for _, name, _ in new}


def test_of_names_that_shared_an_address_the_one_with_most_articles_keeps_it(
    migrated: Migrated,
) -> None:
    store = migrated(
        *(article(f"c{n}", tags=("C",)) for n in range(2)),
        *(article(f"cpp{n}", tags=("C++",)) for n in range(3)),
        article("sharp", tags=("c#",), sections=("C",)),
        article("both", tags=("C", "c++"), minutes=1),
        article("other", tags=("Rust",)),
    )
    assert newest(store, Term("tag", "c")) == ["both", "cpp0", "cpp1", "cpp2"]
    assert newest(store, Term("tag", "c-2")) == ["both", "c0", "c1"]
    assert newest(store, Term("tag", "c-3")) == ["sharp"]
    assert newest(store, Term("section", "c")) == ["sharp"]
    tags = {Term("tag", name) for name in ("c", "c-2", "c-3")}
    assert settle(store) == {LATEST, *tags, Term("section", "c")}
    save(store, article("new", tags=("C",), minutes=0))
    assert newest(store, Term("tag", "c-2")) == ["new", "both", "c0", "c1"]


def test_a_store_in_which_no_names_share_an_address_keeps_all_as_it_is(migrated: Migrated) -> None:
    before = FULL, article("1", tags=("AI News",)), article("2", tags=("ai  news",))
    store = migrated(*before, path="tags/관악산.rss", term=Term("tag", "관악산"))
    assert settle(store) == set()
    assert newest(store, Term("tag", "ai-news")) == ["1", "2"]
    assert document(store, "tags/관악산.rss").etag == rendition().etag
    save(store, *before)
    assert settle(store) == set()


def test_a_name_that_only_a_withdrawn_article_has_keeps_its_address(migrated: Migrated) -> None:
    store = migrated(article("1", tags=("C",), status="withdrawn"))
    save(store, article("2", tags=("C++",)), article("1", tags=("C",)))
    assert newest(store, Term("tag", "c")) == ["1"]
    assert newest(store, Term("tag", "c-2")) == ["2"]


def test_no_address_of_an_author_has_an_e_mail_address_in_it_any_more(
    migrated: Migrated, caplog: pytest.LogCaptureFixture
) -> None:
    store = migrated(
        article("1", authors=(Author(BYLINE),), minutes=2),
        article("2", authors=(Author("김민수 기자", "desk@news.example"),)),
        article("3", authors=(Author(BYLINE, "desk@news.example"),), minutes=1),
        article("gone", authors=(Author(BYLINE),), status="withdrawn"),
        **OLD_FEED,
    )
    assert rows(store, "representations") == 0
    gone = store.documents.get(OLD_FEED["path"])
    assert gone is not None
    assert gone.bodies == {}
    assert f"authors/{OLD_SLUG}: authors/김민수-기자" in caplog.text
    publish(store)
    assert titles(store, "authors/김민수-기자") == ["제목 3", "제목 1", "제목 2"]
    assert "kms" not in all_text(store)
    for one in ("1", "gone"):
        assert authors(store, one) == (Author("김민수 기자", "kms@news.example"),)
    assert authors(store, "3") == (Author("김민수 기자", "desk@news.example"),)


def test_an_open_day_of_version_0004_is_counted_further(store_url: str) -> None:
    with open_store(store_url) as store:
        fold(store, view())
        settle_views(store)
        with store._database.writing() as connection:
            take_back_columns(connection, "0004")
    with open_store(store_url) as store:
        assert totals(store) == {24: {"1": 1}}
        fold(store, view(1), view(1, visitor=2))
        settle_views(store, 1)
        readers = {(0, "reader", "1"): 1, (1, "reader", "1"): 1}
        assert tally(store) == readers | {(0, "repeat", "1"): 1}
        assert totals(store) == {24: {"1": 2}}


def test_the_readings_of_a_clock_that_version_0005_saved_are_understood(store: Store) -> None:
    with store._database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO notes VALUES ('clock', '[1, 2, 3]')")
    assert store.readers.clock() == Clock(since=2, seen=3)
