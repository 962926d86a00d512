"""`feeds publish`, `feeds status`, `feeds list` and `feeds quarantine`."""

import json
import re
import sqlite3
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from feeds.store import open_store
from tests.cli.conftest import Run
from tests.paper import record, write_articles, write_config
from tests.processes import FEEDS, eventually, feeds, free_port, started


def columns(text: str) -> int:
    """Count the columns of a terminal that a text takes."""
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


def hold_back(folder: Path, path: str, article_id: str, reason: str) -> None:
    with sqlite3.connect(folder / "newsroom.db") as connection:
        row = (path, article_id, reason, 1_772_409_600)
        connection.execute("INSERT INTO quarantine VALUES (?, ?, ?, ?)", row)
    connection.close()


def test_changes_are_published_once(run: Run, folder: Path) -> None:
    run("import", write_articles(folder / "a.jsonl", [record("1", tags=["봄"])]))
    assert (run("list").stdout, run("list", "--json").stdout) == ("Nothing is published yet.\n", "")
    assert "Nothing has been published yet" in run("list").stderr
    first = run("publish")
    assert first.exit_code == 0
    changed = int(first.stdout.removesuffix(" documents changed\n"))
    listed = run("list", "--json")
    pages = {"/", "/most-read", *(f"/most-read/{each}" for each in "3h 24h 7d 30d rising".split())}
    assert changed == 3 * len(listed.stdout.splitlines()) + len(pages) > 9
    assert listed.stderr == ""
    assert run("publish").stdout == "0 documents changed\n"


@pytest.mark.parametrize("command", [["publish"], ["worker"], ["serve", "--port"]])
def test_a_command_tells_once_that_ids_keep_their_host(
    run: Run, folder: Path, command: list[str]
) -> None:
    run("import", write_articles(folder / "a.jsonl", [record("1")]))
    write_config(folder, url="https://new.example")
    port = [str(free_port())] if "--port" in command else []
    with started([*FEEDS, *command, *port], folder):
        eventually(lambda: json.loads(run("list", "--json").stdout.partition("\n")[0] or "0"))
    (said,) = re.findall(".*ids keep.*", (folder / "errors.txt").read_text("utf-8"))
    assert 'ids keep "www.news.example", the host when the first article was stored' in said
    assert "site.url is at new.example now" in said


@pytest.mark.parametrize("command", ["list", "quarantine", "top", "check"])
def test_a_command_that_reads_makes_no_store(run: Run, folder: Path, command: str) -> None:
    result = run(command)
    assert result.exit_code == 2
    assert "no store yet" in result.stderr
    assert not (folder / "newsroom.db").exists()


def test_a_store_that_is_gone_is_replaced_only_with_the_option(run: Run, folder: Path) -> None:
    articles = write_articles(folder / "a.jsonl", [record("1")])
    run("import", articles)
    (folder / "newsroom.db").unlink()
    for command in (("import", articles), ("publish",), ("list",)):
        result = run(*command)
        assert result.exit_code == 2
        assert "--new-store" in result.stderr
    assert run("import", "--new-store", articles).exit_code == 0
    assert run("list").exit_code == 0


def test_each_feed_is_listed_with_its_articles_change_and_verdict(run: Run, folder: Path) -> None:
    records = [record("1", sections=["지역"]), record("2", sections=["지역"], views=5)]
    run("import", write_articles(folder / "a.jsonl", records))
    run("publish")
    rows = [json.loads(line) for line in run("list", "--json").stdout.splitlines()]
    by_path = {row["path"]: row for row in rows}
    row = by_path["/feeds/sections/지역"]
    assert set(row) == {"path", "title", "articles", "changed", "checked", "verdict"}
    assert (row["title"], row["articles"], row["verdict"]) == ("관악뉴스 – 지역", 2, "ok")
    assert row["changed"].endswith("+09:00")
    assert row["checked"].endswith("+09:00")
    assert by_path["/feeds/most-read"]["articles"] == 1


def test_the_list_shows_only_the_feeds_that_are_asked_for(run: Run, folder: Path) -> None:
    records = [record("1", sections=["지역", "Local"], tags=["지역-봄"])]
    run("import", write_articles(folder / "a.jsonl", records))
    run("publish")
    with sqlite3.connect(folder / "newsroom.db") as connection:
        connection.execute("UPDATE documents SET fault = 'two ids' WHERE path LIKE '%/지역.%'")
    connection.close()

    def listed(*options: str) -> list[str]:
        rows = map(json.loads, run("list", "--json", *options).stdout.splitlines())
        return [f"{row['path']} {row['verdict']}".removeprefix("/feeds/") for row in rows]

    fault = "sections/지역 fault: two ids"
    ranked = "sections/지역/most-read ok"
    assert listed("--faulty") == [fault]
    assert listed("--term", "sections/지역") == [fault, ranked]
    assert listed("--term", unicodedata.normalize("NFD", "지역")) == [
        fault,
        ranked,
        "tags/지역-봄 ok",
    ]
    assert listed("--term", "LOCAL", "--faulty") == []
    assert len(listed("--term", "local")) == 2
    assert run("list", "--term", "none").stdout == "No feed matches.\n"


def test_the_columns_of_the_list_are_straight_in_any_script(run: Run, folder: Path) -> None:
    records = [record("1", sections=["지역"], tags=["long-name-of-a-tag", "樂"])]
    run("import", write_articles(folder / "a.jsonl", records))
    run("publish")
    head, *rows = run("list").stdout.splitlines()
    assert head.split() == ["path", "title", "articles", "changed", "checked", "verdict"]
    assert len({columns(row[: row.index("20")]) for row in rows}) == 1
    verdicts = {columns(row[: row.rindex("ok")]) for row in rows}
    assert verdicts == {columns(head[: head.index("verdict")])}


def test_an_article_that_is_held_back_is_listed_with_the_reason(run: Run, folder: Path) -> None:
    run("import", write_articles(folder / "a.jsonl", [record("1")]))
    run("publish")
    assert run("quarantine").stdout == "No article is held back.\n"
    assert run("quarantine", "--json").stdout == ""
    hold_back(folder, "latest.rss", "1", "title: expected 'a', read back 'b'")
    head, row = run("quarantine").stdout.splitlines()
    assert head.split() == ["article", "path", "since", "reason"]
    assert row.startswith("1 ")
    assert row.endswith("title: expected 'a', read back 'b'")
    (line,) = run("quarantine", "--json").stdout.splitlines()
    assert json.loads(line) == {
        "article": "1",
        "path": "/feeds/latest.rss",
        "since": "2026-03-02T09:00:00+09:00",
        "reason": "title: expected 'a', read back 'b'",
    }
    listed = [row for row in run("list").stdout.splitlines() if "/feeds/latest " in row]
    assert listed[0].endswith("ok, 1 held back")


def test_the_status_is_one_sentence_while_all_is_well(run: Run, folder: Path) -> None:
    run("import", write_articles(folder / "a.jsonl", [record("1")]))
    run("publish")
    done = run("status")
    assert done.exit_code == 0
    assert re.fullmatch(r"All is well: 7 feeds, the latest published at [\d:]{5}\.\n", done.stdout)
    told = json.loads(run("status", "--json").stdout)
    assert (told["well"], told["sentence"], told["troubles"]) == (True, done.stdout.strip(), [])
    assert told["published"].endswith("+09:00")


def test_the_status_says_what_is_wrong_and_what_to_do(run: Run, folder: Path) -> None:
    run("import", write_articles(folder / "a.jsonl", [record("1", title="다리 놓인다")]))
    run("publish")
    for path in ("latest.rss", "latest.atom"):
        hold_back(folder, path, "1", "title: expected 'a', read back 'b'")
    done = run("status")
    assert done.exit_code == 1
    assert done.stdout == (
        "Articles held back: 1. “다리 놓인다”: title: expected 'a', read back 'b'."
        " Correct them in the CMS and save them again. `feeds quarantine` lists them all.\n"
    )
    told = json.loads(run("status", "--json").stdout)
    assert (told["well"], told["troubles"][0]["about"]) == (False, "articles")
    assert told["held_back"][0]["feeds"] == ["latest"]


def test_the_status_of_a_paper_without_a_store_says_so_and_makes_none(
    run: Run, folder: Path
) -> None:
    done = run("status")
    assert done.exit_code == 1
    assert "The store cannot be read: " in done.stdout
    assert "no store yet" in done.stdout
    assert not (folder / "newsroom.db").exists()


def test_publish_waits_for_another_process_that_publishes(run: Run, folder: Path) -> None:
    run("import", write_articles(folder / "a.jsonl", [record("1")]))
    with open_store(f"sqlite:///{folder / 'newsroom.db'}") as store, ThreadPoolExecutor() as pool:
        with store.lock("publishing") as held:
            publishing = pool.submit(feeds, folder, "publish")
            with pytest.raises(TimeoutError):
                publishing.result(timeout=0)
            assert held
            assert store.documents.statuses() == []
        assert publishing.result().returncode == 0
        assert store.documents.get("latest.rss")
