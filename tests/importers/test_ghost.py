"""Ghost's posts as records, and its export file."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from feeds.importers import Accepted, LeftOut, Rejected
from feeds.importers.ghost import read_post
from feeds.importers.record import read_item
from feeds.model import Author, Image
from tests.ghost import ID, POST, RECORD, export, post, row
from tests.importers.given import SOURCE, accepted, article_of, read, rejected

LEXICAL = json.dumps({"root": {"children": [{"children": [{"text": "본문", "type": "text"}]}]}})
EMPTY = json.dumps({"root": {"children": [{"children": [], "type": "paragraph"}], "type": "root"}})


def test_a_post_is_an_article_without_its_authors_login() -> None:
    assert read_post(POST, SOURCE) == read_item(RECORD, SOURCE, 0, ID)
    assert "login@" not in str(read_post(POST, SOURCE))


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"tags": []}, {"sections": [], "tags": []}),
        ({"tags": POST["tags"][1:]}, {"sections": [], "tags": ["가을"]}),
        ({"feature_image": None}, {"image": None}),
        (
            {"feature_image_alt": None, "feature_image_caption": None},
            {"image": {"url": POST["feature_image"], "alt": "", "credit": ""}},
        ),
        ({"custom_excerpt": None}, {"summary": None}),
        ({"html": None}, {"body_html": ""}),
        ({"updated_at": "2024-11-04T00:00:00.000Z"}, {"updated": POST["published_at"]}),
        ({"status": "scheduled"}, {}),
        (
            {
                "html": "1<!--kg-gated-block:begin nonMember:true -->2<!--kg-gated-block:end-->"
                '3<!--kg-gated-block:begin nonMember:false memberSegment:"status:free" -->4'
                "<!--kg-gated-block:end-->5"
            },
            {"body_html": "1235"},
        ),
    ],
)  # fmt: skip
def test_each_field_is_read(keys: dict[str, Any], expected: dict[str, Any]) -> None:
    assert read_post(post(**keys), SOURCE) == read_item(RECORD | expected, SOURCE, 0, ID)


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"status": "draft"}, "draft"),
        ({"status": "scheduled", "email_only": True}, "sent"),
        ({"visibility": "members"}, "members"),
        ({"type": "page"}, "page"),
    ],
)
def test_a_post_that_is_not_public_is_left_out(keys: dict[str, Any], reason: str) -> None:
    assert read_post(post(**keys), SOURCE) == LeftOut(0, reason, ID)


@pytest.mark.parametrize(
    ("given", "found"),
    [({}, None), ({"title": "?"}, None), ({"id": "1\0", "status": "draft"}, LeftOut(0, "draft"))],
)
def test_other_objects_are_no_articles(given: dict[str, Any], found: LeftOut | None) -> None:
    assert read_post(given, SOURCE) == found


@pytest.mark.parametrize("path", ["404/", f"p/{POST['uuid']}/"])
def test_the_address_of_a_preview_is_not_read(path: str) -> None:
    found = read_post(post(status="scheduled", url=f"https://www.news.example/{path}"), SOURCE)
    assert isinstance(found, Accepted)
    assert "url" not in found.patch.given


@pytest.mark.parametrize("wrapped", [True, False])
def test_an_export_is_read_with_its_tags_authors_and_pictures(*, wrapped: bool) -> None:
    found = accepted("ghost.json", export(row(), wrapped=wrapped))
    article = article_of(found)
    assert article.title == "은행잎이 물들다"
    assert article.guid == ID
    assert article.published == datetime(2024, 11, 5, 0, 30, tzinfo=UTC)
    assert article.updated == datetime(2024, 11, 5, 3, tzinfo=UTC)
    assert article.url == "https://www.news.example/eunhaengip/"
    assert article.sections == ("지역",)
    assert article.tags == ("지역", "가을")
    assert article.authors == (
        Author("박서연", url="https://www.news.example/author/seoyeon/", id="1"),
        Author("김민수", url="https://www.news.example/author/minsu/", id="2"),
    )
    picture = "https://www.news.example/content/images/2024/11/leaf.jpg"
    assert article.image == Image(picture, alt="노란 은행나무 길", credit="사진 이하늘 / 관악뉴스")
    assert article.body_html == f'<p>길.<img src="{picture}"></p>'


def test_a_post_of_an_export_that_was_only_mailed_is_left_out() -> None:
    content = export(row(id="5"), posts_meta=[{"post_id": "5", "email_only": 1}])
    assert read("ghost.json", content) == [LeftOut(0, "sent", "5")]


@pytest.mark.parametrize(
    ("html", "source", "is_read"),
    [
        (None, {"lexical": LEXICAL}, False),
        ("", {"lexical": None, "mobiledoc": '{"sections":[[1,"p",[[0,[],0,"본문"]]]]}'}, False),
        (None, {"lexical": None, "mobiledoc": '{"cards":[["markdown",{"markdown":"글"}]]}'}, False),
        (None, {"lexical": EMPTY}, True),
        (None, {"lexical": None, "mobiledoc": '{"cards":[],"sections":[[1,"p",[[0,[],0,""]]]]}'},
         True),
    ],
)  # fmt: skip
def test_a_body_that_ghost_did_not_render_is_rejected(
    html: str | None, source: dict[str, Any], *, is_read: bool
) -> None:
    content = export(row(html=html, **source))
    if is_read:
        assert article_of(accepted("ghost.json", content)).body_html is None
    else:
        assert "has no HTML" in rejected("ghost.json", content).reason


def test_a_faulty_post_is_named_and_the_others_are_read() -> None:
    bad, good = read("ghost.json", export(row(id="7", title=""), row()))
    assert isinstance(bad, Rejected)
    assert bad.reason == 'post "7": title: is empty'
    assert isinstance(good, Accepted)


@pytest.mark.parametrize(
    "content", [export(row())[:400], export(row()).replace("길".encode(), b"\xed\xa0\x80")]
)
def test_a_broken_file_is_one_rejection(content: bytes) -> None:
    *_, last = read("ghost.json", content)
    assert isinstance(last, Rejected)
    assert last.line == 0
    assert last.reason.startswith("cannot be read: ")
