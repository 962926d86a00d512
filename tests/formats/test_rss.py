"""RSS beside the golden document: what is left out, and what stands in its place."""

from dataclasses import replace

import pytest
from lxml.etree import _Element

from feeds.formats.rss import render
from feeds.model import Channel, Entry
from tests.formats.samples import (
    CHANNEL,
    FULL,
    MINIMAL,
    PICTURE,
    PICTURE_ONLY,
    PICTURED,
    SUMMARY_ONLY,
)
from tests.formats.xml import attributes, elements, names, parse, texts


def item(entry: Entry) -> _Element:
    return elements(parse(render(CHANNEL, [entry])), "channel/item")[0]


def test_a_minimal_item_has_no_empty_elements() -> None:
    found = names(item(MINIMAL))
    assert found == "title link guid pubDate description content:encoded a:updated".split()


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        (PICTURED, [PICTURED.logo]),
        (replace(PICTURED, logo=None), [PICTURED.icon]),
        (CHANNEL, []),
    ],
)
def test_the_channels_image_is_the_papers_logo_or_else_its_icon(
    channel: Channel, address: list[str]
) -> None:
    rss = parse(render(channel, []))
    assert texts(rss, "channel/image/url") == address
    assert texts(rss, "channel/image/title") == [channel.title for _ in address]
    assert texts(rss, "channel/image/link") == [channel.link for _ in address]


@pytest.mark.parametrize(
    ("entry", "name", "expected"),
    [
        (replace(FULL, language="ko"), "dc:language", []),
        (replace(MINIMAL, comments=0), "slash:comments", ["0"]),
        (PICTURE_ONLY, "description", [""]),
        (PICTURE_ONLY, "content:encoded", [PICTURE_ONLY.content]),
        (SUMMARY_ONLY, "description", [SUMMARY_ONLY.summary]),
        (SUMMARY_ONLY, "content:encoded", []),
    ],
)
def test_an_item_says_in_its_elements(entry: Entry, name: str, expected: list[str]) -> None:
    assert texts(item(entry), name) == expected


_UNTYPED = replace(FULL, image=replace(PICTURE, type=None))
_UNSIZED = replace(FULL, image=replace(PICTURE, length=None))
_ENCLOSURE = {"url": PICTURE.url, "length": "48213", "type": "image/jpeg"}
_MEDIA = {
    "url": PICTURE.url,
    "medium": "image",
    "type": "image/jpeg",
    "fileSize": "48213",
    "width": "1200",
    "height": "800",
}


@pytest.mark.parametrize(
    ("entry", "name", "expected"),
    [
        (_UNSIZED, "enclosure", [_ENCLOSURE | {"length": "0"}]),
        (_UNSIZED, "media:content", [{k: v for k, v in _MEDIA.items() if k != "fileSize"}]),
        (_UNTYPED, "enclosure", []),
        (_UNTYPED, "media:content", [{k: v for k, v in _MEDIA.items() if k != "type"}]),
    ],
)
def test_an_item_says_in_its_attributes(
    entry: Entry, name: str, expected: list[dict[str, str]]
) -> None:
    assert attributes(item(entry), name) == expected


def test_a_feed_without_ranks_names_none_of_their_vocabularies() -> None:
    unranked = render(CHANNEL, [FULL])
    assert b"rss/core/2005" not in unranked
    assert b"atompub/rank" not in unranked
