"""Exports of WordPress."""

import os
import threading
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pytest

from feeds.importers import FORMATS, Accepted, LeftOut, Rejected, wxr
from feeds.model import Article, Author, Image
from tests.importers.given import SOURCE, article_of, read, read_in_seconds

EXPORT = Path(__file__).with_name("wordpress-1.2.xml").read_bytes()
ITEM = """<item><title>{}</title><wp:post_id>{}</wp:post_id>
<wp:post_date>2024-11-05 09:30:00</wp:post_date></item>"""


def export(*items: str, version: str = "1.2", end: str = "</channel></rss>") -> bytes:
    namespace = f'xmlns:wp="http://wordpress.org/export/{version}/"'
    return f'<?xml version="1.0"?>\n<rss {namespace}><channel>{"".join(items)}\n{end}'.encode()


def articles(content: bytes) -> dict[str, Article]:
    found = (article_of(each) for each in read("a.xml", content) if isinstance(each, Accepted))
    return {each.id: each for each in found}


def test_a_post_of_an_export_is_an_article() -> None:
    article = articles(EXPORT)["11"]
    assert article == Article(
        id="11",
        title="은행잎이 '물들다' & 노랗다",
        published=datetime(2024, 11, 5, 0, 30, tzinfo=UTC),
        updated=datetime(2024, 11, 6, 0, 30, tzinfo=UTC),
        url="https://paper.example/2024/11/%EC%9D%80%ED%96%89%EC%9E%8E/",
        summary="손으로 쓴 요약",
        body_html="<p>첫 문단]]>이다.</p>"
        '<figure><img src="/a.jpg" alt=""><figcaption>은행나무</figcaption></figure>',
        authors=(Author("박서연", id="2"),),
        sections=("생활", "사진 & 영상"),
        tags=("가을",),
        image=Image(
            "https://paper.example/wp-content/uploads/%EC%9D%80%ED%96%89.jpg", alt="노란 거리"
        ),
        comments=1,
        guid="https://paper.example/?p=11",
    )


def test_co_authors_are_named_in_their_order() -> None:
    block = articles(EXPORT)["13"]
    assert block.authors == (Author("김객원"), Author("박서연", id="2"), Author("gone"))
    assert block.body_html == "<p>블록 문단.</p>"
    assert block.published == datetime(2024, 11, 7, 0, 30, tzinfo=UTC)  # in the paper's zone


def test_a_scheduled_post_is_an_embargo_and_an_address_no_byline() -> None:
    scheduled = articles(EXPORT)["15"]
    assert (scheduled.status, scheduled.published.year) == ("live", 2129)
    assert scheduled.authors == (Author("lee", id="3"),)


def test_what_is_no_public_post_is_left_out_for_its_type_or_status() -> None:
    found = [each for each in read("a.xml", EXPORT) if isinstance(each, LeftOut)]
    assert [(each.reason, each.id) for each in found] == [
        ("attachment", ""),
        ("guest-author", ""),
        ("draft", "16"),
        ("private", "17"),
        ("password", "18"),
        ("page", ""),
        ("nav_menu_item", ""),
        ("draft", "21"),
    ]


def test_a_picture_that_the_export_lacks_is_noted() -> None:
    notes = {
        each.patch.id: each.notes for each in read("a.xml", EXPORT) if isinstance(each, Accepted)
    }
    assert notes["11"] == ()
    assert notes["13"] == (
        "image: the export lacks its media file; export all content, not only posts",
    )


def test_an_old_export_has_other_names_for_tags_and_no_authors() -> None:
    terms = (
        "<category><![CDATA[생활]]></category>"
        '<category domain="category" nicename="life"><![CDATA[생활]]></category>'
        '<category domain="tag" nicename="fall"><![CDATA[가을]]></category>'
        "<dc:creator>박서연</dc:creator></item>"
    )
    old = articles(export(ITEM.format("제목", 1).replace("</item>", terms), version="1.0"))["1"]
    assert (old.sections, old.tags, old.authors) == (("생활",), ("가을",), (Author("박서연"),))


@pytest.mark.parametrize(
    ("title", "read_as"),
    [
        ("벨\x08소리", "벨소리"),
        ("a &nbsp; b", "a"),
        ("<b>굵다", None),
        ("<![CDATA[열린", None),
        ("</item>", None),
        ("", None),
        ("\udcff", "\ufffd"),
        ("&#55357;&#56832;", "\ufffd\ufffd"),
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;', None),
    ],
)
def test_an_item_that_is_not_well_formed_costs_no_other(title: str, read_as: str | None) -> None:
    content = export(ITEM.format("앞", 1), ITEM, ITEM.format("뒤", 3)).decode()
    found = articles(content.replace("{}", title, 1).format(2).encode(errors="surrogateescape"))
    assert (found["1"].title, found["3"].title) == ("앞", "뒤")
    assert "root" not in str(found)
    if read_as:
        assert found["2"].title == read_as


def test_repeats_are_read_in_no_time() -> None:
    words = ["<!--", "[a ", "[caption]", "[caption ", "<pre>", "<hr ", "<div ", "<a ", " "]
    stored = ITEM.replace("<wp:post_id>", "<content:encoded>a{}b</content:encoded><wp:post_id>")
    items = [stored.format("제목", escape(word * 30_000), 1) for word in words]
    titles = "".join(f"<b title={number}><p>" for number in range(9000))
    items.append(ITEM.format(escape(titles), 2))
    read_in_seconds("a.xml", export(*items, "<item " * 100_000))


def test_an_item_without_an_end_costs_no_other() -> None:
    endless = ITEM.format("끝없는", 2).replace("</item>", "")
    first, bad, last = read("a.xml", export(ITEM.format("앞", 1), endless, ITEM.format("뒤", 3)))
    assert bad == Rejected(bad.line, "the item does not end in </item>")
    assert isinstance(first, Accepted)
    assert isinstance(last, Accepted)
    assert (first.patch.id, last.patch.id) == ("1", "3")


def test_a_file_that_was_cut_off_is_told_and_what_came_before_is_read() -> None:
    for end in ("", ITEM.format("끊", 2)[:40]):
        first, cut = read("a.xml", export(ITEM.format("앞", 1), end=end))
        assert isinstance(first, Accepted)
        assert isinstance(cut, Rejected)
        assert cut.reason.startswith("the file is incomplete: ")


def test_lines_are_counted_over_the_pieces_that_a_file_is_read_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = [each.line for each in read("a.xml", EXPORT)]
    assert EXPORT.splitlines()[lines[3] - 1].strip() == b"<item>"
    monkeypatch.setattr(wxr, "_CHUNK", 7)
    assert [each.line for each in read("a.xml", EXPORT)] == lines


def test_an_item_without_an_end_is_not_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wxr, "_CHUNK", 1000)
    monkeypatch.setattr(wxr, "LARGEST_ITEM", 5000)
    long = ITEM.format("긴" * 5000, 1)
    too_long, good = read("a.xml", export(long, ITEM.format("뒤", 2)))
    assert isinstance(too_long, Rejected)
    assert (too_long.line, too_long.reason[:23]) == (2, "the item is longer than")
    assert isinstance(good, Accepted)


def test_a_pipe_is_read_as_a_file_is() -> None:
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(EXPORT)

    writer = threading.Thread(target=write)
    writer.start()
    with os.fdopen(reading, "rb") as pipe:
        found = list(FORMATS["wxr"].read(pipe, SOURCE))
    writer.join()
    assert found == read("a.xml", EXPORT)
