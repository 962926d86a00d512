"""The promise of the whole road: any article a paper sends reads back equal from every format."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import feedparser_rs
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from feeds.catalog import Feed, channel_of
from feeds.entries import entry_of
from feeds.errors import ArticleError
from feeds.formats import FORMATS
from feeds.gate import dated
from feeds.importers import Source
from feeds.importers.record import read_record
from feeds.merge import merge
from feeds.model import LATEST, Article
from feeds.store.saving import mint_guid
from feeds.verify import verify
from tests.newsroom import configured

NOW = datetime(2200, 1, 1, tzinfo=UTC)
SOURCE = Source("any.jsonl", ZoneInfo("Asia/Seoul"), "https://www.news.example/")
CONFIGS = [configured(feeds={"content": content}) for content in ("full", "summary")]
RARE = st.text(st.characters(exclude_categories=()), max_size=20)
AWKWARD = st.sampled_from(
    [
        *("\x00", "\x08", "\x0b", "\x1f", "\x7f", "\x85", "\x92", "\ud83d", "\udfff", "\ufffe"),
        *("\u2028", "\u2029", "\u200b", "\u202e", "\u2066", "\ufeff", "\u00ad", "\u3000", "\u00a0"),
        *("]]>", "<![CDATA[", "<!--", "-->", "<?xml ?>", "<!DOCTYPE x>", "&", "&amp;", "&amp;lt;"),
        *("&#8;", "&#x0;", "&#xfffe;", "&nbsp;", "&b;", "&bogus", "<", ">", '"', "'", "\r\n", "\n"),
        *("<p>", "</p>", "<b>굵게", "</div>", "<br/>", "<script>x()</script>"),
        *("<style>a{}</style>", "<title>", "<plaintext>", "<template>", "<pre>\n"),
        *("<img src=/a.jpg>", "<img data-src='b.png' src='data:,'>", "<noscript>", "</noscript>"),
        *("<a href='javascript:x'>", "<a href=../b?c&d>", "</a>", "<iframe src=//x.example>"),
        *("<svg><style>", "<math>", "<table><td>", "&#" + "1" * 5000 + ";"),
        *("기사", "한글 e\u0301", "樂", "ﷺ", "שלום", "مرحبا", "👩🏽‍🚀", "🇰🇷"),
        *(
            "\u0301",
            "\u1112",
            "\u1161",
            "\u11ab",
            "가\u11a7",
            "\u0e33",
            "\u200d",
            "\u061c",
            "İ",
            "ﬁ",
        ),
        *("Ã©", "a, b", "<기생충>", "a@b.c)d@e.f"),
        *("kim@news.example", "(kim@news.example)", "Tom <tom@x.example>", "가" * 300, "w" * 3000),
        *(" ", "\t", "http://a.b/?c;d=&e;", "https://[::1]/", "%", "%zz", "#", "?q=가&r=<>"),
    ]
)
TEXT = st.lists(RARE | AWKWARD, max_size=8).map("".join)
LINE = TEXT.map("제목 {}".format) | TEXT
PATH = st.text(st.sampled_from("abc가é/?&;=%+#@:!~.,'()[]-_20"), max_size=25)
ADDRESS = PATH.map("https://www.news.example/{}".format)
MOMENT = st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30)).map(datetime.isoformat)  # noqa: DTZ001 - a local time
# The edges of the calendar, and of the summer time that Seoul had: the last occurs twice.
MOMENT |= st.sampled_from(
    [
        *("1900-01-01T00:00:00Z", "2199-12-31T23:59:59Z", "1908-03-31T23:59:59"),
        *("1988-05-08T02:30:00", "1988-10-09T02:30:00"),
    ]
)
AUTHOR = st.fixed_dictionaries(
    {"name": TEXT},
    optional={
        "id": st.sampled_from(["7", "가"]),
        "email": st.sampled_from(["kim@news.example", "a'b@x"]) | TEXT,
        "url": ADDRESS,
    },
)
OWN = ADDRESS | st.sampled_from(["/a.jpg", "b.png", "//cdn.example/x.mp3", "?x", "#y"])
IMAGE = st.fixed_dictionaries(
    {"url": OWN},
    optional={
        "type": st.sampled_from(["image/jpeg", "image/svg+xml"]),
        "length": st.integers(0, 2**31 - 1),
        "width": st.integers(0, 9999),
        "height": st.integers(0, 9999),
        "alt": TEXT,
        "credit": TEXT,
    },
)
ATTACHMENT = st.fixed_dictionaries(
    {"url": OWN, "type": st.sampled_from(["audio/mpeg", "video/mp4", "application/pdf", "x/y"])},
    optional={
        "length": st.integers(0, 2**31 - 1),
        "duration": st.integers(0, 2**31 - 1),
        "title": TEXT,
    },
)
BODY = st.fixed_dictionaries({"body_html": TEXT}) | st.fixed_dictionaries({"body_text": TEXT})
RECORD = st.builds(
    lambda fields, body: fields | body,
    st.fixed_dictionaries(
        {
            "id": st.text(st.characters(), min_size=1, max_size=9),
            "title": LINE,
            "published": MOMENT,
        },
        optional={
            "updated": MOMENT,
            "url": ADDRESS,
            "subtitle": TEXT,
            "summary": TEXT,
            "authors": st.lists(AUTHOR, max_size=3),
            "sections": st.lists(TEXT, max_size=3),
            "tags": st.lists(TEXT, max_size=3),
            "image": IMAGE,
            "attachments": st.lists(ATTACHMENT, max_size=3),
            "language": st.sampled_from(["ko", "KO-kr", "zh-Hant-TW", "ar", "x-own", "de-CH-1901"]),
            "correction": TEXT,
            "comments": st.integers(0, 2**31 - 1),
        },
    ),
    BODY | st.just({}),
)


def accepted(record: dict[str, Any]) -> Article | None:
    try:
        article, _ = merge(read_record(record, SOURCE)[0], None, NOW)
    except ArticleError:
        return None
    return replace(article, guid=mint_guid(article.id, article.published, "www.news.example"))


def articles_of(records: list[dict[str, Any]]) -> list[Article]:
    found = {article.id: article for article in map(accepted, records) if article}
    assume(found)
    return list(found.values())


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(RECORD, min_size=1, max_size=3), st.sampled_from([None, "24h"]))
def test_any_accepted_article_reads_back_equal(
    records: list[dict[str, Any]], window: str | None
) -> None:
    articles = articles_of(records)
    for (extension, form), config in product(FORMATS.items(), CONFIGS):
        entries = [
            replace(entry_of(article, config), rank=rank if window else None)
            for rank, article in enumerate(articles, 1)
        ]
        feed = Feed(LATEST, "latest", window)
        channel = dated(channel_of(feed, "", extension, config), entries)
        body = form.render(channel, entries)
        assert (extension, verify(extension, body, channel, entries)) == (extension, ())
        if "xml" in form.media_type:
            assert not feedparser_rs.parse(body).bozo
