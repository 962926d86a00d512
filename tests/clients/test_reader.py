"""`reader` (https://reader.readthedocs.io) as a subscriber, with a database of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from reader import Reader, make_reader

from tests.paper import HEADLINE, PARAGRAPHS, RANKED, record, write_articles
from tests.processes import Running, eventually, imported


@pytest.fixture
def subscriber(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    # The feedparser that reader brings along needs a package that it does not ask for.
    monkeypatch.setenv("READER_NO_VENDORED_FEEDPARSER", "1")
    reader = make_reader(str(tmp_path / "reader.sqlite"))
    yield reader
    reader.close()


@pytest.mark.parametrize("extension", ["rss", "atom", "json"])
def test_a_subscriber_gets_every_article_once(
    subscriber: Reader, service: Running, extension: str
) -> None:
    for path in ("sections/사회", "sections/사회/most-read"):
        subscriber.add_feed(f"{service.url}/feeds/{path}.{extension}")
    subscriber.update_feeds()
    for feed in subscriber.get_feeds():
        assert feed.last_exception is None
        entries = list(subscriber.get_entries(feed=feed))
        assert sorted(entry.title for entry in entries if entry.title) == sorted(RANKED)
    assert {feed.title for feed in subscriber.get_feeds()} == {
        "관악뉴스 – 사회",
        "관악뉴스 – 사회 – 많이 본 뉴스",
    }


@pytest.mark.parametrize("extension", ["rss", "atom", "json"])
def test_a_subscriber_sees_all_that_an_article_has(
    subscriber: Reader, service: Running, extension: str
) -> None:
    subscriber.add_feed(f"{service.url}/feeds/sections/지역.{extension}")
    subscriber.update_feeds()
    (entry,) = subscriber.get_entries()
    assert entry.id == "tag:www.news.example,2026-03-02:article-page"
    assert (entry.title, entry.authors_str) == (HEADLINE, "이하늘")
    assert entry.link == "https://www.news.example/articles/article-page"
    assert entry.published
    assert entry.published.isoformat() == "2026-03-02T06:26:43+00:00"
    content = entry.get_content()
    assert content
    assert all(paragraph in content.value for paragraph in PARAGRAPHS)


def test_a_subscriber_downloads_nothing_twice_and_hears_of_news(
    subscriber: Reader, service: Running
) -> None:
    url = f"{service.url}/feeds/latest.rss"
    subscriber.add_feed(url)
    first = subscriber.update_feed(url)
    assert first
    assert first.new == len(RANKED) + 1
    # None: "the server indicated the feed has not changed", without any content.
    assert subscriber.update_feed(url) is None

    news = write_articles(service.folder / "news.jsonl", [record("n", title="새로 온 소식")])
    imported(service.folder, news)
    update = eventually(lambda: subscriber.update_feed(url))
    assert (update.new, update.modified) == (1, 0)
    assert "새로 온 소식" in {entry.title for entry in subscriber.get_entries()}
