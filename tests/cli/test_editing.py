"""Single articles by their ids: shown, withdrawn, restored."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.paper import record, write_articles

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
    assert found["status"] == "embargoed until 2099-01-01 09:00:00 KST"
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
