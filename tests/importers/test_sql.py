"""SQL databases as sources: SQLite, PostgreSQL and MariaDB, each really read."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from feeds.importers import Accepted, Item, Rejected
from feeds.importers.sql import Query, read_sql
from feeds.model import Author, Image
from tests.importers.given import SOURCE, article_of
from tests.mariadb import mariadb

KINDS = ("sqlite", "postgresql", "mariadb")
# The types of a table of each kind: dates, whole numbers, JSON, bytes.
TYPES = {
    "sqlite": ("DATETIME", "INTEGER", "TEXT", "BLOB"),
    "postgresql": ("TIMESTAMP", "NUMERIC", "JSONB", "BYTEA"),
    "mariadb": ("DATETIME(6)", "TINYINT(1)", "JSON", "VARBINARY(99)"),
}
QUERY = "SELECT no AS id, subject AS title, day AS published FROM news"
BODY = "<p>가을밤 100% 🍁 ':00'</p>"


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    if not shutil.which("mariadbd") or not shutil.which("mariadb-install-db"):
        pytest.skip("no MariaDB here: install one, as with `apt-get install mariadb-server-core`")
    with mariadb() as url:
        yield url


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with an empty table `news`."""
    names = {"postgresql": "postgres_url", "mariadb": "mariadb_url"}
    url = (
        str(request.getfixturevalue(names[kind]))
        if kind in names
        else f"sqlite:///{tmp_path}/그 CMS.db"
    )
    moment, number, document, raw = TYPES[kind]
    change(url, "DROP TABLE IF EXISTS news")
    change(
        url,
        f"CREATE TABLE news (no BIGINT PRIMARY KEY, subject VARCHAR(200), day {moment},"
        f" body TEXT, minor_ {number}, hits NUMERIC(9, 1), writers {document}, tags TEXT,"
        f" photo TEXT, state TEXT, old {raw}, rev REAL)"
        + (" CHARACTER SET utf8mb4" if kind == "mariadb" else ""),
    )
    return url


def change(url: str, statement: str, **values: Any) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text(statement), values)


def add(url: str, no: int, **cells: Any) -> None:
    """Add a row; one with a higher number is newer by every column."""
    row = {"no": no, "subject": f"가을 {no}", "day": f"2024-11-0{no} 09:30:00.5", "rev": no + 0.5}
    row |= cells
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    change(url, f"INSERT INTO news ({names}) VALUES ({values})", **row)


def ids(items: list[Item]) -> list[str]:
    return [item.patch.id for item in items if isinstance(item, Accepted)]


def read(url: str, query: str = QUERY, since: str | None = None, **more: Any) -> list[Item]:
    return list(read_sql(Query(url, query, **more), SOURCE, since))


every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
def test_a_row_becomes_an_article(url: str) -> None:
    writers = json.dumps([{"name": "김민수", "id": "7"}])
    add(url, 7, body=BODY, minor_=1, hits=12.0, writers=writers, tags="가을; 단풍")
    change(url, "UPDATE news SET photo = '/a.jpg', state = 'withdrawn'")
    change(url, "UPDATE news SET old = :old", old="옛날".encode("cp949"))
    (item,) = read(
        url,
        "SELECT no AS id, subject AS TITLE, day AS published, body AS body_html, minor_ AS minor,"
        " hits AS views, writers AS authors, tags, photo AS image, state AS status,"
        " old AS subtitle, NULL AS summary FROM news -- every one\n"
        " WHERE body LIKE '%100%' AND body LIKE '%:00%' ;\n",
    )
    assert isinstance(item, Accepted)
    assert item.patch.minor
    assert item.patch.given["summary"] is None
    article = article_of(item)
    assert (article.id, article.title, article.views) == ("7", "가을 7", 12)
    assert article.published == datetime(2024, 11, 7, 0, 30, tzinfo=UTC)
    assert article.body_html == BODY
    assert article.authors == (Author("김민수", id="7"),)
    assert article.tags == ("가을", "단풍")
    assert (article.image, article.status) == (Image("/a.jpg"), "withdrawn")
    assert article.subtitle == "옛날"


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_columns_name_may_have_blanks_around_it(url: str) -> None:
    add(url, 1)
    assert ids(read(url, QUERY.replace("AS id", 'AS " id"'))) == ["1"]


@every_kind
def test_a_row_that_does_not_fit_is_named_by_its_id(url: str) -> None:
    add(url, 1, subject=None)
    add(url, 2)
    bad, good = read(url, f"{QUERY} ORDER BY no")
    assert bad == Rejected(0, 'article "1": title: has no value; give it one, or leave the key out')
    assert isinstance(good, Accepted)


@every_kind
@pytest.mark.parametrize("newest", ["day", "no", "rev", "subject", "id"])
def test_a_later_import_goes_on_from_the_newest_row(url: str, newest: str) -> None:
    query = (QUERY if newest == "id" else QUERY.replace("FROM", f", {newest} FROM")) + " ;\n"
    for no in (3, 1, 2):
        add(url, no)
    first = read(url, query, newest=newest)
    assert ids(first) == ["1", "2", "3"]
    since = first[-1].position
    assert since
    assert ids(read(url, query, since, newest=newest)) == ["3"]
    add(url, 4)
    assert ids(read(url, query, since, newest=newest)) == ["3", "4"]
    assert ids(read(url, f" {query}", since, newest=newest)) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("2024-11-05 09:30:00", "2024-11-05 09:28:00", id="committed late"),
        pytest.param("2150-11-05 09:30:00", "2149-11-05 09:28:00", id="after a date in the future"),
    ],
)
def test_a_row_with_an_earlier_date_is_read(url: str, first: str, second: str) -> None:
    query = QUERY.replace("FROM", ", day FROM")
    add(url, 1, day=first)
    (item,) = read(url, query, newest="day")
    add(url, 2, day=second)
    assert ids(read(url, query, item.position, newest="day")) == ["2", "1"]


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("sqlite", "DELETE FROM news RETURNING no AS id"),
        ("postgresql", f"{QUERY} FOR UPDATE"),
        ("mariadb", "DELETE FROM news RETURNING no AS id"),
    ],
)
def test_no_query_can_change_the_database(url: str, query: str) -> None:
    add(url, 1)
    (item,) = read(url, query)
    assert isinstance(item, Rejected)
    assert re.search("read.?only", item.reason, re.IGNORECASE), item.reason
    assert ids(read(url)) == ["1"]


@every_kind
@pytest.mark.parametrize(
    ("query", "newest", "reason"),
    [
        ("SELECT no AS id, subject FROM news", None, "column subject: no such key (there are"),
        ("SELECT no AS id, no AS ID FROM news", None, "column id: is there twice"),
        ("SELECT subject AS title FROM news", "title", "column id: is missing"),
        ("SELECT nothing FROM news", None, "cannot be read: "),
        ("BEGIN", None, "cannot be read: "),
        (QUERY, "changed", "cannot be read: "),
        ("SELECT no AS id, old FROM news", "old", "newest: must be a column of dates, numbers or"),
    ],
)
def test_a_query_that_cannot_be_read_says_why(
    url: str, query: str, newest: str | None, reason: str
) -> None:
    change(url, "INSERT INTO news (no, old) VALUES (1, :old)", old=b"\1")
    (item,) = read(url, query, newest=newest)
    assert isinstance(item, Rejected)
    assert item.line == 0
    assert item.reason.startswith(reason)
    assert item.reason.isprintable()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sqlite:////nowhere/cms.db", "cannot be read: unable to open database file"),
        ("postgresql://a:secret@127.0.0.1:1/cms", "cannot be read: "),
        ("mysql+pymysql://a:secret@127.0.0.1:1/cms", "cannot be read: "),
        ("mysql+pymysql://a:secret@127.0.0.1:1/cms?tls=1", "cannot be read: "),
        ("mysql://a:secret@127.0.0.1/cms", "the driver MySQLdb is not installed; pip install mys"),
        ("cms://a:secret@127.0.0.1/cms", "url: must be like mysql+pymysql://"),
        ("mysql+pymysql://a:secret@127.0.0.1:port/cms", "url: must be like mysql+pymysql://"),
    ],
)
def test_a_database_that_is_away_is_one_line_without_the_password(url: str, reason: str) -> None:
    (item,) = read(url)
    assert isinstance(item, Rejected)
    assert item.reason.startswith(reason)
    assert "secret" not in item.reason
    assert item.reason.isprintable()


def test_a_file_that_is_missing_is_not_made(tmp_path: Path) -> None:
    read(f"sqlite:///{tmp_path}/cms.db")
    assert list(tmp_path.iterdir()) == []
