from dataclasses import replace

from lxml.etree import _Element

from feeds.formats.atom import render
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

LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def feed(channel: Channel, *entries: Entry) -> _Element:
    return parse(render(channel, entries))


def entry_of(entry: Entry) -> _Element:
    return elements(feed(CHANNEL, entry), "a:entry")[0]


def test_a_full_entry_has_all_that_the_article_has_in_a_fixed_order() -> None:
    assert names(entry_of(FULL)) == [
        "a:id",
        "a:title",
        "a:updated",
        *["a:author"] * 3,
        "a:content",
        "a:link",
        "a:summary",
        *["a:category"] * 4,
        "a:published",
        "a:link",
        "thr:total",
        "dcterms:alternative",
        "media:content",
    ]


def test_dates_carry_the_papers_offset() -> None:
    found = feed(CHANNEL, FULL)
    assert texts(found, "a:updated") == ["2018-01-24T09:05:00+09:00"]
    assert texts(found, "a:entry/a:updated") == ["2018-01-24T09:05:00+09:00"]
    assert texts(found, "a:entry/a:published") == ["2018-01-23T15:26:43+09:00"]


def test_the_feed_is_described() -> None:
    found = feed(CHANNEL)
    assert texts(found, "a:id") == [CHANNEL.id]
    assert texts(found, "a:title") == [CHANNEL.title]
    assert texts(found, "a:subtitle") == [CHANNEL.description]
    assert texts(found, "a:generator") == ["feeds"]
    assert found.get(LANG) == "ko"


def test_the_feed_has_the_papers_icon_and_logo_where_it_has_them() -> None:
    found = feed(PICTURED)
    assert texts(found, "a:icon") + texts(found, "a:logo") == [PICTURED.icon, PICTURED.logo]
    assert elements(feed(CHANNEL), "a:icon") + elements(feed(CHANNEL), "a:logo") == []


def test_the_page_for_people_comes_before_other_alternates() -> None:
    found = attributes(feed(CHANNEL), "a:link")
    assert [(link["rel"], link["href"]) for link in found] == [
        ("self", CHANNEL.self_url),
        ("alternate", CHANNEL.link),
        *((link.rel, link.href) for link in CHANNEL.links),
    ]
    assert found[0]["type"] == "application/atom+xml"
    assert found[1]["type"] == "text/html"
    assert found[3]["title"] == "다른 형식"


def test_every_author_keeps_address_and_page() -> None:
    assert [
        [(child.tag.rpartition("}")[2], child.text) for child in author]
        for author in elements(entry_of(FULL), "a:author")
    ] == [
        [("name", "김민수"), ("email", "minsu@news.example"), ("uri", f"{SITE}/people/minsu")],
        [("name", "Ana Lee"), ("email", "ana@news.example")],
        [("name", "박서연"), ("uri", f"{SITE}/people/seoyeon")],
    ]


def test_an_entry_without_authors_finds_one_in_the_feed() -> None:
    found = feed(CHANNEL, MINIMAL)
    assert elements(found, "a:entry/a:author") == []
    assert texts(found, "a:author/a:name") == ["관악뉴스"]


def test_texts_say_what_they_are() -> None:
    found = entry_of(AWKWARD)
    assert [e.get("type") for e in elements(found, "a:title")] == [None]
    assert attributes(found, "a:summary") == [{"type": "text"}]
    assert attributes(found, "a:content") == [{"type": "html"}]
    assert texts(found, "a:summary") == [AWKWARD.summary]


def test_an_empty_summary_stays_empty_beside_the_content() -> None:
    assert texts(entry_of(PICTURE_ONLY), "a:summary") == [""]
    assert texts(entry_of(PICTURE_ONLY), "a:content") == [PICTURE_ONLY.content]


def test_without_content_there_is_only_a_summary() -> None:
    assert elements(entry_of(SUMMARY_ONLY), "a:content") == []


def test_an_entry_links_its_page_and_its_picture() -> None:
    assert attributes(entry_of(FULL), "a:link") == [
        {"href": FULL.link, "rel": "alternate", "type": "text/html"},
        {"href": PICTURE.url, "rel": "enclosure", "type": "image/jpeg", "length": "48213"},
    ]


def test_what_is_not_known_of_a_picture_is_not_said() -> None:
    unmeasured = replace(FULL, image=replace(PICTURE, length=None))
    assert "length" not in attributes(entry_of(unmeasured), "a:link")[1]


def test_a_picture_of_unknown_type_is_no_enclosure() -> None:
    untyped = entry_of(replace(FULL, image=replace(PICTURE, type=None)))
    assert [link["rel"] for link in attributes(untyped, "a:link")] == ["alternate"]
    assert attributes(untyped, "media:content")[0]["url"] == PICTURE.url


def test_a_picture_has_its_size_and_words() -> None:
    found = entry_of(FULL)
    assert attributes(found, "media:content")[0]["width"] == "1200"
    assert texts(found, "media:content/media:title") == [PICTURE.alt]
    assert texts(found, "media:content/media:credit") == [PICTURE.credit]


def test_every_category_keeps_its_scheme() -> None:
    assert attributes(entry_of(FULL), "a:category") == [
        {"term": term, "scheme": scheme, "label": term}
        for term, scheme in [
            ("지역", SECTIONS),
            ("생활·문화", SECTIONS),
            ("우물", TAGS),
            ("지역", TAGS),
        ]
    ]


def test_comments_are_counted() -> None:
    assert texts(entry_of(FULL), "thr:total") == ["3"]


def test_a_language_is_said_only_where_it_is_another_than_the_feeds() -> None:
    assert entry_of(FULL).get(LANG) == "en"
    assert entry_of(replace(FULL, language="ko")).get(LANG) is None


def test_a_ranked_feed_is_a_list_with_each_rank() -> None:
    case = ranked(MINIMAL, FULL)
    found = feed(case.channel, *case.entries)
    assert texts(found, "cf:treatAs") == ["list"]
    assert attributes(found, "cf:listinfo/cf:sort")[0]["element"] == "rank"
    assert texts(found, "a:entry/re:rank") == ["1", "2"]
