"""JSON Feed of other papers becomes articles, under the ids that readers know."""

from datetime import UTC, datetime
from typing import Any

import pytest

from feeds.model import Article, Attachment, Author, Image
from tests.importers.feeds import json_feed
from tests.importers.given import accepted, article_of, rejected

AT = datetime(2026, 3, 2, tzinfo=UTC)
PLAIN: dict[str, Any] = {"id": "1", "title": "제목", "date_published": "2026-03-02T09:00:00+09:00"}
ITEM = PLAIN | {
    "url": "https://old.example/1",
    "content_html": "<p>글</p>",
    "summary": "요약",
    "image": "https://old.example/a.jpg",
    "date_modified": "2026-03-02T01:00:00Z",
    "authors": [
        {"name": "김민수", "url": "mailto:kim@old.example"},
        {"name": "이서연", "url": "https://old.example/lee"},
    ],
    "tags": ["지역", "R&D"],
    "language": "ko",
    "attachments": [
        {
            "url": "https://old.example/a.mp3",
            "mime_type": "audio/mpeg",
            "size_in_bytes": 1234,
            "duration_in_seconds": 61,
            "title": "소리",
        },
        {"url": "https://old.example/a.jpg", "mime_type": "image/jpeg"},
    ],
}


def only(*items: dict[str, Any], **feed: Any) -> Article:
    return article_of(accepted("a.json", json_feed(*items, **feed)))


def test_an_item_becomes_an_article_with_its_id_as_the_guid() -> None:
    assert only(ITEM) == Article(
        id="1",
        guid="1",
        url="https://old.example/1",
        title="제목",
        published=AT,
        updated=AT.replace(hour=1),
        summary="요약",
        body_html="<p>글</p>",
        authors=(
            Author("김민수", "kim@old.example"),
            Author("이서연", url="https://old.example/lee"),
        ),
        tags=("지역", "R&D"),
        image=Image("https://old.example/a.jpg"),
        attachments=(
            Attachment("https://old.example/a.mp3", "audio/mpeg", 1234, title="소리", duration=61),
        ),
        language="ko",
    )


@pytest.mark.parametrize(
    ("item", "key", "expected"),
    [
        ({"id": 12}, "guid", "12"),
        ({"author": {"name": "김민수"}}, "authors", (Author("김민수"),)),
        ({"content_text": "글"}, "body_text", "글"),
        ({"content_text": "글", "summary": "글"}, "body_text", None),
        ({"external_url": "https://other.example/"}, "url", "https://other.example/"),
        ({"image": "https://old.example/a b"}, "image", None),
        ({"tags": "지역"}, "tags", ()),
        ({"attachments": [1, {"url": "https://old.example/a"}]}, "attachments", ()),
        ({"authors": {"name": "김민수"}, "_feeds": [], "language": 1}, "authors", ()),
        ({"_feeds": {"subtitle": 1, "image": 1, "comments": "1"}}, "comments", None),
    ],
)
def test_an_item_of_version_1_0_or_with_details_that_do_not_fit_is_an_article_too(
    item: dict[str, Any], key: str, expected: object
) -> None:
    assert getattr(only(PLAIN | item), key) == expected


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "cannot be read: not JSON: "),
        (b'{"id": "1", "title": "\xec\xa0\x9c"}', "is not a JSON Feed: it has no items; "),
        (json_feed({"title": "제목"}), "items[0]: an entry has neither an id (guid) nor a link"),
        (json_feed({"id": "1\ud800", "title": 1}), "items[0]: entry "),
        (json_feed({"id": "1", "title": 1}), 'items[0]: entry "1": title: must be text'),
    ],
)
def test_what_is_no_item_is_rejected_with_the_reason(content: bytes, reason: str) -> None:
    assert rejected("a.json", content).reason.startswith(reason)


@pytest.mark.parametrize("name", ["standard input", "old.php"])
@pytest.mark.parametrize("version", ["https://jsonfeed.org/version/1", "https:\\/\\/jsonfeed.org"])
def test_a_feed_is_told_by_its_beginning(name: str, version: str) -> None:
    assert accepted(name, json_feed(ITEM).replace(b"https://jsonfeed.org", version.encode(), 1))
