"""`feeds import`: which articles are imported, what is reported about the others, the exit code."""

import json
import os
import re
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from click.testing import Result
from pytest_httpserver import HTTPServer

from feeds.config import load
from feeds.model import LATEST, Article, Term
from feeds.store import open_store
from tests.cli.conftest import Run
from tests.importers import feeds, test_wxr
from tests.paper import HEADLINE, PAGE, Record, record, write_articles
from tests.processes import FEEDS, environment

Make = Callable[[Path], None]


def counts(result: Result) -> list[int]:
    """The numbers that an import printed: new, changed, unchanged, rejected."""
    numbers = (
        r"(\d+) new, (\d+) changed, (?:[^,]+ embargo[^,]+, )?(\d+) unchanged, (\d+) rejected,"
        r" in \d+\.\d s \([\d,]+ articles a second\)\n"
    )
    found = re.match(numbers, result.stdout)
    assert found, result.stdout
    return list(map(int, found.groups()))


def stored(folder: Path, article_id: str) -> Article:
    with open_store(load(folder / "config.yaml").store) as store:
        article = store.articles.get(article_id)
    assert article
    return article


def is_stored(folder: Path, article_id: str) -> bool:
    with open_store(load(folder / "config.yaml").store) as store:
        return store.articles.get(article_id) is not None


def terms_touched(folder: Path) -> set[Term]:
    with open_store(load(folder / "config.yaml").store) as store:
        return {touched.term for touched in store.changes.touched(100)}


def write_page(path: Path, headline: str = HEADLINE, year: str = "2026") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    page = PAGE.replace(HEADLINE, headline).replace("2026-03-02", f"{year}-03-02")
    path.write_text(page, "utf-8")
    return path


def test_an_import_counts_new_unchanged_and_changed_articles(run: Run, folder: Path) -> None:
    path = write_articles(folder / "a.jsonl", [record("1"), record("2")])
    assert counts(run("import", path)) == [2, 0, 0, 0]
    run("publish")
    assert counts(run("import", path)) == [0, 0, 2, 0]
    assert terms_touched(folder) == set()
    edited = write_articles(folder / "a.jsonl", [record("1", title="고친 제목"), record("2")])
    assert counts(run("import", edited)) == [0, 1, 1, 0]
    assert stored(folder, "1").title == "고친 제목"
    assert LATEST in terms_touched(folder)


def test_the_section_is_for_articles_that_name_none(run: Run, folder: Path) -> None:
    path = write_articles(folder / "a.jsonl", [record("1", sections=["문화"]), record("2")])
    page = write_page(folder / "298504.txt")
    assert run("import", path, page, "--section", "지역").exit_code == 0
    sections = {n: stored(folder, n).sections for n in ("1", "2", "298504")}
    assert sections == {"1": ("문화",), "2": ("지역",), "298504": ("지역",)}
    assert stored(folder, "298504").title == HEADLINE


def test_a_folder_is_searched_for_files_that_can_be_read(run: Run, folder: Path) -> None:
    write_page(folder / "archive" / "2026" / "page.txt")
    write_articles(folder / "archive" / "a.jsonl", [record("1")])
    (folder / "archive" / "notes.docx").write_bytes(b"\x00")
    assert counts(run("import", folder / "archive")) == [2, 0, 0, 0]


def test_a_rejected_article_is_reported_and_the_others_are_imported(run: Run, folder: Path) -> None:
    records = [record("1"), record("2", titel="?"), record("3", published="gestern"), record("4")]
    path = write_articles(folder / "a.jsonl", records)
    result = run("import", "none.jsonl", path)
    assert (result.exit_code, counts(result)) == (1, [2, 0, 0, 3])
    assert f'{path}:2: rejected: titel: no such key (did you mean "title"?)' in result.stderr
    assert f"{path}:3: rejected: published: " in result.stderr
    assert is_stored(folder, "4")


def test_a_note_about_an_article_names_its_file_line_and_id(run: Run, folder: Path) -> None:
    path = write_articles(folder / "a.jsonl", [record("1", title="벨\x08소리\ufffe")])
    result = run("import", path)
    assert result.exit_code == 0
    assert f"{path}:1: article 1: title: removed U+0008, U+FFFE" in result.stderr
    assert stored(folder, "1").title == "벨소리"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.jsonl", None, "none.jsonl: rejected: cannot be read: No such file or directory"),
        (
            "a.docx",
            "?",
            "a.docx: rejected: its format is unknown; name it with --format (text,",
        ),
        ("a.txt", "글만 있다", "a.txt:1: rejected: published: "),
        ("a.jsonl", "{not json\n", "a.jsonl:1: rejected: not JSON"),
        ("가" * 300 + ".txt", None, "가.txt: rejected: cannot be read: File name too long"),
        (".", None, ".: rejected: has no .jsonl or .txt or .html or .htm file in it"),
    ],
)
def test_the_exit_code_is_2_if_nothing_is_imported(
    run: Run, folder: Path, name: str, content: str | None, said: str
) -> None:
    if content is not None:
        (folder / name).write_text(content, "utf-8")
    result = run("import", name)
    assert (result.exit_code, counts(result)) == (2, [0, 0, 0, 1])
    assert said in result.stderr


@pytest.fixture
def years(folder: Path) -> Path:
    """A folder of pages, two of which have one name."""
    for page in ("2024/01", "2025/01", "2025/02"):
        write_page(folder / "pages" / f"{page}.txt", f"기사 {page}", year=page[:4])
    return folder / "pages"


def pages_stored(folder: Path) -> dict[str, str]:
    """Give the page of each stored article by its id."""
    possible = {*("01", "02"), *(f"{at}{n}" for at in ("2024/", "2025/") for n in ("01", "02"))}
    possible |= {f"pages/{one}" for one in possible}
    found = {each: stored(folder, each).title for each in possible if is_stored(folder, each)}
    return {each: title.removeprefix("기사 ") for each, title in found.items()}


@pytest.mark.parametrize(
    ("imports", "rejected", "ids"),
    [
        (["pages"], 0, ["2024/01", "2025/01", "02"]),
        (["."], 0, ["pages/2024/01", "pages/2025/01", "02"]),
        (["pages", "pages/2024"], 0, ["2024/01", "2025/01", "02"]),
        (["pages", "pages/2025 pages/../pages/2024"], 0, ["2024/01", "2025/01", "02"]),
        (["pages/2024", "pages"], 0, ["01", "2025/01", "02"]),
        (["pages/2024", "pages/2025"], 1, ["01", None, "02"]),
        (["pages/2024 pages/2025"], 2, [None, None, "02"]),
        (["pages/2024/01.txt pages/2025/01.txt"], 2, [None, None, None]),
        (["pages/2024 pages/2025", "pages"], 2, ["2024/01", "2025/01", "02"]),
    ],
)
@pytest.mark.usefixtures("years")
def test_no_page_becomes_another_and_each_keeps_its_id(
    run: Run, folder: Path, imports: list[str], rejected: int, ids: list[str | None]
) -> None:
    found = [counts(run("import", *each.split())) for each in imports]
    assert sum(each[3] for each in found) == rejected
    pages = ["2024/01", "2025/01", "2025/02"]
    expected = {each: page for each, page in zip(ids, pages, strict=True) if each}
    assert pages_stored(folder) == expected
    assert sum(each[1] for each in found) == 0
    for each, page in expected.items():
        write_page(folder / "pages" / f"{page}.txt", f"기사 {page} 고침", year=page[:4])
        assert counts(run("import", f"pages/{page}.txt")) == [0, 1, 0, 0]
        assert stored(folder, each).title == f"기사 {page} 고침"


@pytest.mark.usefixtures("years")
def test_an_import_says_once_that_ids_have_folders(run: Run) -> None:
    said = "pages/2024/01.txt:2: article 2024/01: several pages have this name; the ids of such"
    result = run("import", "pages")
    assert said in result.stderr
    assert result.stderr.count("several pages") == 1
    assert "several pages" not in run("import", "pages").stderr


def test_a_page_that_may_be_either_of_two_is_rejected(run: Run, folder: Path, years: Path) -> None:
    run("import", "pages/2024")
    write_page(years / "2024" / "01.txt", "고친 제목", year="2024")
    write_page(years / "2025" / "01.txt", "다른 기사", year="2024")
    result = run("import", "pages")
    assert counts(result)[3] == 2
    assert 'pages/2024/01.txt:2: rejected: id: "01" is the id of pages/2025/01.txt too' in (
        result.stderr
    )
    assert stored(folder, "01").title == "기사 2024/01"


def test_a_page_of_another_date_than_the_article_with_its_id_is_rejected(
    run: Run, folder: Path, years: Path
) -> None:
    run("import", "pages")
    write_page(years / "2024" / "01.txt", "기사 2024/01", year="2023")
    result = run("import", "pages")
    assert (result.exit_code, counts(result)) == (1, [0, 0, 2, 1])
    assert 'id: "2024/01" is the id of "기사 2024/01", which was published at another time' in (
        result.stderr
    )
    assert stored(folder, "2024/01").published.year == 2024


def test_a_folder_whose_name_cannot_be_in_an_id_is_told(run: Run, folder: Path) -> None:
    for year in ("봄 2024", "2025"):
        write_page(folder / "pages" / year / "01.txt", year, year=year[-4:])
    write_page(folder / "pages" / os.fsdecode("봄".encode("cp949")) / "02.txt")
    result = run("import", "pages")
    assert counts(result) == [2, 0, 0, 1]
    assert 'rejected: id: "봄 2024/01" cannot be an id; take blanks out' in result.stderr


@pytest.mark.parametrize(
    ("other", "said", "imported"),
    [
        ("01.TXT", 'id: "01" is the id of a/01.txt too; rename one, or', []),
        ("x.jsonl", 'a/x.jsonl:1: rejected: id: "01" is the id of a/01.txt too', ["01", "02"]),
    ],
)
def test_an_article_with_the_id_of_a_page_is_rejected(
    run: Run, folder: Path, other: str, said: str, imported: Sequence[str]
) -> None:
    write_page(folder / "a" / "01.txt")
    if other.endswith(".jsonl"):
        write_articles(folder / "a" / other, [record("01"), record("02")])
    else:
        write_page(folder / "a" / other)
    result = run("import", "a")
    assert result.exit_code == (1 if imported else 2)
    assert said in result.stderr
    assert [n for n in ("01", "02") if is_stored(folder, n)] == list(imported)


SAME = [record("1", url="https://www.news.example/1"), record("2")]


def renumbered(*ids: str, **fields: str) -> list[Record]:
    return [record(each, url="https://www.news.example/1", **fields) for each in ids]


def test_an_import_stops_before_articles_that_are_known_by_url_get_new_ids(
    run: Run, folder: Path
) -> None:
    run("import", write_articles(folder / "a.jsonl", SAME))
    new = write_articles(folder / "b.jsonl", [*renumbered("11", "12", "13", "14"), record("2")])
    result = run("import", new)
    assert (result.exit_code, counts(result)) == (2, [0, 0, 0, 0])
    assert f"{new}:1: article 11 is new, but has the url of article 1\n" in result.stderr
    assert result.stderr.count(" is new, but has the url of ") == 3
    assert "stopped: 4 of the next 5 articles are stored with other ids" in result.stderr
    assert counts(run("import", new, "--accept-new-ids")) == [4, 0, 1, 0]


def test_what_was_imported_before_the_stop_is_saved(run: Run, folder: Path) -> None:
    run("import", write_articles(folder / "a.jsonl", SAME))
    many = [record(f"n{number}") for number in range(5000)]
    result = run("import", write_articles(folder / "b.jsonl", [*many, *renumbered("11")]))
    assert result.exit_code == 1
    assert 0 < counts(result)[0] <= 5000
    assert not is_stored(folder, "11")


@pytest.mark.parametrize(
    ("stored", "imported"),
    [
        pytest.param(SAME, [record("1", title="고침"), *renumbered("1")], id="the same id"),
        pytest.param([*SAME, *renumbered("11")], renumbered("11", title="고침"), id="both known"),
        pytest.param([*SAME, *renumbered("11")], renumbered("12"), id="the url of several"),
        pytest.param(
            [record("1", url=SAME[0]["url"], status="withdrawn")], renumbered("11"), id="withdrawn"
        ),
        pytest.param(SAME, [record("11", url="https://www.news.example/2")], id="another url"),
    ],
)
def test_an_url_stops_no_import_that_mints_no_second_id(
    run: Run, folder: Path, stored: list[Record], imported: list[Record]
) -> None:
    run("import", write_articles(folder / "a.jsonl", stored))
    assert run("import", write_articles(folder / "b.jsonl", imported)).exit_code == 0


def test_a_file_that_is_reached_twice_is_read_once(run: Run, folder: Path) -> None:
    page = write_page(folder / "a" / "2025" / "01.txt")
    (folder / "b").symlink_to(folder / "a")
    (folder / "c").mkdir()
    (folder / "c" / "all").symlink_to(folder / "a")
    (folder / "c" / "again").symlink_to(folder / "a" / "2025")
    (folder / "a" / "2025" / "up").symlink_to(folder / "a")
    for named in (["a", page, "a/../a/2025/01.txt", "b", "b/2025/01.txt"], ["c"]):
        result = run("import", *named)
        assert result.exit_code == 0
        assert sum(counts(result)) == 1


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_lost_link(path: Path) -> None:
    path.symlink_to("nowhere.txt")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (make_pipe, "is not a regular file"),
        (make_lost_link, "cannot be read: No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_read_is_reported_and_blocks_nothing(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, make: Make, said: str
) -> None:
    write_page(folder / "a" / "01.txt")
    monkeypatch.chdir(folder / "a")
    make(folder / "a" / "x.txt")
    monkeypatch.chdir(folder)
    for named in (["a"], ["a/01.txt", "a/x.txt"]):
        result = run("import", *named)
        assert result.exit_code == 1
        assert f"a/x.txt: rejected: {said}" in result.stderr


def test_a_folder_that_cannot_be_read_is_reported(run: Run, folder: Path) -> None:
    write_page(folder / "a" / "01.txt")
    here = os.open(folder / "a", os.O_RDONLY)
    for _ in range(20):  # deeper than any path may be long, which stops root too
        os.mkdir("나" * 80, dir_fd=here)
        here, above = os.open("나" * 80, os.O_RDONLY, dir_fd=here), here
        os.close(above)
    os.close(here)
    result = run("import", "a")
    assert (result.exit_code, counts(result)) == (1, [1, 0, 0, 1])
    assert "rejected: cannot be read: File name too long\n" in result.stderr


@pytest.mark.parametrize(
    ("name", "shown"),
    [("기사".encode("cp949"), r"a/\udcb1\udce2\udcbb\udce7"), (b"1\n2", r"a/1\n2")],
)
def test_a_name_that_is_no_id_is_reported_on_one_line(
    run: Run, folder: Path, name: bytes, shown: str
) -> None:
    write_page(folder / "a" / os.fsdecode(name + b".txt"))
    result = run("import", "a")
    assert result.exit_code == 2
    assert f"{shown}.txt:2: rejected: id: " in result.stderr


@pytest.mark.parametrize(
    ("published", "said"),
    [
        (["2026-03-02 09:01"], "1 under embargo until 2026-03-02 09:01 KST"),
        (
            ["2026-03-03 07:00", "2026-03-02 09:00", "2026-03-02 12:00"],
            "2 under embargo until 2026-03-02 12:00 KST and later",
        ),
        (["2026-03-02 09:00"], ""),
    ],
)
def test_an_import_reports_embargoes(
    run: Run, folder: Path, published: Sequence[str], said: str
) -> None:
    records = [record(str(at), published=when) for at, when in enumerate(published)]
    withdrawn = record("w", published="2026-03-02 09:30", status="withdrawn")
    path = write_articles(folder / "a.jsonl", [*records, withdrawn])
    with time_machine.travel(datetime(2026, 3, 2, tzinfo=UTC), tick=False):
        result = run("import", path)
    embargo = re.search(", ([^,]*embargo[^,]*), ", result.stdout)
    assert (embargo[1] if embargo else "") == said


@pytest.mark.parametrize(
    ("arguments", "content", "said"),
    [
        ("import -", test_wxr.export(test_wxr.ITEM.format("제목", 1)).decode(), "1 new, "),
        ("import - --format jsonl", "\ufeff" + json.dumps(record("1")), "1 new, "),
        ("import -", '{"id": "1"}\n', "standard input:1: rejected: article 1: title: is missing"),
        ("import -", "만우절", "standard input: rejected: its format is unknown; name it with"),
        ("import - --format text", PAGE, "a page must be a file, whose name is the article's id"),
    ],
)
def test_articles_come_from_standard_input(
    folder: Path, arguments: str, content: str, said: str
) -> None:
    done = subprocess.run(
        [*FEEDS, *arguments.split()],
        cwd=folder,
        env=environment(),
        input=content.encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == (0 if said == "1 new, " else 2)
    assert said in (done.stdout + done.stderr).decode()


def test_a_file_without_a_telling_suffix_is_read_by_its_beginning(run: Run, folder: Path) -> None:
    path = write_articles(folder / "a.data", [record("1")])
    assert counts(run("import", path)) == [1, 0, 0, 0]
    assert counts(run("import", path, "--format", "jsonl")) == [0, 0, 1, 0]


def test_what_is_no_article_is_left_out_and_withdrawn_if_it_was_one(run: Run, folder: Path) -> None:
    path = folder / "export.xml"
    path.write_bytes(test_wxr.EXPORT)
    with time_machine.travel(datetime(2026, 3, 2, tzinfo=UTC), tick=False):
        result = run("import", path)
    assert result.exit_code == 0
    assert "3 new, 0 changed, 1 under embargo until 2130-01-01 00:00 KST" in result.stdout
    left_out = (
        "1 attachment, 1 guest-author, 2 draft, 1 private, 1 password, 1 page, 1 nav_menu_item"
    )
    assert f"0 rejected, 8 left out ({left_out}), in " in result.stdout
    assert not is_stored(folder, "16")
    path.write_bytes(test_wxr.EXPORT.replace(b"CDATA[publish]", b"CDATA[trash]"))
    facts = json.loads(run("import", "--json", path).stdout)
    assert (facts["changed"], facts["left_out"]["trash"]) == (1, 1)
    assert stored(folder, "11").status == "withdrawn"
    path.write_bytes(test_wxr.EXPORT)
    run("import", path)
    assert stored(folder, "11").status == "live"


def test_the_summary_of_an_import_is_json_for_scripts(run: Run, folder: Path) -> None:
    records = [record("1"), record("2", published="2126-03-02 09:00"), record("3", titel="?")]
    facts = json.loads(run("import", "--json", write_articles(folder / "a.jsonl", records)).stdout)
    assert facts.pop("seconds") >= 0
    assert facts.pop("articles_per_second") > 0
    counted = {"new": 2, "changed": 0, "unchanged": 0, "rejected": 1, "embargoed": 1}
    assert facts == counted | {"left_out": {}, "embargoed_until": "2126-03-02T09:00:00+09:00"}


def test_a_feed_on_the_web_is_imported_under_the_ids_that_readers_know(
    run: Run, folder: Path, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/rss").respond_with_data(feeds.rss(feeds.POST))
    url = httpserver.url_for("/rss")
    assert counts(run("import", url, "--section", "지역")) == [1, 0, 0, 0]
    article = stored(folder, "https://old.example/?p=12")
    assert (article.guid, article.sections) == ("https://old.example/?p=12", ("지역",))
    assert run("publish").exit_code == 0
    assert counts(run("import", url, "--section", "지역")) == [0, 0, 1, 0]
