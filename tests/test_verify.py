"""The gate's eyes: what a document says must be what its articles say, field by field."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from feeds.formats import FORMATS
from feeds.model import Author, Category, Channel, Entry, Image, Link
from feeds.verify import inspect, verify
from feeds.verify.jsonfeed import JSON_CHANNEL, JSON_ENTRY
from feeds.verify.reading import ATOM_CHANNEL, ATOM_ENTRY, RSS_CHANNEL, RSS_ENTRY
from tests.formats.samples import CASES, CHANNEL, FULL, MINIMAL, PICTURED, SUMMARY_ONLY, Case

COMPARED = {
    "rss": (RSS_CHANNEL, RSS_ENTRY),
    "atom": (ATOM_CHANNEL, ATOM_ENTRY),
    "json": (JSON_CHANNEL, JSON_ENTRY),
}
RANKED = replace(PICTURED, ranked=True)
COMPLETE = replace(FULL, rank=1)
AN_HOUR = timedelta(hours=1)


def _with_image(**changes: object) -> Callable[[Entry], Entry]:
    return lambda entry: replace(entry, image=replace(entry.image or Image("x"), **changes))


def _without_last_hub(channel: Channel) -> Channel:
    return replace(channel, links=tuple(link for link in channel.links if link.rel != "hub"))


BROKEN_CHANNELS: Mapping[str, Callable[[Channel], Channel]] = {
    "id": lambda channel: replace(channel, id="tag:other.example,2018:feeds/latest"),
    "title": lambda channel: replace(channel, title="다른 신문"),
    "description": lambda channel: replace(channel, description="다른 소개"),
    "link": lambda channel: replace(channel, link="https://other.example/"),
    "feed_url": lambda channel: replace(channel, self_url="https://other.example/feed"),
    "language": lambda channel: replace(channel, language="en"),
    "updated": lambda channel: replace(channel, updated=channel.updated + AN_HOUR),
    "author": lambda channel: replace(channel, author="관악뉴스 – 많이 본 뉴스"),
    "icon": lambda channel: replace(channel, icon=None),
    "logo": lambda channel: replace(channel, logo="https://other.example/logo.png"),
    "image": lambda channel: replace(channel, logo="https://other.example/logo.png"),
    "about": lambda channel: replace(channel, about="https://other.example/about"),
    "ranked": lambda channel: replace(channel, ranked=False),
    "links": _without_last_hub,
    "hubs": _without_last_hub,
    "next_url": lambda channel: replace(channel, links=(Link("next", "https://other.example/2"),)),
}
BROKEN_ENTRIES: Mapping[str, Callable[[Entry], Entry]] = {
    "id": lambda entry: replace(entry, id="tag:other.example,2018:1"),
    "link": lambda entry: replace(entry, link="https://other.example/1"),
    "title": lambda entry: replace(entry, title="다른 제목"),
    "published": lambda entry: replace(entry, published=entry.published + AN_HOUR),
    "updated": lambda entry: replace(entry, updated=entry.updated + AN_HOUR),
    "summary": lambda entry: replace(entry, summary="다른 요약"),
    "subtitle": lambda entry: replace(entry, subtitle=None),
    "content": lambda entry: replace(entry, content="<p>다른 본문</p>"),
    "content_text": lambda entry: replace(entry, summary="다른 요약"),
    "authors": lambda entry: replace(entry, authors=entry.authors[:1]),
    "bylines": lambda entry: replace(
        entry, authors=(Author(entry.authors[0].name), *entry.authors[1:])
    ),
    "emails": lambda entry: replace(
        entry, authors=(replace(entry.authors[0], email=None), *entry.authors[1:])
    ),
    "categories": lambda entry: replace(entry, categories=entry.categories[1:]),
    "tags": lambda entry: replace(entry, categories=(Category("빠짐", "https://x.example/"),)),
    "enclosure": _with_image(length=1),
    "image": _with_image(width=1),
    "image alt": _with_image(alt="다른 설명"),
    "image credit": _with_image(credit=None),
    "comments": lambda entry: replace(entry, comments=4),
    "rank": lambda entry: replace(entry, rank=2),
    "language": lambda entry: replace(entry, language="fr"),
    "entry language": lambda entry: replace(entry, language="fr"),
}
CHANNEL_FIELDS = [(name, field) for name, (table, _) in COMPARED.items() for field in table]
ENTRY_FIELDS = [(name, field) for name, (_, table) in COMPARED.items() for field in table]


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_document_that_says_what_its_articles_say_has_no_difference(
    extension: str, case: Case
) -> None:
    body = FORMATS[extension].render(case.channel, case.entries)
    assert verify(extension, body, case.channel, case.entries) == ()


@pytest.mark.parametrize(("extension", "field"), CHANNEL_FIELDS)
def test_a_renderer_that_breaks_a_field_of_the_channel_is_caught(
    extension: str, field: str
) -> None:
    body = FORMATS[extension].render(BROKEN_CHANNELS[field](RANKED), [COMPLETE])
    fields = {difference.field for difference in verify(extension, body, RANKED, [COMPLETE])}
    assert f"channel {field}" in fields


@pytest.mark.parametrize(("extension", "field"), ENTRY_FIELDS)
def test_a_renderer_that_breaks_a_field_of_an_entry_is_caught_and_named(
    extension: str, field: str
) -> None:
    entry = replace(SUMMARY_ONLY, rank=1) if field == "content_text" else COMPLETE
    body = FORMATS[extension].render(RANKED, [MINIMAL, BROKEN_ENTRIES[field](entry)])
    differences = verify(extension, body, RANKED, [MINIMAL, entry])
    assert {difference.article_id for difference in differences} == {entry.article_id}
    assert ("entry" if field == "id" else field) in {d.field for d in differences}


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize(
    ("written", "field"),
    [
        pytest.param([FULL], "entry", id="one is missing"),
        pytest.param([MINIMAL, FULL], "order of entries", id="in another order"),
        pytest.param([FULL, MINIMAL, MINIMAL], "order of entries", id="one is there twice"),
    ],
)
def test_entries_are_compared_as_a_whole(extension: str, written: list[Entry], field: str) -> None:
    body = FORMATS[extension].render(CHANNEL, written)
    differences = verify(extension, body, CHANNEL, [FULL, MINIMAL])
    assert {difference.field for difference in differences} == {field}


@pytest.mark.parametrize("extension", FORMATS)
def test_a_document_that_ends_early_is_refused_as_a_whole(extension: str) -> None:
    body = FORMATS[extension].render(CHANNEL, [FULL])[:-20]
    (difference,) = verify(extension, body, CHANNEL, [FULL])
    assert (difference.field, difference.article_id) == ("document", None)


def test_a_difference_shows_where_two_long_texts_part() -> None:
    long = replace(MINIMAL, summary="가" * 500 + "끝")
    body = FORMATS["atom"].render(CHANNEL, [replace(long, summary="가" * 500 + "꿑")])
    (difference,) = verify("atom", body, CHANNEL, [long])
    assert (difference.expected[-3:], difference.found[-3:]) == ("가가끝", "가가꿑")
    assert len(difference.expected) < 50


@pytest.mark.parametrize("text", ["Ã©tude", "Â·", "ë°¤"])
def test_text_that_feedparser_takes_for_twice_encoded_is_no_difference(text: str) -> None:
    entry = replace(MINIMAL, title=text)
    body = FORMATS["rss"].render(CHANNEL, [entry])
    assert verify("rss", body, CHANNEL, [entry]) == ()


def test_json_is_read_as_it_stands_so_that_nothing_passes_for_twice_encoded() -> None:
    body = FORMATS["json"].render(CHANNEL, [replace(MINIMAL, title="étude")])
    (difference,) = verify("json", body, CHANNEL, [replace(MINIMAL, title="Ã©tude")])
    assert difference.field == "title"


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("case", ["full", "minimal", "summary only"])
def test_our_own_documents_have_no_fault_of_their_own(extension: str, case: str) -> None:
    body = FORMATS[extension].render(CASES[case].channel, CASES[case].entries)
    assert inspect(body, FORMATS[extension].media_type) == ()


RSS = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>신문</title><link>https://n.example/</link><description>.</description>
<atom:link rel="self" href="https://n.example/rss"/>{items}</channel></rss>"""
SOUND = (
    "<title>가</title><link>https://n.example/1</link>"
    "<guid>1</guid><pubDate>Tue, 23 Jan 2018 15:26:43 +0900</pubDate>"
)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("<guid>1</guid>", "", "no id"),
        ("<title>가</title>", "", "no title"),
        ("<title>가</title>", "<title>R&amp;amp;D</title>", "escaped twice: readers see &amp;"),
        ("https://n.example/1", "/news/1", "not an absolute address: /news/1"),
        ("<link>https://n.example/1</link>", "", "not an absolute address: 1"),
        ("+0900", "KST", "no time zone that readers know: Tue, 23 Jan 2018 15:26:43 KST"),
        ("+0900", "", "no time zone that readers know"),
        ("<pubDate>Tue, 23 Jan 2018 15:26:43 +0900</pubDate>", "", "no date"),
        ("<guid>", '<enclosure url="https://n.example/1.jpg"/><guid>', "without length or type"),
    ],
)
def test_inspecting_a_foreign_feed_names_what_breaks_subscriptions(
    old: str, new: str, what: str
) -> None:
    assert inspect(RSS.format(items=f"<item>{SOUND}</item>").encode()) == ()
    items = f"<item>{SOUND.replace(old, new)}</item>"
    findings = inspect(RSS.format(items=items).encode())
    assert any(what in finding.what for finding in findings), findings


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (RSS.format(items=f"<item>{SOUND}</item>" * 2), "2 entries have this id"),
        (RSS.format(items="").replace("self", "via"), "no link rel=self"),
        (RSS.format(items="\x08"), "not well-formed (invalid token)"),
        ("<html><body>404</body></html>", "neither RSS nor Atom"),
        ("", "neither RSS nor Atom"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": []}', "title: Field required"),
        ("{", "EOF while parsing"),
    ],
)
def test_inspecting_names_what_is_wrong_with_a_whole_document(body: str, what: str) -> None:
    findings = inspect(body.encode())
    assert any(what in finding.what for finding in findings), findings
