"""The paper's own pages and counts, from files to two parsers, over HTTP."""

from datetime import UTC, datetime, timedelta, timezone
from html import unescape
from typing import Any

import feedparser
import feedparser_rs
import pytest

from tests.paper import BOILERPLATE, HEADLINE, PARAGRAPHS, RANKED, SUBTITLE
from tests.processes import Running

KST = timezone(timedelta(hours=9))
PUBLISHED = datetime(2026, 3, 2, 15, 26, 43, tzinfo=KST)
# feedparser reads no JSON Feed.
READINGS = [
    (feedparser, "rss"),
    (feedparser, "atom"),
    (feedparser_rs, "rss"),
    (feedparser_rs, "atom"),
    (feedparser_rs, "json"),
]


def parsed(parser: Any, service: Running, path: str) -> Any:
    found = parser.parse(service.published(path))
    assert not found.bozo
    return found


@pytest.mark.parametrize(("parser", "extension"), READINGS)
def test_the_section_feed_carries_the_article_and_nothing_of_its_page(
    parser: Any, extension: str, service: Running
) -> None:
    feed = parsed(parser, service, f"/feeds/sections/지역.{extension}")
    (entry,) = feed.entries
    assert entry.id == "tag:www.news.example,2026-03-02:article-page"
    assert entry.link == "https://www.news.example/articles/article-page"
    assert entry.title == HEADLINE
    assert [author["name"] for author in entry.authors] == ["이하늘"]
    assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == PUBLISHED
    content = entry.content[0]["value"]
    assert SUBTITLE in content
    assert content.count("<p>") == len(PARAGRAPHS)
    positions = [content.index(paragraph) for paragraph in PARAGRAPHS]
    assert positions == sorted(positions)
    for part in (*BOILERPLATE, *RANKED):
        assert part not in content + entry.summary


@pytest.mark.parametrize(
    ("extension", "date"),
    [
        ("rss", "Mon, 02 Mar 2026 15:26:43 +0900"),
        ("atom", "2026-03-02T15:26:43+09:00"),
        ("json", "2026-03-02T15:26:43+09:00"),
    ],
)
def test_the_date_is_written_in_the_papers_zone(
    extension: str, date: str, service: Running
) -> None:
    assert date in service.published(f"/feeds/sections/지역.{extension}").decode()


@pytest.mark.parametrize("path", ["most-read", "most-read/24h", "sections/사회/most-read"])
@pytest.mark.parametrize(("parser", "extension"), READINGS)
def test_the_most_read_articles_are_in_the_order_of_the_page(
    parser: Any, extension: str, path: str, service: Running
) -> None:
    feed = parsed(parser, service, f"/feeds/{path}.{extension}")
    # feedparser_rs gives every title as HTML, whatever its type.
    assert [unescape(entry.title) for entry in feed.entries] == list(RANKED)
