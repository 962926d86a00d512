"""What becomes of a store that an earlier version of this software made."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import alembic.command
import alembic.config
import pytest
import sqlalchemy as sa

from feeds.model import LATEST, Author, Term
from feeds.store import Store, open_store
from feeds.store.database import Database
from feeds.store.rows import mint_guid, row_of
from feeds.text import slug
from tests.newsroom import document, publish, titles
from tests.store.samples import FULL, HOST, article, newest, save, settle

BYLINE = "김민수 기자 kms@news.example"
OLD_SLUG = "김민수-기자-kms-news-example"
Migrated = Callable[..., Store]


def at_version(database: Database, version: str) -> None:
    """Bring the tables to what a version of this software made."""
    with database.writing() as connection:
        config = alembic.config.Config(attributes={"connection": connection})
        config.set_main_option("script_location", "feeds:store/migrations")
        alembic.command.upgrade(config, version)


def insert(connection: sa.Connection, table: str, row: dict[str, Any]) -> None:
    columns, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    connection.execute(sa.text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), row)


def listed_before(row: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Name the listings that version 0003 made of an article: one for each slug."""
    named = {("latest", ""): ""}
    named |= {("section", slug(name)): name for name in row["sections"]}
    named |= {("author", slug(author["name"])): author["name"] for author in row["authors"]}
    named |= {("tag", slug(name)): name for name in row["tags"]}
    return ((kind, old, name) for (kind, old), name in named.items())


@pytest.fixture
def migrated(store_url: str) -> Iterator[Migrated]:
    """Make a store of version 0003 with articles and documents, by path, and open it now."""
    opened = []

    def migrated(*articles: Any, documents: tuple[tuple[str, Term], ...] = ()) -> Store:
        database = Database(store_url)
        at_version(database, "0003")
        with database.writing() as connection:
            for one in articles:
                row = row_of(one, mint_guid(one, HOST))
                text = {name: json.dumps(row[name]) for name in ("authors", "sections", "tags")}
                image = json.dumps(row["image"]) if row["image"] else None
                insert(connection, "articles", row | text | {"image": image})
                for kind, old, name in listed_before(row) if one.status == "live" else ():
                    of_article = {key: row[key] for key in ("published", "views")}
                    listing = {"article_id": one.id, "kind": kind, "slug": old, "name": name}
                    insert(connection, "listings", listing | of_article)
            for number, (path, term) in enumerate(documents, 1):
                insert(
                    connection,
                    "documents",
                    {
                        "path": path,
                        "kind": term.kind,
                        "slug": term.slug,
                        "title": path,
                        "media_type": "text/xml",
                        "source": "",
                        "etag": 'W/"x"',
                        "last_modified": 1_700_000_000,
                        "version": number,
                        "entries": 1,
                        "checked": 1_700_000_000,
                    },
                )
                body = {"path": path, "since": "", "coding": "identity", "bytes": b"<rss/>"}
                insert(connection, "representations", body)
        database.close()
        opened.append(open_store(store_url))
        return opened[0].__enter__()

    yield migrated
    opened[0].__exit__(None, None, None)


def all_text(store: Store) -> str:
    """Everything that is kept of terms, and of authors' names."""
    queries = [
        "SELECT * FROM terms",
        "SELECT kind, slug, name FROM listings",
        "SELECT path, kind, slug, title FROM documents WHERE etag IS NOT NULL",
    ]
    with store._database.reading() as connection:
        return "\n".join(str(tuple(r)) for q in queries for r in connection.exec_driver_sql(q))


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


def test_feeds_that_shared_an_address_are_published_apart(migrated: Migrated) -> None:
    store = migrated(
        article("1", tags=("C",)),
        *(article(n, tags=("C++",)) for n in "23"),
        documents=(("tags/c.rss", Term("tag", "c")),),
    )
    publish(store)
    assert titles(store, "tags/c") == ["제목 2", "제목 3"]
    assert titles(store, "tags/c-2") == ["제목 1"]


def test_a_store_in_which_no_names_share_an_address_keeps_all_as_it_is(migrated: Migrated) -> None:
    before = FULL, article("1", tags=("AI News",)), article("2", tags=("ai  news",))
    store = migrated(*before, documents=(("tags/관악산.rss", Term("tag", "관악산")),))
    assert settle(store) == set()
    assert newest(store, Term("tag", "ai-news")) == ["1", "2"]
    assert document(store, "tags/관악산.rss").etag == 'W/"x"'
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
    path = f"authors/{OLD_SLUG}.rss"
    store = migrated(
        article("1", authors=(Author(BYLINE),), minutes=2),
        article("2", authors=(Author("김민수 기자", "desk@news.example"),)),
        article("3", authors=(Author(BYLINE, "desk@news.example"),), minutes=1),
        documents=((path, Term("author", OLD_SLUG)),),
    )
    gone = store.documents.get(path)
    assert gone is not None
    assert gone.bodies == {}
    assert f"authors/{OLD_SLUG}: authors/김민수-기자" in caplog.text
    publish(store)
    assert titles(store, "authors/김민수-기자") == ["제목 3", "제목 1", "제목 2"]
    assert "kms" not in all_text(store)
    found = [store.articles.get(one) for one in "13"]
    assert [one.authors for one in found if one] == [
        (Author("김민수 기자", "kms@news.example"),),
        (Author("김민수 기자", "desk@news.example"),),
    ]


def test_an_address_goes_from_withdrawn_articles_too(migrated: Migrated) -> None:
    path = f"authors/{OLD_SLUG}.rss"
    gone = article("1", authors=(Author(BYLINE),), status="withdrawn")
    store = migrated(gone, documents=((path, Term("author", OLD_SLUG)),))
    publish(store)
    assert "kms" not in all_text(store)
    found = store.articles.get("1")
    assert found is not None
    assert found.authors == (Author("김민수 기자", "kms@news.example"),)
