"""JSON Feed beside the golden document: what is left out, and what is explained."""

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
    SUMMARY_ONLY,
    TITLE_ONLY,
    ranked,
)


def item(entry: Entry) -> dict[str, Any]:
    items: list[dict[str, Any]] = json.loads(render(CHANNEL, [entry]))["items"]
    return items[0]


def test_the_feed_has_the_papers_logo_as_icon_and_its_icon_as_favicon() -> None:
    feed = json.loads(render(PICTURED, []))
    assert (feed["icon"], feed["favicon"]) == (PICTURED.logo, PICTURED.icon)


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
