"""Atom beside the golden document: what is left out, and what stands in its place."""

from dataclasses import replace

import pytest
from lxml.etree import _Element

from feeds.formats.atom import render
from feeds.model import Entry
from tests.formats.samples import (
    CHANNEL,
    FULL,
    MINIMAL,
    PICTURE,
    PICTURE_ONLY,
    PICTURED,
    SUMMARY_ONLY,
)
from tests.formats.xml import attributes, elements, parse, texts

LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def entry_of(entry: Entry) -> _Element:
    return elements(parse(render(CHANNEL, [entry])), "a:entry")[0]


@pytest.mark.parametrize(
    ("entry", "name", "expected"),
    [
        (replace(MINIMAL, comments=0), "thr:total", ["0"]),
        (MINIMAL, "a:author", []),
        (PICTURE_ONLY, "a:summary", [""]),
        (PICTURE_ONLY, "a:content", [PICTURE_ONLY.content]),
        (SUMMARY_ONLY, "a:content", []),
        (replace(MINIMAL, id="https://옛.example/?p=1"), "a:id", ["https://옛.example/?p=1"]),
        (replace(MINIMAL, id="5f1a"), "a:id", ["urn:uuid:e4209abb-e1a0-5a32-8551-f04abf545bd5"]),
    ],
)
def test_an_entry_says_in_its_elements(entry: Entry, name: str, expected: list[str]) -> None:
    assert texts(entry_of(entry), name) == expected


_LINK = {"href": FULL.link, "rel": "alternate", "type": "text/html"}
_ENCLOSURE = {"href": PICTURE.url, "rel": "enclosure", "type": "image/jpeg"}


@pytest.mark.parametrize(
    ("entry", "name", "expected"),
    [
        (replace(FULL, image=replace(PICTURE, length=None)), "a:link", [_LINK, _ENCLOSURE]),
        (replace(FULL, image=replace(PICTURE, type=None)), "a:link", [_LINK]),
        (
            replace(FULL, image=replace(PICTURE, type=None, length=None, width=None)),
            "media:content",
            [{"url": PICTURE.url, "medium": "image", "height": "800"}],
        ),
    ],
)
def test_an_entry_says_in_its_attributes(
    entry: Entry, name: str, expected: list[dict[str, str]]
) -> None:
    assert attributes(entry_of(entry), name) == expected


def test_the_language_of_the_feed_is_not_repeated() -> None:
    assert entry_of(replace(FULL, language="ko")).get(LANG) is None


def test_a_feed_has_the_papers_pictures_where_there_are_any() -> None:
    found = parse(render(PICTURED, []))
    assert texts(found, "a:icon") + texts(found, "a:logo") == [PICTURED.icon, PICTURED.logo]
