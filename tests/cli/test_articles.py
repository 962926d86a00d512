"""`feeds import`: what goes in, what is said of the rest, and the exit code."""

import os
import socket
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from feeds.config import load
from feeds.model import LATEST, Article, Term
from feeds.store import open_store
from tests.cli.conftest import Run
from tests.paper import HEADLINE, PAGE, record, write_articles

Make = Callable[[Path], None]


def stored(folder: Path, article_id: str) -> Article | None:
    with open_store(load(folder / "config.yaml").store) as store:
        return store.articles.get(article_id)


def terms_touched(folder: Path) -> set[Term]:
    with open_store(load(folder / "config.yaml").store) as store:
        return {touched.term for touched in store.changes.touched(100)}


def test_all_articles_of_a_file_go_in(run: Run, folder: Path) -> None:
    path = write_articles(folder / "a.jsonl", [record("1"), record("2")])
    result = run("import", path)
    assert (result.exit_code, result.stdout) == (
        0,
        "2 new, 0 changed, 0 unchanged, 0 rejected\n",
    )
    assert stored(folder, "2")


def test_importing_again_changes_nothing(run: Run, folder: Path) -> None:
    path = write_articles(folder / "a.jsonl", [record("1"), record("2")])
    run("import", path)
    run("publish")
    result = run("import", path)
    assert (result.exit_code, result.stdout) == (
        0,
        "0 new, 0 changed, 2 unchanged, 0 rejected\n",
    )
    assert terms_touched(folder) == set()


def test_a_changed_article_is_updated(run: Run, folder: Path) -> None:
    run("import", write_articles(folder / "a.jsonl", [record("1")]))
    edited = write_articles(folder / "a.jsonl", [record("1", title="고친 제목")])
    assert run("import", edited).stdout == "0 new, 1 changed, 0 unchanged, 0 rejected\n"
    article = stored(folder, "1")
    assert article
    assert article.title == "고친 제목"
    assert LATEST in terms_touched(folder)


def test_a_page_is_an_article_of_the_given_section(run: Run, folder: Path) -> None:
    page = folder / "298504.txt"
    page.write_text(PAGE, "utf-8")
    assert run("import", page, "--section", "지역").exit_code == 0
    article = stored(folder, "298504")
    assert article
    assert (article.title, article.sections) == (HEADLINE, ("지역",))


def test_the_section_is_for_articles_that_name_none(run: Run, folder: Path) -> None:
    records = [record("1", sections=["문화"]), record("2")]
    run("import", write_articles(folder / "a.jsonl", records), "--section", "지역")
    one, two = stored(folder, "1"), stored(folder, "2")
    assert one
    assert two
    assert (one.sections, two.sections) == (("문화",), ("지역",))


def test_a_folder_is_searched_for_what_can_be_read(run: Run, folder: Path) -> None:
    (folder / "archive" / "2026").mkdir(parents=True)
    write_articles(folder / "archive" / "a.jsonl", [record("1")])
    (folder / "archive" / "2026" / "page.txt").write_text(PAGE, "utf-8")
    (folder / "archive" / "notes.docx").write_bytes(b"\x00")
    result = run("import", folder / "archive")
    assert (result.exit_code, result.stdout) == (
        0,
        "2 new, 0 changed, 0 unchanged, 0 rejected\n",
    )


def test_a_rejected_article_is_named_and_the_others_go_in(run: Run, folder: Path) -> None:
    records = [record("1"), record("2", titel="?"), record("3", published="gestern"), record("4")]
    path = write_articles(folder / "a.jsonl", records)
    result = run("import", path)
    assert (result.exit_code, result.stdout) == (
        1,
        "2 new, 0 changed, 0 unchanged, 2 rejected\n",
    )
    assert f'{path}:2: rejected: titel: no such key (did you mean "title"?)' in result.stderr
    assert f"{path}:3: rejected: published: " in result.stderr
    assert stored(folder, "4")


def test_what_was_removed_from_an_article_is_said(run: Run, folder: Path) -> None:
    path = write_articles(folder / "a.jsonl", [record("1", title="벨\x08소리\ufffe")])
    result = run("import", path)
    assert result.exit_code == 0
    assert f"{path}:1: article 1: title: removed U+0008, U+FFFE" in result.stderr
    article = stored(folder, "1")
    assert article
    assert article.title == "벨소리"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.jsonl", None, "none.jsonl: rejected: cannot be read: No such file or directory"),
        ("a.docx", "?", "a.docx: rejected: no reader for such a file; there are .jsonl, .txt"),
        ("a.txt", "글만 있다", 'a.txt:1: rejected: published: no line such as "등록'),
        ("a.jsonl", "{not json\n", "a.jsonl:1: rejected: not JSON"),
        ("가" * 300 + ".txt", None, "가.txt: rejected: cannot be read: File name too long"),
        (".", None, ".: rejected: has no file in it to read; there are .jsonl, .txt, .html, .htm"),
    ],
)
def test_nothing_that_can_be_read_is_exit_code_2(
    run: Run, folder: Path, name: str, content: str | None, said: str
) -> None:
    if content is not None:
        (folder / name).write_text(content, "utf-8")
    result = run("import", name)
    assert (result.exit_code, result.stdout) == (
        2,
        "0 new, 0 changed, 0 unchanged, 1 rejected\n",
    )
    assert said in result.stderr


def test_a_missing_file_keeps_no_other_out(run: Run, folder: Path) -> None:
    path = write_articles(folder / "a.jsonl", [record("1")])
    result = run("import", "none.jsonl", path)
    assert result.exit_code == 1
    assert stored(folder, "1")


def test_import_without_a_path_says_how_it_is_used(run: Run) -> None:
    result = run("import")
    assert result.exit_code == 2
    assert "Missing argument" in result.stderr


def write_page(path: Path, headline: str = HEADLINE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PAGE.replace(HEADLINE, headline), "utf-8")
    return path


def test_pages_of_one_name_in_several_folders_are_told_and_none_is_taken_for_another(
    run: Run, folder: Path
) -> None:
    write_page(folder / "pages" / "2024" / "01.txt")
    write_page(folder / "pages" / "2025" / "01.txt")
    write_page(folder / "pages" / "2025" / "02.txt")
    result = run("import", "pages")
    assert (result.exit_code, result.stdout) == (1, "1 new, 0 changed, 0 unchanged, 2 rejected\n")
    assert (
        'pages/2024/01.txt:2: rejected: id: "01" is the id of pages/2025/01.txt too;'
        " rename one, or give all pages ids with their folders (--folders 1)\n"
    ) in result.stderr
    assert "pages/2025/01.txt:2: rejected: " in result.stderr
    assert stored(folder, "01") is None
    assert stored(folder, "02")


@pytest.mark.parametrize(
    "named", ["pages", "pages/2024 pages/2025", "pages/2025/../2024/01.txt pages/2025/01.txt"]
)
def test_folders_in_the_id_are_the_same_whichever_was_named(
    run: Run, folder: Path, named: str
) -> None:
    write_page(folder / "pages" / "2024" / "01.txt", "작년의 첫 기사")
    write_page(folder / "pages" / "2025" / "01.txt", "올해의 첫 기사")
    assert run("import", "pages", "--folders", "1").stdout.startswith("2 new")
    again = run("import", *named.split(), "--folders", "1")
    assert (again.exit_code, again.stdout) == (0, "0 new, 0 changed, 2 unchanged, 0 rejected\n")
    first, second = stored(folder, "2024/01"), stored(folder, "2025/01")
    assert first
    assert second
    assert (first.title, second.title) == ("작년의 첫 기사", "올해의 첫 기사")


def test_two_forms_of_one_page_need_a_choice(run: Run, folder: Path) -> None:
    write_page(folder / "a" / "01.txt")
    write_page(folder / "a" / "01.TXT")
    result = run("import", "a")
    assert result.exit_code == 2
    assert 'id: "01" is the id of a/01.txt too; rename one, or import it alone' in result.stderr


def test_an_article_with_the_id_of_a_page_is_told(run: Run, folder: Path) -> None:
    write_page(folder / "a" / "01.txt")
    write_articles(folder / "a" / "x.jsonl", [record("01"), record("02")])
    result = run("import", "a")
    assert (result.exit_code, result.stdout) == (1, "2 new, 0 changed, 0 unchanged, 1 rejected\n")
    assert 'a/x.jsonl:1: rejected: id: "01" is the id of a/01.txt too' in result.stderr


def test_a_page_that_replaces_an_article_of_another_date_says_so(run: Run, folder: Path) -> None:
    first = write_page(folder / "2025" / "01.txt", "작년의 첫 기사")
    second = write_page(folder / "2026" / "01.txt", "올해의 첫 기사")
    first.write_text(first.read_text("utf-8").replace("2026-03-02", "2025-03-02"), "utf-8")
    run("import", first)
    result = run("import", second)
    assert (result.exit_code, result.stdout) == (0, "0 new, 1 changed, 0 unchanged, 0 rejected\n")
    note = 'replaces "작년의 첫 기사" of 2025-03-02; if that is another article, rename this page'
    assert f"2026/01.txt:2: article 01: {note}\n" in result.stderr
    edited = write_page(folder / "2026" / "01.txt", "고친 제목")
    assert "replaces" not in run("import", edited).stderr


def test_what_is_named_twice_is_read_once(run: Run, folder: Path) -> None:
    page = write_page(folder / "a" / "01.txt")
    (folder / "b").symlink_to(folder / "a")
    result = run("import", "a", page, "a/../a/01.txt", "b", "b/01.txt")
    assert (result.exit_code, result.stdout) == (0, "1 new, 0 changed, 0 unchanged, 0 rejected\n")


def test_links_to_folders_are_followed_once_and_in_no_circle(run: Run, folder: Path) -> None:
    write_page(folder / "elsewhere" / "2025" / "01.txt")
    (folder / "a").mkdir()
    (folder / "a" / "all").symlink_to(folder / "elsewhere")
    (folder / "a" / "again").symlink_to(folder / "elsewhere" / "2025")
    (folder / "elsewhere" / "2025" / "up").symlink_to(folder / "elsewhere")
    result = run("import", "a")
    assert (result.exit_code, result.stdout) == (0, "1 new, 0 changed, 0 unchanged, 0 rejected\n")


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path.name)  # a whole path is longer than a socket's address may be


def make_lost_link(path: Path) -> None:
    path.symlink_to("nowhere.txt")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (make_pipe, "is no regular file; pipes, sockets and devices are not read"),
        (make_socket, "is no regular file; pipes, sockets and devices are not read"),
        (make_lost_link, "cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_read_is_told_and_holds_nothing_up(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, make: Make, said: str
) -> None:
    write_page(folder / "a" / "01.txt")
    monkeypatch.chdir(folder / "a")
    make(folder / "a" / "x.txt")
    monkeypatch.chdir(folder)
    for named in (["a"], ["a/01.txt", "a/x.txt"]):
        result = run("import", *named)
        assert result.exit_code == 1
        assert f"a/x.txt: rejected: {said}\n" in result.stderr


def test_a_folder_that_cannot_be_read_is_told(run: Run, folder: Path) -> None:
    write_page(folder / "a" / "01.txt")
    here = os.open(folder / "a", os.O_RDONLY)
    for _ in range(20):  # deeper than any path may be long, which stops root too
        os.mkdir("나" * 80, dir_fd=here)
        here, above = os.open("나" * 80, os.O_RDONLY, dir_fd=here), here
        os.close(above)
    os.close(here)
    result = run("import", "a")
    assert (result.exit_code, result.stdout) == (1, "1 new, 0 changed, 0 unchanged, 1 rejected\n")
    assert "rejected: cannot be read: File name too long\n" in result.stderr


@pytest.mark.parametrize(
    ("name", "shown"),
    [("기사".encode("cp949"), r"a/\udcb1\udce2\udcbb\udce7"), (b"1\n2", r"a/1\n2")],
)
def test_a_name_that_is_no_id_is_told_on_one_line(
    run: Run, folder: Path, name: bytes, shown: str
) -> None:
    write_page(folder / "a" / os.fsdecode(name + b".txt"))
    result = run("import", "a")
    assert result.exit_code == 2
    assert f"{shown}.txt:2: rejected: id: the file's name " in result.stderr


@pytest.mark.parametrize(
    ("published", "said"),
    [
        (["2026-03-02 09:01"], "1 under embargo until 2026-03-02 09:01 KST\n"),
        (
            ["2026-03-03 07:00", "2026-03-02 09:00", "2026-03-02 12:00"],
            "2 under embargo, the first of them until 2026-03-02 12:00 KST\n",
        ),
        (["2026-03-02 09:00"], ""),
    ],
)
def test_an_import_says_what_is_under_embargo(
    run: Run, folder: Path, published: Sequence[str], said: str
) -> None:
    records = [record(str(at), published=when) for at, when in enumerate(published)]
    withdrawn = record("w", published="2026-03-02 09:30", status="withdrawn")
    path = write_articles(folder / "a.jsonl", [*records, withdrawn])
    with time_machine.travel(datetime(2026, 3, 2, tzinfo=UTC), tick=False):
        result = run("import", path)
    assert result.stdout.partition("rejected\n")[2] == said


def test_a_change_in_the_future_is_held_at_the_import_that_brought_it(
    run: Run, folder: Path
) -> None:
    path = write_articles(folder / "a.jsonl", [record("1", updated="2026-03-02 21:00")])
    first = datetime(2026, 3, 2, 1, tzinfo=UTC)
    with time_machine.travel(first, tick=False):
        result = run("import", path)
    assert result.exit_code == 0
    note = "updated: is in the future; the time of the save is taken instead"
    assert f"a.jsonl:1: article 1: {note}\n" in result.stderr
    with time_machine.travel(first + timedelta(hours=5), tick=False):
        assert run("import", path).stdout.startswith("0 new, 0 changed, 1 unchanged")
    article = stored(folder, "1")
    assert article
    assert article.updated == first
    edited = write_articles(
        folder / "a.jsonl", [record("1", title="고친 제목", updated="2026-03-02 21:00")]
    )
    with time_machine.travel(first + timedelta(hours=6), tick=False):
        assert run("import", edited).stdout.startswith("0 new, 1 changed")
    article = stored(folder, "1")
    assert article
    assert article.updated == first + timedelta(hours=6)
