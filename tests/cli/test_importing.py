"""`feeds import`: what goes in, what is said of the rest, and the exit code."""

from pathlib import Path

import pytest

from feeds.config import load
from feeds.model import Article
from feeds.storage import LATEST, Term, open_store
from tests.cli.conftest import Run
from tests.paper import HEADLINE, PAGE, record, write_articles


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
        ("none.jsonl", None, "none.jsonl:1: rejected: cannot be read: No such file or directory"),
        ("a.docx", "?", "a.docx:1: rejected: no reader for such a file; there are .jsonl, .txt"),
        ("a.txt", "글만 있다", 'a.txt:1: rejected: published: no line such as "등록'),
        ("a.jsonl", "{not json\n", "a.jsonl:1: rejected: not JSON"),
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
