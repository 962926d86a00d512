import pytest

from feeds.catalog import (
    RISING,
    Contents,
    Feed,
    article_url,
    authority,
    channel_of,
    contents_of,
    document_url,
    feeds_of,
    folder_url,
    page_url,
)
from feeds.config import Config
from feeds.model import LATEST, Link, Ranking, Term
from feeds.ranking import EVER
from feeds.store import Store
from tests.newsroom import CONFIG, SITE, configured
from tests.store.samples import NOW, article, save

ENGLISH = configured(site={"title": "The Gwanak Times", "language": "en-GB"})
SECTION, AUTHOR, TAG = Term("section", "지역"), Term("author", "김민수"), Term("tag", "관악산")
WINDOWS = [Feed(LATEST, f"most-read/{window}", window) for window in ("3h", "24h", "7d", "30d")]
RISES = Feed(LATEST, "rising", RISING)


@pytest.mark.parametrize(
    ("term", "feeds"),
    [
        (LATEST, [Feed(LATEST, "latest"), Feed(LATEST, "most-read", "24h"), *WINDOWS, RISES]),
        (
            SECTION,
            [Feed(SECTION, "sections/지역"), Feed(SECTION, "sections/지역/most-read", "24h")],
        ),
        (AUTHOR, [Feed(AUTHOR, "authors/김민수")]),
        (TAG, [Feed(TAG, "tags/관악산")]),
    ],
)
def test_a_term_has_these_feeds(term: Term, feeds: list[Feed]) -> None:
    assert list(feeds_of(term, CONFIG)) == feeds


def test_the_papers_own_windows_have_feeds() -> None:
    config = configured(most_read={"windows": ("6h", "2d"), "default": "2d"})
    assert [(feed.path, feed.window) for feed in feeds_of(LATEST, config)] == [
        ("latest", None),
        ("most-read", "2d"),
        ("most-read/6h", "6h"),
        ("most-read/2d", "2d"),
        ("rising", RISING),
    ]


@pytest.mark.parametrize(
    ("feed", "name", "korean", "english"),
    [
        (Feed(LATEST, "latest"), "", "관악뉴스", "The Gwanak Times"),
        (Feed(SECTION, "sections/지역"), "지역", "관악뉴스 – 지역", "The Gwanak Times – 지역"),
        (
            Feed(AUTHOR, "authors/김민수"),
            "김민수",
            "관악뉴스 – 김민수",
            "The Gwanak Times – 김민수",
        ),
        (
            Feed(LATEST, "most-read", "24h"),
            "",
            "관악뉴스 – 많이 본 뉴스",
            "The Gwanak Times – Most read",
        ),
        (
            Feed(LATEST, "most-read/3h", "3h"),
            "",
            "관악뉴스 – 많이 본 뉴스 (3시간)",
            "The Gwanak Times – Most read (3 hours)",
        ),
        (
            Feed(LATEST, "most-read/7d", "7d"),
            "",
            "관악뉴스 – 많이 본 뉴스 (7일)",
            "The Gwanak Times – Most read (7 days)",
        ),
        (
            Feed(SECTION, "sections/지역/most-read", "24h"),
            "지역",
            "관악뉴스 – 지역 – 많이 본 뉴스",
            "The Gwanak Times – 지역 – Most read",
        ),
        (RISES, "", "관악뉴스 – 지금 뜨는 뉴스", "The Gwanak Times – Rising"),
        (
            Feed(Term("tag", "most-read"), "tags/most-read"),
            "Most Read",
            "관악뉴스 – Most Read",
            "The Gwanak Times – Most Read",
        ),
    ],
)
def test_a_title_names_the_paper_and_the_feed(
    feed: Feed, name: str, korean: str, english: str
) -> None:
    assert channel_of(feed, name, "rss", CONFIG).title == korean
    assert channel_of(feed, name, "rss", ENGLISH).title == english


@pytest.mark.parametrize("config", [CONFIG, ENGLISH], ids=["ko", "en"])
def test_every_feed_says_in_a_sentence_of_its_own_what_it_is(config: Config) -> None:
    feeds = [feed for term in (LATEST, SECTION, AUTHOR, TAG) for feed in feeds_of(term, config)]
    found = {
        (feed.term, feed.window): channel_of(feed, feed.term.slug, "rss", config).description
        for feed in feeds
    }
    assert len(set(found.values())) == len(found) == 10
    for (term, _), sentence in found.items():
        assert sentence.endswith(".")
        assert config.site.title in sentence
        assert term.slug in sentence


METHOD_KO = "한 독자는 기사마다 하루에 한 번만 세며, 로봇과 새로 고침은 세지 않습니다."
METHOD_EN = "A reader counts once a day for each article; robots and reloads do not count."


@pytest.mark.parametrize(
    ("window", "basis", "korean", "english"),
    [
        (
            "24h",
            "24h",
            "최근 24시간 동안의 독자 수로 정합니다.",
            "Ranked by readers in the last 24 hours.",
        ),
        (
            "3h",
            "7d",
            "최근 3시간 동안 읽힌 기사가 적어 최근 7일의 독자 수로 정합니다.",
            "Too few articles were read in the last 3 hours; ranked by readers in the last 7 days.",
        ),
        (
            "7d",
            EVER,
            (
                "최근 7일 동안 읽힌 기사가 적어 더 긴 기간의 독자 수에 이 집계를 시작하기 전의"
                " 독자 수를 더해 정합니다."
            ),
            (
                "Too few articles were read in the last 7 days; ranked by readers over a longer"
                " time, including those from before this count began."
            ),
        ),
    ],
)
def test_a_most_read_feed_says_what_was_counted_and_how(
    window: str, basis: str, korean: str, english: str
) -> None:
    feed = Feed(LATEST, f"most-read/{window}", window)
    assert channel_of(feed, "", "rss", CONFIG, basis).description == (
        f"관악뉴스에서 독자가 많이 본 순서대로 모은 기사입니다. {korean} {METHOD_KO}"
    )
    assert channel_of(feed, "", "rss", ENGLISH, basis).description == (
        f"The most read articles of The Gwanak Times, by number of readers. {english} {METHOD_EN}"
    )


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


def test_addresses_are_percent_encoded() -> None:
    channel = channel_of(Feed(SECTION, "sections/지역"), "지역", "atom", CONFIG)
    encoded = "%EC%A7%80%EC%97%AD"
    assert channel.self_url == f"{SITE}/feeds/sections/{encoded}.atom"
    assert channel.link == f"{SITE}/sections/{encoded}"
    assert channel.id == f"tag:www.news.example,2001:feeds/sections/{encoded}"


def test_only_the_address_of_itself_differs_between_formats() -> None:
    feed = Feed(LATEST, "latest")
    rss, atom = (channel_of(feed, "", extension, CONFIG) for extension in ("rss", "atom"))
    assert (rss.id, rss.title, rss.link) == (atom.id, atom.title, atom.link)
    assert (rss.self_url, atom.self_url) == (
        f"{SITE}/feeds/latest.rss",
        f"{SITE}/feeds/latest.atom",
    )


def test_a_channel_is_in_the_papers_language_and_never_dated_now() -> None:
    channel = channel_of(Feed(LATEST, "latest"), "", "rss", CONFIG)
    assert (channel.language, channel.updated.isoformat()) == ("ko", "2001-01-01T09:00:00+09:00")


@pytest.mark.parametrize("feed", [Feed(LATEST, "latest"), Feed(SECTION, "sections/지역"), RISES])
def test_every_feed_is_by_the_paper(feed: Feed) -> None:
    assert channel_of(feed, feed.term.slug, "atom", CONFIG).author == "관악뉴스"


def test_a_channel_has_the_papers_pictures() -> None:
    config = configured(site={"icon": "/icon.png", "logo": "https://cdn.example/logo.png"})
    channel = channel_of(Feed(LATEST, "latest"), "", "rss", config)
    assert (channel.icon, channel.logo) == (f"{SITE}/icon.png", "https://cdn.example/logo.png")


@pytest.mark.parametrize(
    ("feed", "ranked"),
    [
        (Feed(LATEST, "latest"), False),
        (Feed(LATEST, "most-read", "24h"), True),
        (RISES, True),
        (Feed(Term("tag", "most-read"), "tags/most-read"), False),
    ],
)
def test_a_channel_says_whether_its_order_is_a_rank(feed: Feed, *, ranked: bool) -> None:
    assert channel_of(feed, "", "rss", CONFIG).ranked is ranked


@pytest.mark.parametrize(
    ("hub", "links"),
    [
        ("none", ()),
        ("built-in", ()),
        ("https://hub.example/", (Link("hub", "https://hub.example/"),)),
    ],
)
def test_a_channel_names_the_hub_that_the_paper_uses(hub: str, links: tuple[Link, ...]) -> None:
    config = configured(websub={"hub": hub})
    assert channel_of(Feed(LATEST, "latest"), "", "rss", config).links == links


def test_a_paper_may_live_below_a_path() -> None:
    config = configured(site={"url": "https://www.city.example:8443/paper"})
    assert (
        document_url("latest.rss", config) == "https://www.city.example:8443/paper/feeds/latest.rss"
    )
    assert folder_url("tag", config) == "https://www.city.example:8443/paper/feeds/tags/"
    assert page_url(LATEST, config) == "https://www.city.example:8443/paper/"
    assert (
        article_url(article("a/1"), config) == "https://www.city.example:8443/paper/articles/a%2F1"
    )
    assert authority(config) == "www.city.example"


@pytest.mark.parametrize(
    ("term", "page"),
    [(LATEST, "/"), (AUTHOR, "/"), (TAG, "/"), (Term("section", "r-d"), "/sections/r-d")],
)
def test_a_feed_has_a_page_for_people(term: Term, page: str) -> None:
    assert page_url(term, CONFIG) == SITE + page


def found(feed: Feed, store: Store, config: Config = CONFIG) -> list[str]:
    return [one.id for one in contents_of(feed, store, config, NOW).articles]


def test_a_feed_has_the_newest_articles_up_to_its_limit(store: Store) -> None:
    save(store, *(article(str(n), minutes=n) for n in range(5)))
    config = configured(feeds={"limit": 3})
    assert found(Feed(LATEST, "latest"), store, config) == ["0", "1", "2"]


def ranked(store: Store, *ids: str, term: Term = LATEST, basis: str = "24h") -> Feed:
    """Give a most-read feed that was ranked so."""
    store.rankings.save(term, "24h", Ranking(ids, basis), "", touching=False)
    return Feed(term, "x", "24h")


def test_a_ranked_feed_has_the_order_it_was_last_given(store: Store) -> None:
    save(store, *(article(str(n), minutes=n) for n in range(4)))
    assert found(ranked(store, "2", "0", "3"), store) == ["2", "0", "3"]
    assert found(ranked(store, "3", "2"), store) == ["3", "2"]


def test_a_feed_tells_which_window_was_counted(store: Store) -> None:
    save(store, article("1"))
    assert contents_of(Feed(LATEST, "latest"), store, CONFIG, NOW).basis is None
    assert contents_of(ranked(store, "1", basis="7d"), store, CONFIG, NOW).basis == "7d"


@pytest.mark.parametrize("window", ["24h", RISING])
def test_a_feed_that_was_never_ranked_is_empty(store: Store, window: str) -> None:
    save(store, article("1", views=9))
    feed = Feed(LATEST, "x", window)
    assert contents_of(feed, store, CONFIG, NOW) == Contents((), window)


def test_each_term_and_window_has_an_order_of_its_own(store: Store) -> None:
    save(store, *(article(name, sections=("지역",)) for name in "ab"))
    of_paper, of_section = ranked(store, "a", "b"), ranked(store, "b", "a", term=SECTION)
    assert found(of_paper, store) == ["a", "b"]
    assert found(of_section, store) == ["b", "a"]
    assert found(Feed(LATEST, "x", "7d"), store) == []


def test_an_embargoed_article_is_in_no_feed(store: Store) -> None:
    save(store, article("now", minutes=0), article("later", minutes=-1))
    assert found(Feed(LATEST, "latest"), store) == ["now"]
    assert found(ranked(store, "later", "now"), store) == ["now"]


def test_a_withdrawn_or_unknown_article_is_in_no_feed(store: Store) -> None:
    save(store, article("live"), article("gone", status="withdrawn"))
    assert found(Feed(LATEST, "latest"), store) == ["live"]
    assert found(ranked(store, "gone", "live", "never there"), store) == ["live"]
