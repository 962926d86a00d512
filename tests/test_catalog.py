"""Which feeds there are, and what each says of itself."""

from dataclasses import replace
from urllib.parse import quote

import pytest

from feeds.catalog import (
    RISING,
    Feed,
    article_url,
    authority,
    channel_of,
    document_url,
    feeds_of,
    folder_url,
    page_url,
)
from feeds.config import Config
from feeds.model import LATEST, Link, Term
from feeds.ranking import EVER
from tests.newsroom import CONFIG, SITE, configured
from tests.store.samples import article

ENGLISH = configured(site={"title": "The Gwanak Times", "language": "en-GB"})
JAPANESE = configured(site={"title": "冠岳新聞", "language": "ja"})
SECTION, AUTHOR, TAG = Term("section", "지역"), Term("author", "김민수"), Term("tag", "관악산")
WINDOWS = [Feed(LATEST, f"most-read/{window}", window) for window in ("3h", "24h", "7d", "30d")]
RISES = Feed(LATEST, "rising", RISING)
PAPER, OF_SECTION = Feed(LATEST, "latest"), Feed(SECTION, "sections/지역")
NAMED_LIKE_A_RANKING = Feed(Term("tag", "most-read"), "tags/most-read")


@pytest.mark.parametrize(
    ("term", "feeds"),
    [
        (LATEST, [PAPER, Feed(LATEST, "most-read", "24h"), *WINDOWS, RISES]),
        (SECTION, [OF_SECTION, Feed(SECTION, "sections/지역/most-read", "24h")]),
        (AUTHOR, [Feed(AUTHOR, "authors/김민수")]),
        (TAG, [Feed(TAG, "tags/관악산")]),
    ],
)
def test_a_term_has_these_feeds(term: Term, feeds: list[Feed]) -> None:
    assert list(feeds_of(term, CONFIG)) == feeds


def test_the_papers_own_windows_have_feeds() -> None:
    config = configured(most_read={"windows": ("6h", "2d"), "default": "2d"})
    ranked = {feed.path: feed.window for feed in feeds_of(LATEST, config) if feed.window}
    windows = {"most-read/6h": "6h", "most-read/2d": "2d"}
    assert ranked == {"most-read": "2d", **windows, "rising": RISING}


@pytest.mark.parametrize(
    ("feed", "name", "korean", "english"),
    [
        (PAPER, "", "", ""),
        (OF_SECTION, "지역", " – 지역", " – 지역"),
        (Feed(AUTHOR, "authors/김민수"), "김민수", " – 김민수", " – 김민수"),
        (Feed(LATEST, "most-read", "24h"), "", " – 많이 본 뉴스", " – Most read"),
        (WINDOWS[0], "", " – 많이 본 뉴스 (3시간)", " – Most read (3 hours)"),
        (WINDOWS[2], "", " – 많이 본 뉴스 (7일)", " – Most read (7 days)"),
        (
            Feed(SECTION, "sections/지역/most-read", "24h"),
            "지역",
            " – 지역 – 많이 본 뉴스",
            " – 지역 – Most read",
        ),
        (RISES, "", " – 지금 뜨는 뉴스", " – Rising"),
        (NAMED_LIKE_A_RANKING, "Most Read", " – Most Read", " – Most Read"),
    ],
)
def test_a_title_names_the_paper_and_the_feed(
    feed: Feed, name: str, korean: str, english: str
) -> None:
    assert channel_of(feed, name, "rss", CONFIG).title == f"관악뉴스{korean}"
    assert channel_of(feed, name, "rss", ENGLISH).title == f"The Gwanak Times{english}"


@pytest.mark.parametrize("config", [CONFIG, ENGLISH, JAPANESE], ids=["ko", "en", "ja"])
def test_every_feed_says_in_a_sentence_of_its_own_what_it_is(config: Config) -> None:
    feeds = [feed for term in (LATEST, SECTION, AUTHOR, TAG) for feed in feeds_of(term, config)]
    found = {
        (feed.term, feed.window): channel_of(feed, feed.term.slug, "rss", config).description
        for feed in feeds
    }
    assert len(set(found.values())) == len(found) == 10
    for (term, _), sentence in found.items():
        assert sentence.endswith("。" if config is JAPANESE else ".")
        assert config.site.title in sentence
        assert term.slug in sentence


@pytest.mark.parametrize(
    ("window", "basis", "korean", "english"),
    [
        ("24h", "24h", ("최근 24시간",), ("the last 24 hours",)),
        (
            "3h",
            "7d",
            ("최근 3시간", "적어", "최근 7일"),
            ("Too few", "the last 3 hours", "the last 7 days"),
        ),
        (
            "7d",
            EVER,
            ("최근 7일", "적어", "집계를 시작하기 전"),
            ("Too few", "the last 7 days", "before this count began"),
        ),
    ],
)
def test_a_most_read_feed_says_what_was_counted_and_how(
    window: str, basis: str, korean: tuple[str, ...], english: tuple[str, ...]
) -> None:
    feed = Feed(LATEST, f"most-read/{window}", window)
    for config, parts in (
        (CONFIG, ("관악뉴스", *korean, "하루에 한 번만", "로봇")),
        (ENGLISH, ("The Gwanak Times", *english, "once a day", "robots")),
    ):
        description = channel_of(feed, "", "rss", config, basis).description
        assert [part for part in parts if part not in description] == []
        assert ("적어" in description or "Too few" in description) == (basis != window)


@pytest.mark.parametrize(
    ("config", "parts"),
    [
        (CONFIG, ("관악뉴스", "최근 3시간", "평소보다", "같은 요일", "하루에 한 번만")),
        (ENGLISH, ("The Gwanak Times", "last 3 hours", "usual", "of the week", "once a day")),
    ],
    ids=["ko", "en"],
)
def test_the_rising_feed_says_what_was_compared_and_how(
    config: Config, parts: tuple[str, ...]
) -> None:
    description = channel_of(RISES, "", "rss", config, RISING).description
    assert [part for part in parts if part not in description] == []


def test_addresses_are_percent_encoded_and_only_that_of_itself_differs_between_formats() -> None:
    rss, atom = (channel_of(OF_SECTION, "지역", one, CONFIG) for one in ("rss", "atom"))
    encoded = "%EC%A7%80%EC%97%AD"
    assert atom.self_url == f"{SITE}/feeds/sections/{encoded}.atom"
    assert atom.link == f"{SITE}/sections/{encoded}"
    assert atom.id == f"tag:www.news.example,2001:feeds/sections/{encoded}"
    assert replace(atom, self_url=f"{SITE}/feeds/sections/{encoded}.rss") == rss


@pytest.mark.parametrize("feed", [PAPER, OF_SECTION, RISES])
def test_a_channel_is_by_the_paper_in_its_language_and_never_dated_now(feed: Feed) -> None:
    channel = channel_of(feed, feed.term.slug, "rss", CONFIG)
    assert (channel.author, channel.language) == ("관악뉴스", "ko")
    assert channel.updated.isoformat() == "2001-01-01T09:00:00+09:00"


def test_a_channel_has_the_papers_pictures() -> None:
    config = configured(site={"icon": "/icon.png", "logo": "https://cdn.example/logo.png"})
    channel = channel_of(PAPER, "", "rss", config)
    assert (channel.icon, channel.logo) == (f"{SITE}/icon.png", "https://cdn.example/logo.png")


@pytest.mark.parametrize(
    ("feed", "ranked"),
    [
        (PAPER, False),
        (Feed(LATEST, "most-read", "24h"), True),
        (RISES, True),
        (NAMED_LIKE_A_RANKING, False),
    ],
)
def test_a_channel_says_whether_its_order_is_a_rank(feed: Feed, *, ranked: bool) -> None:
    assert channel_of(feed, "", "rss", CONFIG).ranked is ranked


@pytest.mark.parametrize(
    ("hub", "links"),
    [
        ("none", []),
        ("built-in", [f"{SITE}/hub"]),
        ("https://hub.example/", ["https://hub.example/"]),
        (["https://a.example", "built-in"], [f"{SITE}/hub", "https://a.example"]),
    ],
)
def test_a_channel_names_the_hubs_that_the_paper_uses(hub: object, links: list[str]) -> None:
    config = configured(websub={"hub": hub})
    assert channel_of(PAPER, "", "rss", config).links == tuple(Link("hub", url) for url in links)


def test_a_paper_may_live_below_a_path() -> None:
    site = "https://www.city.example:8443/paper"
    config = configured(site={"url": site})
    assert document_url("latest.rss", config) == f"{site}/feeds/latest.rss"
    assert folder_url("tag", config) == f"{site}/feeds/tags/"
    assert page_url(LATEST, config) == f"{site}/"
    assert article_url(article("a/1"), config) == f"{site}/articles/a%2F1"
    assert authority(config) == "www.city.example"


@pytest.mark.parametrize(
    ("term", "page"),
    [
        (LATEST, "/"),
        (AUTHOR, f"/authors/{quote('김민수')}"),
        (TAG, f"/tags/{quote('관악산')}"),
        (Term("section", "r-d"), "/sections/r-d"),
    ],
)
def test_a_feed_has_a_page_for_people(term: Term, page: str) -> None:
    assert page_url(term, CONFIG) == SITE + page
