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
    SITE,
    SUMMARY_ONLY,
    TAGS,
    ranked,
)
from tests.formats.xml import attributes, elements, names, parse, texts


def item(entry: Entry) -> _Element:
    return elements(parse(render(CHANNEL, [entry])), "channel/item")[0]


def test_a_full_item_has_all_that_the_article_has_in_a_fixed_order() -> None:
    assert names(item(FULL)) == [
        "title",
        "link",
        "guid",
        *["category"] * 4,
        "pubDate",
        "description",
        "content:encoded",
        "a:updated",
        "slash:comments",
        "enclosure",
        "dcterms:alternative",
        "media:content",
        *["dc:creator"] * 3,
        "dc:language",
    ]


def test_a_minimal_item_has_no_empty_elements() -> None:
    found = names(item(MINIMAL))
    assert found == "title link guid pubDate description content:encoded a:updated".split()


def test_the_channel_says_when_it_changed_in_the_papers_zone() -> None:
    rss = parse(render(CHANNEL, [MINIMAL]))
    assert texts(rss, "channel/lastBuildDate") == ["Wed, 24 Jan 2018 09:05:00 +0900"]
    assert texts(rss, "channel/item/pubDate") == ["Mon, 22 Jan 2018 07:00:00 +0900"]
    assert texts(rss, "channel/item/a:updated") == ["2018-01-22T07:00:00+09:00"]


def test_the_channel_is_described() -> None:
    rss = parse(render(CHANNEL, []))
    for name, value in [
        ("title", CHANNEL.title),
        ("link", CHANNEL.link),
        ("description", CHANNEL.description),
        ("language", "ko"),
        ("generator", "feeds"),
    ]:
        assert texts(rss, f"channel/{name}") == [value]


@pytest.mark.parametrize(
    ("channel", "address"),
    [(PICTURED, PICTURED.logo), (replace(PICTURED, logo=None), PICTURED.icon)],
)
def test_the_channels_image_is_the_papers_logo_or_else_its_icon(
    channel: Channel, address: str
) -> None:
    (image,) = elements(parse(render(channel, [])), "channel/image")
    assert [(child.tag, child.text) for child in image] == [
        ("url", address),
        ("title", channel.title),
        ("link", channel.link),
    ]


def test_a_paper_without_logo_and_icon_has_no_image() -> None:
    assert elements(parse(render(CHANNEL, [])), "channel/image") == []


def test_self_is_linked_once_and_every_other_link_follows() -> None:
    rss = parse(render(CHANNEL, [FULL]))
    assert attributes(rss, "channel/a:link") == [
        {"href": CHANNEL.self_url, "rel": "self", "type": "application/rss+xml"},
        {"href": f"{SITE}/hub", "rel": "hub"},
        {
            "href": f"{SITE}/feeds/latest.other",
            "rel": "alternate",
            "type": "application/x-other",
            "title": "다른 형식",
        },
        {"href": f"{SITE}/feeds/latest/archive/2", "rel": "next"},
        {
            "href": f"{SITE}/feeds/latest/archive/1.atom",
            "rel": "prev-archive",
            "type": "application/atom+xml",
        },
    ]


def test_a_guid_is_never_a_permalink() -> None:
    assert texts(item(FULL), "guid") == [FULL.id]
    assert attributes(item(FULL), "guid") == [{"isPermaLink": "false"}]


def test_every_author_is_a_creator_and_none_an_author() -> None:
    assert texts(item(FULL), "dc:creator") == ["김민수", "Ana Lee", "박서연"]
    assert elements(item(FULL), "author") == []


def test_every_category_keeps_its_scheme() -> None:
    assert texts(item(FULL), "category") == ["지역", "생활·문화", "우물", "지역"]
    assert [a["domain"] for a in attributes(item(FULL), "category")] == [
        *[SECTIONS] * 2,
        *[TAGS] * 2,
    ]


def test_a_summary_is_escaped_as_html_but_a_title_is_not() -> None:
    assert texts(item(AWKWARD), "title") == [AWKWARD.title]
    assert texts(item(replace(AWKWARD, summary="<기생충> & ]]>")), "description") == [
        "&lt;기생충&gt; &amp; ]]&gt;"
    ]


def test_an_empty_summary_stays_empty_beside_the_content() -> None:
    assert texts(item(PICTURE_ONLY), "description") == [""]
    assert texts(item(PICTURE_ONLY), "content:encoded") == [PICTURE_ONLY.content]


def test_without_content_there_is_only_a_description() -> None:
    assert texts(item(SUMMARY_ONLY), "description") == [SUMMARY_ONLY.summary]
    assert elements(item(SUMMARY_ONLY), "content:encoded") == []


def test_a_picture_is_an_enclosure_and_media_content_with_its_words() -> None:
    assert attributes(item(FULL), "enclosure") == [
        {"url": PICTURE.url, "length": "48213", "type": "image/jpeg"}
    ]
    assert attributes(item(FULL), "media:content") == [
        {
            "url": PICTURE.url,
            "medium": "image",
            "type": "image/jpeg",
            "fileSize": "48213",
            "width": "1200",
            "height": "800",
        }
    ]
    assert texts(item(FULL), "media:content/media:title") == [PICTURE.alt]
    assert texts(item(FULL), "media:content/media:credit") == [PICTURE.credit]


def test_an_enclosure_of_unknown_size_has_length_zero() -> None:
    found = item(replace(FULL, image=replace(PICTURE, length=None)))
    assert attributes(found, "enclosure")[0]["length"] == "0"
    assert "fileSize" not in attributes(found, "media:content")[0]


def test_a_picture_of_unknown_type_is_no_enclosure() -> None:
    found = item(replace(FULL, image=replace(PICTURE, type=None)))
    assert elements(found, "enclosure") == []
    assert attributes(found, "media:content")[0]["url"] == PICTURE.url


def test_no_comments_yet_is_a_number_too() -> None:
    assert texts(item(replace(MINIMAL, comments=0)), "slash:comments") == ["0"]


def test_a_language_is_said_only_where_it_is_another_than_the_channels() -> None:
    assert texts(item(FULL), "dc:language") == ["en"]
    assert texts(item(replace(FULL, language="ko")), "dc:language") == []


def test_a_ranked_feed_is_a_list_with_each_rank() -> None:
    case = ranked(FULL, MINIMAL)
    rss = parse(render(case.channel, case.entries))
    assert texts(rss, "channel/cf:treatAs") == ["list"]
    assert attributes(rss, "channel/cf:listinfo/cf:sort") == [
        {
            "ns": "http://purl.org/atompub/rank/1.0",
            "element": "rank",
            "label": "Rank",
            "data-type": "number",
            "default": "true",
        }
    ]
    assert texts(rss, "channel/item/re:rank") == ["1", "2"]


def test_an_unranked_feed_says_nothing_of_lists() -> None:
    body = render(CHANNEL, [FULL])
    assert b"rss/core/2005" not in body
    assert b"atompub/rank" not in body
