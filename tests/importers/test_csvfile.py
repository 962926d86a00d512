"""CSV with a header: how its cells become an article, and how a bad record is named."""

import csv
import io
from typing import Any

import pytest

from feeds.importers import Accepted, Rejected, format_of
from feeds.importers.csvfile import read_csv
from feeds.importers.jsonlines import LONGEST_LINE
from feeds.model import Article, Attachment, Author, Image
from tests.importers.given import SOURCE, accepted, article_of, read, rejected

HEADER = "id,title,published"
ROW = "1,은행잎이 물들다,2024-11-05 09:30"
GOOD = f"{HEADER}\n{ROW}\n"


def written(**cells: str) -> bytes:
    """Write one article with these cells, as a spreadsheet would."""
    whole = {"id": "1", "title": "은행잎이 물들다", "published": "2024-11-05 09:30", **cells}
    file = io.StringIO()
    csv.writer(file).writerows([whole.keys(), whole.values()])
    return file.getvalue().encode()


def article(**cells: str) -> Article:
    return article_of(accepted("a.csv", written(**cells)))


@pytest.mark.parametrize(
    ("key", "cell", "value"),
    [
        ("sections", "정치|지역", ("정치", "지역")),
        ("sections", "정치, 지역", ("정치", "지역")),
        ("sections", "정치, 외교;지역", ("정치, 외교", "지역")),
        ("tags", '["가을, 겨울", "단풍"]', ("가을, 겨울", "단풍")),
        ("tags", "[현장]", ("[현장]",)),
        ("authors", "김민수; 이하늘 ;", (Author("김민수"), Author("이하늘"))),
        ("authors", '[{"name": "김민수", "id": "7"}]', (Author("김민수", id="7"),)),
        ("image", "/a.jpg", Image("/a.jpg")),
        ("image", ' {"url": "/a.jpg", "width": 640}', Image("/a.jpg", width=640)),
        (
            "attachments",
            '[{"url": "/a.mp3", "type": "audio/mpeg"}]',
            (Attachment("/a.mp3", "audio/mpeg"),),
        ),
        ("views", "12", 12),
        ("comments", " 3.0", 3),
        ("status", "withdrawn", "withdrawn"),
        ("body_html", '<p>첫 줄\r\n\r\n<b>"둘째"</b>, 끝</p>', '<p>첫 줄\n\n<b>"둘째"</b>, 끝</p>'),
    ],
)
def test_a_cell_becomes_the_value_of_its_key(key: str, cell: str, value: Any) -> None:
    assert getattr(article(**{key: cell}), key) == value


@pytest.mark.parametrize(
    ("cell", "minor"), [("true", True), ("0", False), ("Yes", True), ("", False)]
)
def test_a_change_is_minor_if_its_cell_says_so(cell: str, *, minor: bool) -> None:
    assert accepted("a.csv", written(minor=cell)).patch.minor is minor


def test_an_empty_cell_keeps_what_is_stored() -> None:
    patch = accepted("a.csv", written(subtitle="", tags=" ", views="")).patch
    assert patch.given.keys() == {"title", "published"}


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"tags": '["가을"'}, "tags: not JSON: Expecting ',' delimiter (column 6)"),
        ({"image": "{}"}, "image.url: is missing"),
        ({"attachments": "/a.mp3"}, 'attachments: must be a list, not "/a.mp3"'),
        ({"views": "1,200"}, 'views: must be a whole number, not "1,200"'),
        ({"minor": "maybe"}, 'minor: must be true or false, not "maybe"'),
        ({"status": "draft"}, 'status: must be "live" or "withdrawn", not "draft"'),
    ],
)
def test_a_cell_that_does_not_fit_is_named(cells: dict[str, str], reason: str) -> None:
    assert rejected("a.csv", written(**cells)) == Rejected(2, reason)


@pytest.mark.parametrize(
    "content",
    [
        GOOD.encode(),
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.encode("cp949"),
        GOOD.replace(",", ";").encode(),
        GOOD.replace(",", "\t").encode(),
        GOOD.replace("id", " ID").encode(),
        '"id";"title";"published"\n"1";"은행잎이 물들다";"2024-11-05 09:30"'.encode(),
        "title,published,id\n\n,,\n은행잎이 물들다,2024-11-05 09:30,1".encode(),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "unknown"])
def test_the_delimiter_and_the_encoding_are_told_by_the_file(name: str, content: bytes) -> None:
    found = accepted(name, content)
    assert (article_of(found).id, article_of(found).title) == ("1", "은행잎이 물들다")


def test_the_first_line_that_is_not_ascii_tells_the_encoding_of_all() -> None:
    # The title of the third article is UTF-8 too, as 7 characters that nobody meant.
    rows = f"{HEADER}\n1,autumn,2024-11-05\n2,은행잎,2024-11-05\n3,천체,2024-11-05\n"
    found = read("a.csv", rows.encode("cp949"))
    titles = [article_of(each).title for each in found if isinstance(each, Accepted)]
    assert titles == ["autumn", "은행잎", "천체"]


def test_a_character_that_an_old_cms_cut_costs_no_article() -> None:
    rows = (
        f"{HEADER}\n1,은행잎,2024-11-05\n2,".encode("cp949")
        + "물들".encode("cp949")[:3]
        + b",2024-11-05\n"
    )
    assert article_of(read("a.csv", rows)[1]).title == "물\ufffd"


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("id,titel,published", 'column titel: no such key (did you mean "title"?)'),
        ("id,zz,yy", "column zz, yy: no such key (there are: id, title,"),
        ("id,title,Title", "column title: is there twice"),
        ("title,published", "column id: is missing"),
        ("id,", "column '': no such key (there are: id, title,"),
    ],
)
def test_a_file_with_a_wrong_header_is_rejected_once(header: str, reason: str) -> None:
    found = rejected("a.csv", f"{header}\n{ROW}\n{ROW}\n".encode())
    assert found.line == 1
    assert found.reason.startswith(reason)


def test_a_file_in_utf_16_is_rejected_once() -> None:
    assert rejected("a.csv", GOOD.encode("utf-16")) == Rejected(
        1, "not UTF-8 (a byte is 0xFF); save the file as UTF-8"
    )


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("2,단풍", "has 2 cells, but the header has 3; put a cell in quotes if the delimiter"),
        ("2,단풍,잎,2024-11-05", "has 4 cells, but the header has 3; "),
        ('2,"단풍" 잎,2024-11-05', "not CSV: ',' expected after '\"'; put a cell in quotes"),
        (b"2,\xff,2024-11-05", "not UTF-8 (a byte is 0xFF); save the file as UTF-8"),
        ('2,"단\n풍",gestern', "published: must be a date"),
        ("2," + "a" * LONGEST_LINE + ",2024-11-05", "the line is longer than 16 MiB"),
        (
            f'2,"{"a" * (LONGEST_LINE // 2)}\n{"a" * (LONGEST_LINE // 2)}",2024-11-05',
            "not CSV: field larger than field limit",
        ),
    ],
)
def test_a_bad_record_is_named_and_the_next_goes_in(record: str | bytes, reason: str) -> None:
    bad = record.encode() if isinstance(record, str) else record
    before, found, after = read("a.csv", GOOD.encode() + bad + b"\n3,a,2024-11-05\n")[:3]
    assert isinstance(before, Accepted)
    assert isinstance(found, Rejected)
    assert (before.line, found.line) == (2, 3)
    assert found.reason.startswith(reason)
    assert isinstance(after, Accepted), after
    assert after.line == 4 + record.count("\n" if isinstance(record, str) else b"\n")


def test_a_quote_that_is_not_closed_costs_the_rest_and_is_named() -> None:
    _, found = read("a.csv", f'{GOOD}2,"단풍,2024-11-05\n{ROW}\n'.encode())
    assert isinstance(found, Rejected)
    assert found.line == 3
    assert found.reason.startswith("not CSV: unexpected end of data; ")


def test_nothing_is_read_before_it_is_asked_for() -> None:
    stream = io.BytesIO(f"{GOOD}{ROW}".encode())
    next(read_csv(stream, SOURCE))
    assert stream.tell() == len(GOOD.encode())


@pytest.mark.parametrize(
    "beginning", ["id\n", "title,paid\n", "title,tags\nid,1", '{"id": "1", "title": "id,"}']
)
def test_without_id_and_a_delimiter_in_its_first_line_a_file_is_no_csv(beginning: str) -> None:
    form = format_of("-", beginning.encode())
    assert form is None or form.read is not read_csv
