"""`feeds top` and `feeds views`, as an engineer and an editor use them."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.paper import record, write_articles, write_config
from tests.readers import DESK, GOOGLEBOT


@pytest.fixture(autouse=True)
def paper(folder: Path, run: Run) -> None:
    """Three articles of one section, and one of none."""
    write_config(folder, most_read={"fill": 2, "windows": ["24h", "30d"]})
    titles = {"1": "시장 골목의 겨울", "2": "새 도서관", "3": "버스 노선"}
    records = [record(n, title=title, sections=["지역"]) for n, title in titles.items()]
    run("import", write_articles(folder / "a.jsonl", [*records, record("4")]))


def log_of(folder: Path, *read: tuple[str, int], name: str = "access.log") -> Path:
    """Write a log of this hour: a number of readers of each article, and one robot."""
    now = datetime.now(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    lines = [
        f'192.0.{article_id}.{reader} - - [{now}] "GET /news/{article_id} HTTP/1.1" 200 1'
        f' "-" "{DESK}"\n'
        for article_id, readers in read
        for reader in range(readers)
    ]
    lines.append(lines[0].replace(DESK, GOOGLEBOT))
    log = folder / name
    log.write_text("".join(lines), "utf-8")
    return log


def test_logs_are_imported_once_and_ranked(folder: Path, run: Run) -> None:
    log = log_of(folder, ("1", 6), ("2", 3))
    done = run("views", "import", log)
    assert done.exit_code == 0
    assert done.stdout == (
        "10 new lines: 10 views (1 left out), 0 of other pages,"
        " 0 of unknown articles, 0 unreadable\n"
    )
    assert run("views", "import", log).stdout.startswith("0 new lines: 0 views (0 left out), ")
    assert run("top").stdout.splitlines() == [
        "rank  readers  id  title             left out",
        "1     6        1   시장 골목의 겨울  robot 1",
        "2     3        2   새 도서관         –",
        "",
        "Left out in the whole newspaper: robot 1",
    ]
    done = run("top", "--section", "지역", "--window", "30d", "--json")
    found = json.loads(done.stdout)
    assert [(each["id"], each["readers"]) for each in found["articles"]] == [("1", 6), ("2", 3)]
    assert (found["basis"], found["left_out"]) == ("30d", {"robot": 1})


def test_sections_whose_names_share_a_slug_are_shown_apart(folder: Path, run: Run) -> None:
    records = [record(n, sections=[name]) for n, name in (("7", "C"), ("8", "C++"))]
    run("import", write_articles(folder / "b.jsonl", records))
    run("views", "import", log_of(folder, ("7", 2), ("8", 3)))
    for section in ("C++", "c++", "c-2"):
        found = json.loads(run("top", "--section", section, "--json").stdout)
        assert [each["id"] for each in found["articles"]] == ["8"]


def test_a_blocked_article_is_gone_from_ranking_and_feed(folder: Path, run: Run) -> None:
    run("views", "import", log_of(folder, ("1", 6), ("2", 3), ("3", 2)))
    assert run("publish").exit_code == 0
    done = run("views", "block", "1", "--by", "김편집", "--reason", "광고 기사")
    assert (done.exit_code, done.stdout) == (0, "1 is kept out of the rankings\n")
    shown = run("top").stdout
    assert "시장 골목의 겨울" not in shown
    assert "Kept out: 1 by 김편집 since 20" in shown
    assert ": 광고 기사\n" in shown
    assert run("publish").exit_code == 0
    checked = run("list", "--json").stdout.splitlines()
    entries = {row["path"]: row["articles"] for row in map(json.loads, checked)}
    assert entries["/feeds/most-read"] == 2
    assert run("views", "unblock", "1").exit_code == 0
    assert "시장 골목의 겨울" in run("top").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("top", "--window", "5h"), "there is no window 5h; the windows are 24h, 30d, rising"),
        (("top", "--section", "없음"), "there is no section 없음"),
        (("views", "block", "none", "--by", "김편집"), 'no article has the id "none"'),
        (("views", "unblock", "1"), "1 is not kept out of the rankings"),
        (("views", "import", "none.log", "none.log"), "none.log: cannot be read: No such file"),
    ],
)
def test_an_impossible_request_is_an_error(
    folder: Path, run: Run, arguments: tuple[str, ...], said: str
) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert said in done.stderr


def test_with_too_few_readers_the_basis_is_printed(folder: Path, run: Run) -> None:
    run("views", "import", log_of(folder, ("1", 6)))
    shown = run("top").stdout
    assert shown.startswith(
        "Too few articles were read in the last 24h; ranked by all known readers"
    )


def test_carried_over_readers_are_shown_as_they_were_ranked(folder: Path, run: Run) -> None:
    older, newer = record("5", views=5), record("6", views=5, published="2026-03-03 09:00")
    run("import", write_articles(folder / "b.jsonl", [older, newer]))
    run("views", "import", log_of(folder, ("5", 1)))  # below the minimum of two
    found = json.loads(run("top", "--json").stdout)
    assert [(each["id"], each["readers"]) for each in found["articles"]] == [("6", 5), ("5", 5)]


def test_a_log_that_cannot_be_read_does_not_stop_the_others(folder: Path, run: Run) -> None:
    log = log_of(folder, ("1", 6))
    log.write_text(log.read_text("utf-8") + "no line of a log\n", "utf-8")
    done = run("views", "import", "none.log", log)
    assert done.exit_code == 1
    assert "7 views" in done.stdout
    assert "access.log:8: not in the combined log format" in done.stderr


@pytest.mark.parametrize(
    ("window", "said"),
    [("24h", "No article was read often enough."), ("rising", "No article is rising.")],
)
def test_an_empty_ranking_prints_a_sentence(run: Run, window: str, said: str) -> None:
    assert said in run("top", "--window", window).stdout.splitlines()


def test_top_names_an_article_whose_row_cannot_be_read(run: Run, folder: Path) -> None:
    records = [record("1", views=9), record("2", views=5)]
    run("import", write_articles(folder / "a.jsonl", records))
    run("publish")
    with sqlite3.connect(folder / "newsroom.db") as connection:
        connection.execute("UPDATE articles SET authors = '[{' WHERE id = '1'")
    connection.close()
    result = run("top")
    assert result.exit_code == 0
    assert "(1 cannot be read: " in result.stdout
    assert "제목 2" in result.stdout
