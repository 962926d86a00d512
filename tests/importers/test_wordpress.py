"""The posts of WordPress as records: its REST API's object, and the forms of webhook plugins."""

from typing import Any

import pytest

from feeds.importers import Accepted, LeftOut
from feeds.importers.record import read_item
from feeds.importers.wordpress import read_post
from feeds.model import Author
from tests.importers.given import SOURCE

POST: dict[str, Any] = {
    "id": 123,
    "date": "2024-11-05T09:30:00",
    "date_gmt": "2024-11-05T00:30:00",
    "guid": {"rendered": "https://paper.example/?p=123"},
    "modified": "2024-11-05T12:00:00",
    "modified_gmt": "2024-11-05T03:00:00",
    "slug": "%ec%9d%80%ed%96%89%ec%9e%8e",
    "status": "publish",
    "type": "post",
    "link": "https://paper.example/2024/11/은행잎/",
    "title": {"rendered": "은행잎이 &#8216;물들다&#8217; <em>올해도</em>"},
    "content": {"rendered": "\n<p>가을이다.</p>\n", "protected": False},
    "excerpt": {"rendered": "<p>가을 &amp; 은행잎</p>\n", "protected": False},
    "author": 7,
    "featured_media": 9,
    "categories": [3, 1],
    "tags": [5],
    "_embedded": {
        "author": [{"id": 7, "name": "박서연", "link": "https://paper.example/author/park/"}],
        "wp:featuredmedia": [
            {
                "id": 9,
                "caption": {"rendered": "<p>거리의 은행나무</p>\n"},
                "alt_text": "",
                "mime_type": "image/jpeg",
                "media_details": {"width": 1200, "height": 800, "filesize": 90210, "sizes": {}},
                "source_url": "https://paper.example/wp-content/uploads/은행.jpg",
            }
        ],
        "wp:term": [
            [
                {"id": 3, "name": "사진 &amp; 영상", "taxonomy": "category"},
                {"id": 1, "name": "미분류", "taxonomy": "category"},
            ],
            [{"id": 5, "name": "가을", "taxonomy": "post_tag"}],
            [{"id": 6, "name": "갤러리", "taxonomy": "post_format"}],
        ],
    },
}
ROW = {
    "ID": 123,
    "post_author": "7",
    "post_date": "2024-11-05 09:30:00",
    "post_date_gmt": "2024-11-05 00:30:00",
    "post_content": "가을이다.\n\n은행잎이 물든다.",
    "post_title": "은행잎이 물들다",
    "post_excerpt": "가을 &amp; 은행잎",
    "post_status": "publish",
    "post_password": "",
    "post_modified": "2024-11-05 12:00:00",
    "post_modified_gmt": "2024-11-05 03:00:00",
    "guid": "https://paper.example/?p=123",
    "post_type": "post",
    "comment_count": "4",
}
SENT = {
    "post_id": 123,
    "post": ROW,
    "post_meta": {"_edit_lock": ["1730766600:7"]},
    "post_thumbnail": "https://paper.example/wp-content/uploads/a.jpg",
    "post_permalink": "https://paper.example/2024/11/a/",
    "taxonomies": {
        "category": {"life": {"term_id": 3, "name": "생활", "taxonomy": "category"}},
        "post_tag": {"fall": {"term_id": 5, "name": "가을", "taxonomy": "post_tag"}},
    },
}


RECORD = {
    "id": "123",
    "status": "live",
    "published": "2024-11-05T00:30:00Z",
    "updated": "2024-11-05T03:00:00Z",
    "minor": True,
    "title": "은행잎이 ‘물들다’ 올해도",
    "body_html": "\n<p>가을이다.</p>\n",
    "summary": "가을 & 은행잎",
    "url": "https://paper.example/2024/11/은행잎/",
    "authors": [{"name": "박서연", "id": "7"}],
    "sections": ["사진 & 영상"],
    "tags": ["가을"],
    "image": {
        "url": "https://paper.example/wp-content/uploads/은행.jpg",
        "width": 1200,
        "height": 800,
        "length": 90210,
        "alt": "거리의 은행나무",
        "type": "image/jpeg",
    },
}
SENT_RECORD = {
    "id": "123",
    "status": "live",
    "published": "2024-11-05 00:30:00Z",
    "updated": "2024-11-05 03:00:00Z",
    "minor": True,
    "title": "은행잎이 물들다",
    "body_html": "<p>가을이다.</p>\n<p>은행잎이 물든다.</p>",
    "summary": "가을 & 은행잎",
    "comments": 4,
    "url": "https://paper.example/2024/11/a/",
    "sections": ["생활"],
    "tags": ["가을"],
    "image": {"url": "https://paper.example/wp-content/uploads/a.jpg"},
}


def given(post: dict[str, Any]) -> dict[str, Any]:
    found = read_post(post, SOURCE)
    assert isinstance(found, Accepted), found
    return dict(found.patch.given)


def embedded(**keys: Any) -> dict[str, Any]:
    return given({**POST, "_embedded": {**POST["_embedded"], **keys}})


@pytest.mark.parametrize(
    ("post", "record"), [(POST, RECORD), (SENT, SENT_RECORD)], ids=["REST API", "webhook plugin"]
)
def test_a_post_is_an_article_in_whatever_form_it_comes(
    post: dict[str, Any], record: dict[str, Any]
) -> None:
    guid = "https://paper.example/?p=123"
    assert read_post(post, SOURCE) == read_item(record, SOURCE, 0, guid)


@pytest.mark.parametrize(
    ("post", "reason"),
    [
        *(({**POST, "status": each}, each) for each in ("draft", "pending", "private", "trash")),
        ({**POST, "content": {"rendered": "", "protected": True}}, "password"),
        ({**SENT, "post": {**ROW, "post_password": "가을"}}, "password"),
        ({"deleted": True, "previous": POST}, "trash"),
    ],
)
def test_a_post_that_is_not_public_is_left_out(post: dict[str, Any], reason: str) -> None:
    assert read_post(post, SOURCE) == LeftOut(0, reason, "123")


@pytest.mark.parametrize(
    ("post", "found"),
    [
        ({**POST, "type": "page"}, LeftOut(0, "page")),
        (
            {**SENT, "post": {**ROW, "post_type": "revision", "post_status": "inherit"}},
            LeftOut(0, "revision"),
        ),
        ({**POST, "status": "draft", "id": "1\0"}, LeftOut(0, "draft")),
        ({"deleted": True}, None),
        ({}, None),
        ({"post": [1]}, None),
    ],
)
def test_other_objects_are_no_articles(post: dict[str, Any], found: LeftOut | None) -> None:
    assert read_post(post, SOURCE) == found


@pytest.mark.parametrize(
    ("keys", "published", "updated"),
    [
        # scheduled: modified before it is published
        (
            {"status": "future", "date_gmt": "2124-11-05T00:30:00"},
            "2124-11-05T00:30:00+00:00",
            "2124-11-05T00:30:00+00:00",
        ),
        (
            {"date_gmt": "0000-00-00 00:00:00", "modified_gmt": None},
            "2024-11-05T00:30:00+00:00",
            "2024-11-05T03:00:00+00:00",
        ),
    ],
)
def test_dates_are_utc_where_wordpress_knows_it(
    keys: dict[str, Any], published: str, updated: str
) -> None:
    found = given({**POST, **keys})
    dates = [found[key].isoformat() for key in ("published", "updated")]
    assert (found["status"], *dates) == ("live", published, updated)


@pytest.mark.parametrize(
    "excerpt",
    [
        "<p>가을이다. 은행잎이 [&hellip;]</p>\n",
        '<p>가을 … <a class="more-link">더 읽기</a></p>',
        "<p>가을이다.</p>",
        "",
    ],
)
def test_an_excerpt_that_wordpress_made_is_no_summary(excerpt: str) -> None:
    assert given({**POST, "excerpt": {"rendered": excerpt}})["summary"] is None


def test_an_address_in_a_byline_is_not_published() -> None:
    assert embedded(author=[{"name": "park@paper.example"}])["authors"] == (Author("park"),)


def test_a_key_that_the_post_does_not_tell_of_is_absent() -> None:
    hidden = {"code": "rest_user_invalid_id", "message": "", "data": {"status": 404}}
    assert "authors" not in embedded(author=[hidden])
    assert "image" not in embedded(**{"wp:featuredmedia": [hidden]})
    assert given({**POST, "featured_media": 0, "_embedded": {}})["image"] is None
    assert given({**SENT, "post_thumbnail": False})["image"] is None
    assert given({"id": 1, "title": "제목"}) == {"status": "live", "title": "제목"}


@pytest.mark.parametrize("key", [*POST, *POST["_embedded"]])
def test_any_shape_gives_an_article_or_a_reason(key: str) -> None:
    for value in (None, 7, [7], {"rendered": 7}, [[7]], [{"name": 7}]):
        of_post = {"_embedded": {**POST["_embedded"], key: value}}
        read_post({**POST, **(of_post if key in POST["_embedded"] else {key: value})}, SOURCE)
