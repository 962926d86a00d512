from dataclasses import replace

import pytest
from lxml.etree import _Element

from feeds.formats.rss import render
from feeds.model import Channel, Entry
from tests.formats.samples import (
    AWKWARD,
    CHANNEL,
    FULL,
    MINIMAL,
    PICTURE,
    PICTURE_ONLY,
    PICTURED,
    SECTIONS,
    SUMMARY_ONLY,
    TAGS,
    ranked,
)
from tests.formats.xml import attributes, elements, names, parse, texts


def item(entry: Entry) -> _Element:
    return elements(parse(render(CHANNEL, [entry])), "channel/item")[0]


def test_a_minimal_item_has_no_empty_elements() -> None:
    found = names(item(MINIMAL))
    assert found == "title link guid pubDate description content:encoded a:updated".split()


def test_the_channel_is_described_and_dated_in_the_papers_zone() -> None:
    rss = parse(render(CHANNEL, [MINIMAL]))
    for name, value in [
        ("title", CHANNEL.title),
        ("link", CHANNEL.link),
        ("description", CHANNEL.description),
        ("language", "ko"),
        ("generator", "feeds"),
        ("lastBuildDate", "Wed, 24 Jan 2018 09:05:00 +0900"),
        ("item/pubDate", "Mon, 22 Jan 2018 07:00:00 +0900"),
        ("item/a:updated", "2018-01-22T07:00:00+09:00"),
    ]:
        assert texts(rss, f"channel/{name}") == [value]


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


def test_self_is_linked_once_and_every_other_link_follows() -> None:
    links = attributes(parse(render(CHANNEL, [FULL])), "channel/a:link")
    assert links[0] == {"href": CHANNEL.self_url, "rel": "self", "type": "application/rss+xml"}
    assert [(link["rel"], link["href"]) for link in links[1:]] == [
        (link.rel, link.href) for link in CHANNEL.links
    ]
    assert (links[2]["type"], links[2]["title"]) == ("application/x-other", "다른 형식")


@pytest.mark.parametrize(
    ("entry", "name", "expected"),
    [
        (FULL, "guid", [FULL.id]),
        (FULL, "dc:creator", ["김민수", "Ana Lee", "박서연"]),
        (FULL, "author", []),
        (FULL, "category", ["지역", "생활·문화", "우물", "지역"]),
        (FULL, "media:content/media:title", [PICTURE.alt]),
        (FULL, "media:content/media:credit", [PICTURE.credit]),
        (FULL, "dc:language", ["en"]),
        (replace(FULL, language="ko"), "dc:language", []),
        (replace(MINIMAL, comments=0), "slash:comments", ["0"]),
        # A summary is escaped as HTML, a title is not.
        (AWKWARD, "title", [AWKWARD.title]),
        (
            replace(AWKWARD, summary="<기생충> & ]]>"),
            "description",
            ["&lt;기생충&gt; &amp; ]]&gt;"],
        ),
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
        (FULL, "guid", [{"isPermaLink": "false"}]),
        (FULL, "category", [{"domain": SECTIONS}] * 2 + [{"domain": TAGS}] * 2),
        (FULL, "enclosure", [_ENCLOSURE]),
        (FULL, "media:content", [_MEDIA]),
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


def test_only_a_ranked_feed_is_a_list_with_each_rank() -> None:
    case = ranked(FULL, MINIMAL)
    rss = parse(render(case.channel, case.entries))
    assert texts(rss, "channel/cf:treatAs") == ["list"]
    assert attributes(rss, "channel/cf:listinfo/cf:sort")[0]["element"] == "rank"
    assert texts(rss, "channel/item/re:rank") == ["1", "2"]
    unranked = render(CHANNEL, [FULL])
    assert b"rss/core/2005" not in unranked
    assert b"atompub/rank" not in unranked
