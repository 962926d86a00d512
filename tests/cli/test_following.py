"""`feeds import sql:NAME` and `--every`: a database is read once, or followed."""

import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from feeds.store import open_store
from tests.cli.conftest import Run
from tests.cli.test_articles import counts, stored
from tests.newsroom import document
from tests.paper import record, write_articles, write_config
from tests.processes import FEEDS, environment, eventually

ALL = "SELECT no AS id, subject AS title, day AS published, section AS sections FROM news"
QUERY = ALL.replace(" FROM", ", changed FROM")


@pytest.fixture
def cms(folder: Path) -> Path:
    """The database of a CMS with two articles; the config has a query of it."""
    path = folder / "cms.db"
    columns = "no INTEGER PRIMARY KEY, subject TEXT, day TEXT, section TEXT, changed INTEGER"
    change(path, f"CREATE TABLE news ({columns})")
    change(path, "INSERT INTO news VALUES (1, '가을', '2024-11-05', '지역', 1)")
    change(path, "INSERT INTO news VALUES (2, '단풍', '2024-11-06', NULL, 2)")
    news = {"url": "sqlite:///cms.db", "query": QUERY, "newest": "changed"}
    write_config(folder, sql={"news": news, "all": {"url": news["url"], "query": ALL}})
    return path


def change(cms: Path, statement: str) -> None:
    with sqlite3.connect(cms) as connection:
        connection.execute(statement)
    connection.close()


def test_a_query_is_read_and_later_only_from_its_newest_row(
    run: Run, folder: Path, cms: Path
) -> None:
    assert counts(run("import", "sql:news", "--section", "문화")) == [2, 0, 0, 0]
    assert [stored(folder, no).sections for no in "12"] == [("지역",), ("문화",)]
    change(cms, "UPDATE news SET subject = '늦은 가을', changed = 3 WHERE no = 1")
    assert counts(run("import", "sql:news", "--section", "문화")) == [0, 1, 1, 0]
    assert counts(run("import", "sql:news")) == [0, 0, 1, 0]
    assert counts(run("import", "sql:all", "sql:all")) == [0, 1, 1, 0]  # null clears
    assert stored(folder, "2").sections == ()


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("sql:old", "sql:old: rejected: sql: no such key (there are: news, all)"),
        ("sql:all", "sql:all: rejected: cannot be read: unable to open database file"),
    ],
)
def test_a_query_that_cannot_be_read_is_reported(
    run: Run, folder: Path, cms: Path, place: str, said: str
) -> None:
    cms.unlink()
    result = run("import", place)
    assert (result.exit_code, counts(result)) == (2, [0, 0, 0, 1])
    assert said in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sql:news", "--every", "60"], '"60" is not a time such as 60s, 5m or 1h'),
        (["-", "--every", "1h"], "Standard input cannot be read again; leave out --every."),
    ],
)
def test_an_import_that_cannot_be_repeated_says_so(
    run: Run, cms: Path, arguments: list[str], said: str
) -> None:
    result = run("import", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


@contextmanager
def following(folder: Path, *sources: str) -> Iterator[Callable[[], list[str]]]:
    """Import every second, until a signal; give a function for the lines printed so far."""
    path = folder / "printed.txt"
    with path.open("w") as file:
        command = [*FEEDS, "import", *sources, "--every", "1s"]
        process = subprocess.Popen(
            command, cwd=folder, env=environment(), stdout=file, stderr=subprocess.STDOUT
        )
    try:
        yield lambda: path.read_text("utf-8").splitlines()
    finally:
        process.terminate()
        assert process.wait(30) == 0


def test_rounds_read_what_changed_go_on_after_faults_and_report_each_once(
    run: Run, folder: Path, cms: Path
) -> None:
    store, away = folder / "newsroom.db", folder / "away.db"
    write_articles(folder / "a.jsonl", [record("3", titel="?")])

    def is_printed(said: str) -> bool:
        return any(said in line for line in printed())

    def add(no: int) -> None:
        change(cms, f"INSERT INTO news VALUES ({no}, '눈 {no}', '2024-11-07', NULL, {no})")
        eventually(lambda: sum(line.startswith("1 new") for line in printed()) == no - 3)

    with following(folder, "sql:news", "a.jsonl") as printed:
        eventually(lambda: is_printed("2 new"))
        change(cms, "UPDATE news SET subject = '첫눈', changed = 3 WHERE no = 2")
        eventually(lambda: is_printed("0 new, 1 changed"))
        run("publish")
        with open_store(f"sqlite:///{store}") as newsroom:
            assert "첫눈".encode() in document(newsroom, "latest.rss").body
        add(4)
        cms.rename(away)
        eventually(lambda: is_printed("sql:news: rejected: cannot be read: unable to open"))
        away.rename(cms)
        add(5)
        store.rename(away)
        eventually(lambda: is_printed("feeds: sqlite:///"))
        away.rename(store)
        add(6)
    faults = [line for line in printed() if " new, " not in line]
    assert len(faults) == 3, faults
