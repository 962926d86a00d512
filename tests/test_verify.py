"""A document is compared with its articles field by field, and inspected by itself."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from feeds.formats import FORMATS
from feeds.model import Author, Category, Channel, Entry, Image, Link
from feeds.verify import inspect, verify
from feeds.verify.compare import READERS
from tests.formats.regenerate import GOLDEN
from tests.formats.samples import (
    ATTACHED,
    CASES,
    CHANNEL,
    FULL,
    MINIMAL,
    PICTURED,
    SUMMARY_ONLY,
    TOMBSTONES,
    Case,
)

RANKED = replace(PICTURED, ranked=True, tombstones=TOMBSTONES)
COMPLETE = replace(ATTACHED, rank=1)
AN_HOUR = timedelta(hours=1)


def _with_image(**changes: object) -> Callable[[Entry], Entry]:
    return lambda entry: replace(entry, image=replace(entry.image or Image("x"), **changes))


def _with_attachment(index: int, **changes: object) -> Callable[[Entry], Entry]:
    def change(entry: Entry) -> Entry:
        files = list(entry.attachments)
        files[index] = replace(files[index], **changes)
        return replace(entry, attachments=tuple(files))

    return change


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
    "tombstones": lambda channel: replace(channel, tombstones=channel.tombstones[1:]),
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
    "enclosure": _with_attachment(0, length=1),
    "enclosures": _with_attachment(1, title="다른 제목"),
    "attachments": _with_attachment(2, duration=1),
    "media": _with_attachment(2, duration=1),
    "media titles": _with_image(alt="다른 설명"),
    "image": _with_image(width=1),
    "image alt": _with_image(alt="다른 설명"),
    "image credit": _with_image(credit=None),
    "comments": lambda entry: replace(entry, comments=4),
    "rank": lambda entry: replace(entry, rank=2),
    "language": lambda entry: replace(entry, language="fr"),
    "entry language": lambda entry: replace(entry, language="fr"),
}
_READINGS = {name: READERS[name](form.render(RANKED, [COMPLETE])) for name, form in FORMATS.items()}
CHANNEL_FIELDS = [(name, field) for name, read in _READINGS.items() for field in read.channel]
ENTRY_FIELDS = [(name, field) for name, read in _READINGS.items() for field in read.entries[0]]


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_document_that_says_what_its_articles_say_has_no_difference(
    extension: str, case: Case
) -> None:
    body = FORMATS[extension].render(case.channel, case.entries)
    assert verify(extension, body, case.channel, case.entries) == ()


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize("guid", ["5f1a", "12 at https://old.example", "기사:1", "<1> & 2"])
def test_a_guid_of_any_form_passes_the_gate(extension: str, guid: str) -> None:
    entries = [replace(MINIMAL, id=guid)]
    assert verify(extension, FORMATS[extension].render(CHANNEL, entries), CHANNEL, entries) == ()


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
def test_our_own_documents_have_no_fault_of_their_own(extension: str) -> None:
    for name in ("full", "minimal", "summary only", "ranked", "tombstones"):
        case = CASES[name]
        body = FORMATS[extension].render(case.channel, case.entries)
        assert inspect(body, FORMATS[extension].media_type) == ()


RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>신문</title><link>https://n.example/</link><description>.</description>
<atom:link rel="self" href="https://n.example/rss"/>
{items}
</channel></rss>"""
SOUND = """<item>
<title>가</title>
<link>https://n.example/1</link>
<guid>1</guid>
<pubDate>Tue, 23 Jan 2018 15:26:43 +0900</pubDate>
</item>"""
ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>tag:n.example,2018:feed</id><title>신문</title>
<link href="https://n.example/"/><link rel="self" href="https://n.example/atom"/>
<updated>2018-01-23T15:26:43+09:00</updated>
<entry>
<id>tag:n.example,2018:1</id>
<title>가</title>
<link href="https://n.example/1"/>
<updated>2018-01-23T15:26:43+09:00</updated>
</entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="{namespace}">
<channel><title>신문</title><link>https://n.example/</link></channel>
<item><title>가</title><link>https://n.example/1</link></item></rdf:RDF>"""
JSON: dict[str, Any] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "신문",
    "feed_url": "https://n.example/json",
    "items": [
        {
            "id": "1",
            "title": "가",
            "url": "https://n.example/1",
            "date_published": "2018-01-23T15:26:43+09:00",
        }
    ],
}
RSS_2 = RSS.format(items=SOUND)
SOUND_IN_091 = "<item><title>가</title><link>https://n.example/1</link></item>"


@pytest.mark.parametrize(
    "body",
    [
        RSS_2,
        ATOM,
        json.dumps(JSON),
        *(
            RSS.replace("2.0", version).replace("rel", "role").format(items=SOUND_IN_091)
            for version in ("0.91", "0.92", "0.93", "0.94")
        ),
        RDF.format(namespace="http://my.netscape.com/rdf/simple/0.9/"),
        RDF.format(namespace="http://purl.org/rss/1.0/"),
    ],
)
def test_a_sound_foreign_feed_of_any_version_has_no_fault(body: str) -> None:
    assert inspect(body.encode()) == ()


ENCLOSURE = '<enclosure url="/1.mp3" type="audio/mpeg" length="{}"/><guid>'
RSS_DATE = "Tue, 23 Jan 2018 15:26:43 +0900"
ATOM_DATE = "2018-01-23T15:26:43+09:00</updated>\n</entry>"


@pytest.mark.parametrize(
    ("body", "old", "new", "line", "what"),
    [
        (RSS_2, "<guid>1</guid>", "", 5, "no id (guid): readers show it again"),
        (RSS_2, "<title>가</title>", "", 5, "no title: readers show the beginning of its text"),
        (
            RSS_2,
            "가</title>",
            "R&amp;amp;D</title>",
            6,
            "title is escaped twice: readers see &amp;",
        ),
        (RSS_2, "https://n.example/1", "/1", 7, 'link is not an absolute address, "/1": readers'),
        (RSS_2, "<link>https://n.example/1</link>", "", 5, "no link: readers have no page"),
        (RSS_2, "+0900", "KST", 9, 'published has no time zone such as +0900, "Tue, 23 Jan 2018'),
        (RSS_2, " +0900", "", 9, "published has no time zone such as +0900"),
        (RSS_2, "23 Jan", "34 Jan", 9, "published is not a date such as Mon, 02 Mar 2026 09:"),
        (RSS_2, RSS_DATE, "", 9, "published is empty: readers show the time"),
        (RSS_2, RSS_DATE, "오늘", 9, "published is not a date such as Mon, 02 Mar 2026 09:"),
        (RSS_2, RSS_DATE, "2018-01-23 15:26:43", 9, "published is not a date"),
        (RSS_2, RSS_DATE, "23 Jan 99999999999999999999 15:26", 9, "published is not a date"),
        (RSS_2, f"<pubDate>{RSS_DATE}</pubDate>", "", 5, "no date: readers show the time"),
        (RSS_2, "<guid>", '<enclosure url="/1.jpg"/><guid>', 8, "enclosure without length or type"),
        (RSS_2, "<guid>", ENCLOSURE.format("9" * 5000), 8, "enclosure without length or type"),
        (ATOM, '<link href="https://n.example/1"/>', "", 5, "no link: readers have no page"),
        (ATOM, "<id>tag:n.example,2018:1</id>", "", 5, "no id (guid): readers show it again"),
        (ATOM, ATOM_DATE, ATOM_DATE.replace("+09:00", ""), 9, "updated has no time zone"),
        (ATOM, ATOM_DATE, ATOM_DATE.replace("+09:00", "+0900"), 9, "updated is not a date such as"),
        (ATOM, ATOM_DATE, ATOM_DATE.replace("23T", "34T"), 9, "updated is not a date such as 2026"),
        (ATOM, ATOM_DATE, f"{RSS_DATE}</updated></entry>", 9, "updated is not a date such as 2026"),
        (ATOM, "</entry>", "</entree>", 10, "not well-formed XML in line 10, column"),
        (ATOM, "<title>신문</title>", "", 2, "no title: readers list it by its address"),
        (ATOM, '<link href="https://n.example/"/>', "", 3, "no link: readers have no site"),
        (ATOM, 'rel="self"', 'rel="via"', 2, "no link rel=self: readers do not learn its"),
    ],
)
def test_inspecting_names_what_breaks_subscriptions_and_in_which_line(
    body: str, old: str, new: str, line: int, what: str
) -> None:
    (finding,) = inspect(body.replace(old, new).encode())
    assert (finding.what[: len(what)], finding.line) == (what, line)


@pytest.mark.parametrize(
    "date",
    [
        *(f"Tue, 23 Jan 2018 15:26:43 {zone}" for zone in ("EST", "EDT", "CST", "CDT", "MST")),
        *(f"Tue, 23 Jan 2018 15:26:43 {zone}" for zone in ("MDT", "PST", "PDT", "UT", "GMT", "Z")),
        "Tue, 23 Jan 2018 15:26:43 -0000",
        "23 Jan 18 15:26 +0900",
        "Tue, 23 Jan 2018 15:26:43 +0900 (KST)",
        "Thursday, 29 February 2024 9:00:00 -0500",
        "2018-01-23T15:26:43+09:00",
        "2018-01-23",
    ],
)
def test_a_date_that_rss_allows_is_no_fault(date: str) -> None:
    assert inspect(RSS_2.replace(RSS_DATE, date).encode()) == ()


def test_a_repeated_id_is_reported_where_it_is_repeated() -> None:
    (finding,) = inspect(RSS.format(items=f"{SOUND}\n{SOUND}").encode())
    assert finding.what.startswith("the same id as entry 1")
    assert (finding.where, finding.line) == ("1", 14)


@pytest.mark.parametrize(
    ("body", "media_type", "line", "what"),
    [
        (RSS.format(items="\x08"), "", 5, "not well-formed XML in line 5, column 0"),
        (f"{GOLDEN / 'most-read.rss'}", "", 1, "not well-formed XML in line 1, column 0"),
        ("no feed", "", 1, "not well-formed XML in line 1, column 0"),
        ("<html><body>404</body></html>", "", None, "an HTML page, not a feed"),
        ("<sitemap/>", "", None, "neither RSS nor Atom"),
        ("", "", None, "empty: "),
        ("{\n", "", 2, "not JSON: EOF while parsing"),
        ('{"title": "\\ud83d"}', "", 1, "not JSON: "),
        ('{"a": ' * 1000, "", 1, "not JSON: recursion limit"),
        (ATOM, "text/html; charset=utf-8", None, "sent as text/html: some readers"),
        (ATOM, "text/xml; charset=us-ascii", None, "document declared as us-ascii, but"),
    ],
)
def test_inspecting_names_what_is_wrong_with_a_whole_document(
    body: str, media_type: str, line: int | None, what: str
) -> None:
    (finding,) = inspect(body.encode(), media_type)
    assert (finding.where, finding.line) == ("document", line)
    assert finding.what.startswith(what)


def test_a_document_that_feedparser_itself_fails_on_is_a_finding() -> None:
    (finding,) = inspect(b"<item<category</item>\xa5</category>")
    assert finding.what.startswith("not well-formed XML: ")


@pytest.mark.parametrize(
    ("part", "value", "where", "what"),
    [
        ("title", None, "channel", "title is not of type string: strict readers refuse"),
        ("description", 1, "channel", "description is not of type string: strict readers refuse"),
        ("feed_url", "", "channel", 'feed_url is not an absolute address, "": readers'),
        ("version", "2", "channel", 'version is not one of "https://jsonfeed.org/version/'),
        ("id", 1, "entry 1", "id is not of type string"),
        ("id", "", "entry 1", "id is shorter than 1 character"),
        ("date_published", "2018-01-23", "entry 1", "date_published is not a date such as 2026"),
        ("authors", [{"url": "me"}], "entry 1", "authors[0].url is not an absolute address"),
        ("attachments", [{"mime_type": "a/b"}], "entry 1", "attachments[0] has no url"),
        ("title", "R&amp;D", "1", "title is escaped twice"),
        ("url", None, "1", "no link"),
    ],
)
def test_inspecting_json_names_the_place_and_what_is_wrong(
    part: str, value: object, where: str, what: str
) -> None:
    (item,) = JSON["items"]
    of_feed = where == "channel"
    feed = JSON | ({part: value} if of_feed else {"items": [item | {part: value}]})
    (finding,) = inspect(json.dumps(feed).encode())
    assert (finding.where, finding.what[: len(what)]) == (where, what)
