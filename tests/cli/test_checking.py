"""`feeds check`: published documents, files, and feeds on the web."""

import json
import sqlite3
from pathlib import Path

import pytest
import time_machine
from pytest_httpserver import HTTPServer

from feeds.formats import FORMATS
from feeds.model import LATEST
from feeds.store import POSTPONED
from tests.cli.conftest import Run
from tests.formats.regenerate import GOLDEN
from tests.paper import record, write_articles, write_config
from tests.processes import feeds

BROKEN = """<rss version="2.0"><channel><title>옛 신문</title><link>http://old.example/</link>
<item><title>&amp;amp; 둘</title><link>/1</link>
<pubDate>Fri, 02 Jan 2026 10:00:00 KST</pubDate></item>
</channel></rss>"""

# Where the bytes of a document are.
IDENTITY = "representations WHERE path = ? AND since = '' AND coding = 'identity'"


@pytest.fixture
def paper(run: Run, folder: Path) -> Path:
    """The folder of a paper with one published article."""
    run("import", write_articles(folder / "a.jsonl", [record("1", title="바른 제목")]))
    run("publish")
    return folder


def alter(folder: Path, path: str, before: str, after: str) -> None:
    """Change published bytes behind everybody's back."""
    with sqlite3.connect(folder / "newsroom.db") as connection:
        query = f"SELECT bytes FROM {IDENTITY}"
        (body,) = connection.execute(query, (path,)).fetchone()
        assert before.encode() in body
        altered = body.replace(before.encode(), after.encode())
        connection.execute(
            f"UPDATE {IDENTITY.replace('WHERE', 'SET bytes = ? WHERE')}", (altered, path)
        )
    connection.close()


def touch(folder: Path, kind: str, slug: str, at: int) -> None:
    """Note in the store that a term is to be published."""
    with sqlite3.connect(folder / "newsroom.db") as connection:
        connection.execute("INSERT INTO touched VALUES (?, ?, ?, NULL)", (kind, slug, at))
    connection.close()


def test_published_documents_are_sound(run: Run, paper: Path) -> None:
    result = run("check")
    documents = len(FORMATS) * len(run("list", "--json").stdout.splitlines()) + 7  # pages
    assert (result.exit_code, result.stdout) == (0, f"{documents} checked, nothing wrong\n")


def test_a_paper_without_documents_has_nothing_wrong(run: Run, folder: Path) -> None:
    run("import", write_articles(folder / "a.jsonl", [record("1")]))
    result = run("check")
    assert (result.exit_code, result.stdout) == (0, "0 checked, nothing wrong\n")


@pytest.mark.parametrize("extension", ["rss", "atom", "json"])
def test_a_published_document_that_was_altered_is_found_by_its_field(
    run: Run, paper: Path, extension: str
) -> None:
    alter(paper, f"latest.{extension}", "바른 제목", "다른 제목")
    result = run("check")
    assert result.exit_code == 1
    place = f"/feeds/latest.{extension}"
    told = f"{place}: article 1: title: expected '바른 제목', published '다른 제목'"
    findings = result.stdout.splitlines()[:-1]
    assert told in findings
    assert all(finding.startswith(place) for finding in findings)


def test_a_kept_page_that_was_altered_is_found(run: Run, paper: Path) -> None:
    alter(paper, "/", "바른 제목", "틀린 제목")
    done = run("check")
    assert done.exit_code == 1
    assert "/: article 1: title: expected '바른 제목', published '틀린 제목'" in done.stdout


def test_a_script_reads_the_findings_as_json(run: Run, paper: Path) -> None:
    alter(paper, "latest.rss", "바른 제목", "다른 제목")
    result = run("check", "--json")
    (finding,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert (finding["place"], finding["where"]) == ("/feeds/latest.rss", "article 1")
    assert finding["what"].startswith("title: ")


def test_sound_feeds_in_a_file_and_on_the_web_have_nothing_wrong(
    run: Run, folder: Path, httpserver: HTTPServer
) -> None:
    for path in GOLDEN.iterdir():
        httpserver.expect_request(f"/{path.name}").respond_with_data(
            path.read_bytes(), content_type="application/xml"
        )
    places = [place for path in GOLDEN.iterdir() for place in (path, httpserver.url_for(path.name))]
    result = run("check", *places)
    assert (result.exit_code, result.stdout) == (0, f"{len(places)} checked, nothing wrong\n")


def test_the_faults_of_a_foreign_feed_are_listed(run: Run, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/rss").respond_with_data(BROKEN, content_type="application/rss+xml")
    url = httpserver.url_for("/rss")
    result = run("check", url)
    assert result.exit_code == 1
    *findings, last = result.stdout.splitlines()
    assert last == f"1 checked, {len(findings)} wrong"
    told = "\n".join(findings)
    for fault in ("no id (guid)", "time zone", "rel=self", "escaped twice"):
        assert fault in told
    assert all(finding.startswith(f"{url}: ") for finding in findings)


def test_a_foreign_feed_is_checked_without_a_config(run: Run, folder: Path) -> None:
    (folder / "config.yaml").unlink()
    (folder / "old.rss").write_text(BROKEN, "utf-8")
    result = run("check", "old.rss")
    assert (result.exit_code, result.stderr) == (1, "")
    assert "no id (guid)" in result.stdout


def test_a_file_that_is_missing_or_no_feed_is_a_fault(
    run: Run, folder: Path, httpserver: HTTPServer
) -> None:
    (folder / "page.html").write_text("<!doctype html><p>Not a feed", "utf-8")
    httpserver.expect_request("/gone").respond_with_data("", status=404)
    result = run("check", "page.html", "none.rss", httpserver.url_for("/gone"), "http://[::1")
    assert result.exit_code == 1
    page, none, gone, invalid, summary = result.stdout.splitlines()
    assert page.startswith("page.html: document: an HTML page")
    assert none == "none.rss: document: cannot be read: No such file or directory"
    assert gone.endswith("cannot be read: the server answers 404 NOT FOUND")
    assert invalid.startswith("http://[::1: document: cannot be read: ")
    assert summary == "4 checked, 4 wrong"


def test_documents_that_wait_to_be_published_are_not_wrong(run: Run, paper: Path) -> None:
    run("import", write_articles(paper / "a.jsonl", [record("1", title="새 제목")]))
    result = run("check")
    assert result.exit_code == 0
    assert "/feeds/latest.rss: document: waiting to be published" in result.stdout.splitlines()
    assert ", nothing wrong, " in result.stdout
    (found,) = {json.loads(line)["wrong"] for line in run("check", "--json").stdout.splitlines()}
    assert found is False
    run("publish")
    assert run("check").stdout.endswith(" checked, nothing wrong\n")


def test_an_article_whose_embargo_ended_waits_to_be_published(run: Run, paper: Path) -> None:
    write_articles(paper / "a.jsonl", [record("2", published="2099-01-01 09:00")])
    run("import", paper / "a.jsonl")
    run("publish")
    with time_machine.travel("2099-01-02T00:00:00Z"):
        result = run("check")
    assert result.exit_code == 0
    assert "/feeds/latest.rss: document: waiting to be published" in result.stdout


def test_documents_of_another_configuration_wait_to_be_published(run: Run, paper: Path) -> None:
    write_config(paper, site={"title": "다른 신문"})
    result = run("check")
    assert (result.exit_code, "waiting to be published" in result.stdout) == (0, True)


@pytest.mark.parametrize(
    ("kind", "slug", "at"),
    [
        pytest.param("tag", "봄", 1, id="another term waits"),
        pytest.param(LATEST.kind, LATEST.slug, POSTPONED, id="its publication failed"),
    ],
)
def test_an_alteration_is_wrong_although(
    run: Run, paper: Path, kind: str, slug: str, at: int
) -> None:
    alter(paper, "latest.rss", "바른 제목", "다른 제목")
    touch(paper, kind, slug, at)
    assert run("check").exit_code == 1


def test_control_characters_of_a_foreign_feed_are_shown_escaped(run: Run, folder: Path) -> None:
    (folder / "odd.json").write_text('{"version": 1, "icon": "\\u001b[2J\\u009b"}', "utf-8")
    (folder / "odd.rss").write_text(BROKEN.replace("/1<", "/&#x202e;&#x9b;2J<"), "utf-8")
    for options in ([], ["--json"]):
        shown = run("check", "odd.json", "odd.rss", *options).stdout
        assert all(character.isprintable() or character == "\n" for character in shown)
        assert "\\u001b[2J\\u009b" in shown
        assert "\\u202e" in shown


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_says_how_long_to_wait_is_not_waited_for(
    run: Run, httpserver: HTTPServer, status: int
) -> None:
    httpserver.expect_request("/busy").respond_with_data(
        "", status, headers={"Retry-After": "100000"}
    )
    result = run("check", httpserver.url_for("/busy"))
    assert f"cannot be read: the server answers {status} " in result.stdout
    assert len(httpserver.log) == 1


def test_a_redirect_that_says_how_long_to_wait_is_followed_at_once(
    run: Run, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/old").respond_with_data(
        "", 301, headers={"Location": "/rss", "Retry-After": "100000"}
    )
    httpserver.expect_request("/rss").respond_with_data(BROKEN, content_type="application/xml")
    assert "no id (guid)" in run("check", httpserver.url_for("/old")).stdout


def test_a_failed_fetch_is_one_line_without_warnings(tmp_path: Path) -> None:
    url = "http://127.0.0.1:1/"
    done = feeds(tmp_path, "check", url)
    assert (done.returncode, done.stderr) == (1, "")
    told, summary = done.stdout.splitlines()
    assert told.startswith(f"{url}: document: cannot be read: ")
    assert summary == "1 checked, 1 wrong"
