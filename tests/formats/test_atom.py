from dataclasses import replace

import pytest
from lxml.etree import _Element

from feeds.formats.atom import render
from feeds.model import Entry
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


def entry_of(entry: Entry) -> _Element:
    return elements(parse(render(CHANNEL, [entry])), "a:entry")[0]


def test_the_feed_is_described_and_dated_in_the_papers_zone() -> None:
    found = parse(render(PICTURED, []))
    assert found.get(LANG) == "ko"
    for name, value in [
        ("a:id", CHANNEL.id),
        ("a:title", CHANNEL.title),
        ("a:subtitle", CHANNEL.description),
        ("a:generator", "feeds"),
        ("a:updated", "2018-01-24T09:05:00+09:00"),
        # Here an entry without authors finds one.
        ("a:author/a:name", "관악뉴스"),
        ("a:icon", PICTURED.icon),
        ("a:logo", PICTURED.logo),
    ]:
        assert texts(found, name) == [value]


def test_a_paper_without_pictures_has_neither_icon_nor_logo() -> None:
    found = names(parse(render(CHANNEL, [])))
    assert "a:icon" not in found
    assert "a:logo" not in found


def test_the_page_for_people_comes_before_other_alternates() -> None:
    found = attributes(parse(render(CHANNEL, [])), "a:link")
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


@pytest.mark.parametrize(
    ("entry", "name", "expected"),
    [
        (FULL, "a:updated", ["2018-01-24T09:05:00+09:00"]),
        (FULL, "a:published", ["2018-01-23T15:26:43+09:00"]),
        (FULL, "thr:total", ["3"]),
        (FULL, "media:content/media:title", [PICTURE.alt]),
        (FULL, "media:content/media:credit", [PICTURE.credit]),
        (MINIMAL, "a:author", []),
        (AWKWARD, "a:summary", [AWKWARD.summary]),
        (PICTURE_ONLY, "a:summary", [""]),
        (PICTURE_ONLY, "a:content", [PICTURE_ONLY.content]),
        (SUMMARY_ONLY, "a:content", []),
    ],
)
def test_an_entry_says_in_its_elements(entry: Entry, name: str, expected: list[str]) -> None:
    assert texts(entry_of(entry), name) == expected


_LINK = {"href": FULL.link, "rel": "alternate", "type": "text/html"}
_ENCLOSURE = {"href": PICTURE.url, "rel": "enclosure", "type": "image/jpeg"}
_CATEGORIES = [("지역", SECTIONS), ("생활·문화", SECTIONS), ("우물", TAGS), ("지역", TAGS)]


@pytest.mark.parametrize(
    ("entry", "name", "expected"),
    [
        (AWKWARD, "a:title", [{}]),
        (AWKWARD, "a:summary", [{"type": "text"}]),
        (AWKWARD, "a:content", [{"type": "html"}]),
        (FULL, "a:link", [_LINK, _ENCLOSURE | {"length": "48213"}]),
        (replace(FULL, image=replace(PICTURE, length=None)), "a:link", [_LINK, _ENCLOSURE]),
        (replace(FULL, image=replace(PICTURE, type=None)), "a:link", [_LINK]),
        (
            replace(FULL, image=replace(PICTURE, type=None, length=None, width=None)),
            "media:content",
            [{"url": PICTURE.url, "medium": "image", "height": "800"}],
        ),
        (FULL, "a:category", [{"term": t, "scheme": s, "label": t} for t, s in _CATEGORIES]),
    ],
)
def test_an_entry_says_in_its_attributes(
    entry: Entry, name: str, expected: list[dict[str, str]]
) -> None:
    assert attributes(entry_of(entry), name) == expected


def test_a_language_is_said_only_where_it_is_another_than_the_feeds() -> None:
    assert entry_of(FULL).get(LANG) == "en"
    assert entry_of(replace(FULL, language="ko")).get(LANG) is None


def test_a_ranked_feed_is_a_list_with_each_rank() -> None:
    case = ranked(MINIMAL, FULL)
    found = parse(render(case.channel, case.entries))
    assert texts(found, "cf:treatAs") == ["list"]
    assert attributes(found, "cf:listinfo/cf:sort")[0]["element"] == "rank"
    assert texts(found, "a:entry/re:rank") == ["1", "2"]
