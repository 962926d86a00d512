"""Single articles by their ids: shown, withdrawn, restored."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.paper import record, write_articles, write_config

ARTICLES = [record("1", sections=["지역"], tags=["봄"]), record("2", published="2099-01-01 09:00")]


@pytest.fixture
def published(run: Run, folder: Path) -> Run:
    run("import", write_articles(folder / "articles.jsonl", ARTICLES))
    run("publish")
    return run


def facts(run: Run, article_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("show", article_id, "--json").stdout)
    return found


def test_show_names_the_feeds_of_an_article(published: Run) -> None:
    found = facts(published, "1")
    assert found["title"] == "제목 1"
    assert found["status"] == "live"
    feeds = {feed.partition(" ")[0] for feed in found["feeds"]}
    assert feeds >= {"/feeds/latest", "/feeds/sections/지역", "/feeds/tags/봄"}
    assert "제목 1" in published("show", "1").stdout


def test_show_says_until_when_an_article_is_embargoed(published: Run) -> None:
    found = facts(published, "2")
    assert found["status"] == "embargoed until 2099-01-01T09:00:00+09:00"
    assert found["feeds"] == []


def test_show_says_where_an_article_is_held_back_and_why(run: Run, folder: Path) -> None:
    run(
        "import", write_articles(folder / "a.jsonl", [*ARTICLES, record("3", summary="<b>" * 2000)])
    )
    run("publish")
    (held, *_) = facts(run, "3")["held back"]
    assert held.startswith("/feeds/latest.")
    assert "summary" in held


def test_withdraw_takes_articles_out_and_restore_brings_them_back(published: Run) -> None:
    assert "1 is withdrawn" in published("withdraw", "1").stdout
    published("publish")
    assert facts(published, "1") | {"status": "withdrawn", "feeds": []} == facts(published, "1")
    assert "already withdrawn" in published("withdraw", "1").stdout
    published("restore", "1")
    published("publish")
    assert facts(published, "1")["feeds"]


def test_an_unknown_id_is_named_and_the_others_are_withdrawn(published: Run) -> None:
    done = published("withdraw", "unknown", "1")
    assert done.exit_code == 1
    assert "unknown" in done.stderr
    assert facts(published, "1")["status"] == "withdrawn"
    assert published("show", "unknown").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sections/지역", "sections/동네"], 'moved to sections/동네, called "동네"; articles: 1'),
        (["sections/지역", "sections/Our Town"], 'moved to sections/our-town, called "Our Town"'),
        (["sections/지역", "sections/x", "--name", " 우리  지역 "], 'x, called "우리 지역"'),
        (["sections/지역", "sections/생활"], 'moved to sections/생활, called "생활"; articles: 1'),
        (["tags/봄", "tags/옛"], 'moved to tags/옛, called "옛"'),
    ],
)
def test_a_move_says_where_the_articles_are(
    published: Run, folder: Path, arguments: list[str], said: str
) -> None:
    published("import", write_articles(folder / "b.jsonl", [record("3", sections=["생활"])]))
    assert said in published("move", *arguments).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sektions/지역", "sections/동네"], "must be below one of sections, authors, tags"),
        (["sections/지역", "tags/동네"], "sections/지역 cannot become tags/동네"),
        (["sections/없는", "sections/동네"], "no article ever had sections/없는"),
        (["sections/지역", "sections/옛"], "the config has sections/옛 under moved"),
        (["sections/지역", "sections/생활", "--name", "삶"], 'is called "생활"; leave out --name'),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(
    run: Run, folder: Path, arguments: list[str], said: str
) -> None:
    write_config(folder, moved={"sections/옛": "sections/새"})
    records = [*ARTICLES, record("3", sections=["생활"])]
    run("import", write_articles(folder / "articles.jsonl", records))
    done = run("move", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr
