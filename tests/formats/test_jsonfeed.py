import json
from dataclasses import replace
from typing import Any

import pytest

from feeds.formats.jsonfeed import ABOUT, render
from feeds.model import Author, Entry
from tests.formats.samples import (
    CHANNEL,
    FULL,
    MINIMAL,
    PICTURE,
    PICTURED,
    SITE,
    SUMMARY_ONLY,
    TITLE_ONLY,
    ranked,
)


def item(entry: Entry) -> dict[str, Any]:
    items: list[dict[str, Any]] = json.loads(render(CHANNEL, [entry]))["items"]
    return items[0]


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


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (SUMMARY_ONLY, {"content_text": SUMMARY_ONLY.summary, "content_html": None}),
        (TITLE_ONLY, {"content_text": "", "content_html": None}),
        (replace(MINIMAL, authors=(Author("박서연"),)), {"authors": [{"name": "박서연"}]}),
        (replace(FULL, language="ko"), {"language": None}),
        (
            replace(FULL, image=replace(PICTURE, type=None)),
            {"attachments": None, "image": PICTURE.url},
        ),
        (MINIMAL, {"_feeds": None, "authors": None, "author": None, "tags": None}),
        (replace(MINIMAL, comments=0), {"_feeds": {"about": CHANNEL.about, "comments": 0}}),
    ],
)
def test_a_key_is_left_out_where_nothing_is_known(entry: Entry, expected: dict[str, Any]) -> None:
    found = item(entry)
    assert {key: found.get(key) for key in expected} == expected
    assert None not in found.values()


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
