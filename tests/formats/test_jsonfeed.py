import json
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest

from feeds.formats.jsonfeed import ABOUT, render
from feeds.model import Author, Entry
from tests.formats.samples import (
    CASES,
    CHANNEL,
    FULL,
    MINIMAL,
    PICTURE,
    PICTURED,
    SITE,
    SUMMARY_ONLY,
    TITLE_ONLY,
    Case,
    ranked,
)

_URL = {"type": "string", "pattern": "^https?://[^ ]+$"}
_DATE = {
    "type": "string",
    "pattern": "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d[+-]\\d\\d:\\d\\d$",
}
_TEXT = {"type": "string", "minLength": 1}
_COUNT = {"type": "integer", "minimum": 0}


def _object(required: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required.split(),
        "properties": properties,
        "additionalProperties": False,
    }


_AUTHOR = _object(
    "name",
    name=_TEXT,
    url={"type": "string", "pattern": "^(https?://|mailto:)"},
    _feeds=_object("about email", about=_URL, email=_TEXT),
)
_ATTACHMENT = _object(
    "url mime_type",
    url=_URL,
    mime_type={"type": "string", "pattern": "^[a-z]+/[a-z0-9.+-]+$"},
    title={"type": "string"},
    size_in_bytes=_COUNT,
)
_IMAGE = _object(
    "", type=_TEXT, length=_COUNT, width=_COUNT, height=_COUNT, alt=_TEXT, credit=_TEXT
)
_ITEM = _object(
    "id url title summary date_published date_modified",
    id=_TEXT,
    url=_URL,
    title=_TEXT,
    content_html={"type": "string"},
    content_text={"type": "string"},
    summary={"type": "string"},
    image=_URL,
    date_published=_DATE,
    date_modified=_DATE,
    authors={"type": "array", "items": _AUTHOR, "minItems": 1},
    author=_AUTHOR,
    tags={"type": "array", "items": _TEXT, "minItems": 1, "uniqueItems": True},
    language=_TEXT,
    attachments={"type": "array", "items": _ATTACHMENT, "minItems": 1},
    _feeds=_object(
        "about",
        about=_URL,
        rank={"type": "integer", "minimum": 1},
        comments=_COUNT,
        subtitle=_TEXT,
        image=_IMAGE,
    ),
) | {"oneOf": [{"required": ["content_html"]}, {"required": ["content_text"]}]}
SCHEMA = _object(
    "version title home_page_url feed_url description language _feeds items",
    version={"const": "https://jsonfeed.org/version/1.1"},
    title=_TEXT,
    home_page_url=_URL,
    feed_url=_URL,
    description=_TEXT,
    icon=_URL,
    favicon=_URL,
    language=_TEXT,
    next_url=_URL,
    hubs={"type": "array", "items": _object("type url", type=_TEXT, url=_URL), "minItems": 1},
    _feeds=_object("about", about=_URL),
    items={"type": "array", "items": _ITEM},
)


def item(entry: Entry) -> dict[str, Any]:
    items: list[dict[str, Any]] = json.loads(render(CHANNEL, [entry]))["items"]
    return items[0]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_document_follows_the_schema(case: Case) -> None:
    document = json.loads(render(case.channel, case.entries))
    assert list(jsonschema_rs.validator_for(SCHEMA).iter_errors(document)) == []


def test_the_schema_would_notice_a_feed_of_another_kind() -> None:
    assert not jsonschema_rs.validator_for(SCHEMA).is_valid({"version": "1", "items": [{}]})


def test_the_feed_is_described_in_a_fixed_order_and_has_no_authors() -> None:
    feed = json.loads(render(CHANNEL, []))
    assert list(feed.items()) == [
        ("version", "https://jsonfeed.org/version/1.1"),
        ("title", CHANNEL.title),
        ("home_page_url", CHANNEL.link),
        ("feed_url", CHANNEL.self_url),
        ("description", CHANNEL.description),
        ("language", "ko"),
        ("next_url", f"{SITE}/feeds/latest/archive/2"),
        ("hubs", [{"type": "WebSub", "url": f"{SITE}/hub"}]),
        ("_feeds", {"about": CHANNEL.about}),
        ("items", []),
    ]


def test_the_feed_has_the_papers_logo_as_icon_and_its_icon_as_favicon() -> None:
    feed = json.loads(render(PICTURED, []))
    assert (feed["icon"], feed["favicon"]) == (PICTURED.logo, PICTURED.icon)


def test_an_item_has_all_that_the_article_has_in_a_fixed_order() -> None:
    bylines = [
        {
            "name": "김민수",
            "url": f"{SITE}/people/minsu",
            "_feeds": {"about": CHANNEL.about, "email": "minsu@news.example"},
        },
        {
            "name": "Ana Lee",
            "url": "mailto:ana@news.example",
            "_feeds": {"about": CHANNEL.about, "email": "ana@news.example"},
        },
        {"name": "박서연", "url": f"{SITE}/people/seoyeon"},
    ]
    expected: list[tuple[str, Any]] = [
        ("id", FULL.id),
        ("url", FULL.link),
        ("title", FULL.title),
        ("content_html", FULL.content),
        ("summary", FULL.summary),
        ("image", PICTURE.url),
        ("date_published", "2018-01-23T15:26:43+09:00"),
        ("date_modified", "2018-01-24T09:05:00+09:00"),
        ("authors", bylines),
        ("author", bylines[0]),
        ("tags", ["지역", "생활·문화", "우물"]),
        ("language", "en"),
        (
            "attachments",
            [
                {
                    "url": PICTURE.url,
                    "mime_type": "image/jpeg",
                    "title": PICTURE.alt,
                    "size_in_bytes": 48213,
                }
            ],
        ),
        (
            "_feeds",
            {
                "about": CHANNEL.about,
                "comments": 3,
                "subtitle": FULL.subtitle,
                "image": {
                    "type": "image/jpeg",
                    "length": 48213,
                    "width": 1200,
                    "height": 800,
                    "alt": PICTURE.alt,
                    "credit": PICTURE.credit,
                },
            },
        ),
    ]
    assert list(item(FULL).items()) == expected


def test_an_item_without_content_has_its_summary_as_text() -> None:
    assert item(SUMMARY_ONLY)["content_text"] == SUMMARY_ONLY.summary
    assert "content_html" not in item(SUMMARY_ONLY)


def test_an_item_with_nothing_but_a_title_has_an_empty_text() -> None:
    assert item(TITLE_ONLY)["content_text"] == ""


def test_an_author_with_nothing_but_a_name_is_that() -> None:
    assert item(replace(MINIMAL, authors=(Author("박서연"),)))["authors"] == [{"name": "박서연"}]


def test_a_language_is_said_only_where_it_is_another_than_the_feeds() -> None:
    assert "language" not in item(replace(FULL, language="ko"))


def test_a_picture_of_unknown_type_is_no_attachment() -> None:
    found = item(replace(FULL, image=replace(PICTURE, type=None)))
    assert "attachments" not in found
    assert found["image"] == PICTURE.url


def test_an_item_without_more_than_json_feed_has_keys_for_has_no_extension() -> None:
    assert "_feeds" not in item(MINIMAL)


def test_what_the_extension_holds_is_explained() -> None:
    case = ranked(FULL)
    (found,) = json.loads(render(case.channel, case.entries))["items"]
    parts = (found["_feeds"], found["_feeds"]["image"], found["author"]["_feeds"])
    assert [key for part in parts for key in part if key not in ABOUT] == []


def test_every_rank_is_said() -> None:
    case = ranked(FULL, MINIMAL)
    document = json.loads(render(case.channel, case.entries))
    assert [found["_feeds"]["rank"] for found in document["items"]] == [1, 2]


def test_characters_are_written_as_themselves() -> None:
    assert (
        "영화 <기생충> 👩🏽‍🚀"
        in render(CHANNEL, [replace(FULL, title="영화 <기생충> 👩🏽‍🚀")]).decode()
    )
