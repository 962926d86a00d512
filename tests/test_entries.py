"""Entries of articles, and the contents of feeds."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from feeds.catalog import RISING, Feed
from feeds.config import Config
from feeds.entries import Contents, body_of, contents_of, entry_of
from feeds.errors import ArticleError
from feeds.model import LATEST, Attachment, Author, Category, Entry, Image, Term
from feeds.ranking import Ranking
from feeds.store import Store
from tests.newsroom import CONFIG, SITE, configured
from tests.store.samples import FULL, NOW, article, save

SUMMARIES = configured(feeds={"content": "summary"})
LONG = "<p>" + "봄이 온 둘레길을 걷다 " * 40 + "</p>"


def entry(config: Config = CONFIG, **fields: Any) -> Entry:
    return entry_of(article(**fields), config)


@pytest.mark.parametrize(
    ("fields", "summary"),
    [
        pytest.param({"summary": "요약", "body_text": "본문"}, "요약", id="its own"),
        pytest.param({"body_text": "본문\n첫 줄\n\n둘"}, "본문 첫 줄 둘", id="plain body"),
        pytest.param({"body_html": "<p>R&amp;D</p>"}, "R&D", id="HTML body"),
        pytest.param({"body_html": "<img src=/a.jpg>", "subtitle": "부제"}, "부제", id="subtitle"),
        pytest.param({"body_html": "<script>x()</script>"}, "제목 1", id="title"),
        pytest.param({}, "제목 1", id="nothing else"),
        pytest.param(
            {"summary": "<p>가 &hellip; <b>나</b></p>"}, "가 … 나", id="words of elements"
        ),
        pytest.param({"summary": "A < B &amp; <기생충>"}, "A < B &amp; <기생충>", id="no elements"),
        pytest.param({"summary": "<p><br></p>", "body_text": "본문"}, "본문", id="no words"),
    ],
)
def test_a_summary_is_found_in_any_case(fields: dict[str, Any], summary: str) -> None:
    assert entry(**fields).summary == summary


def test_a_summary_of_the_body_is_short_and_does_not_begin_with_the_subtitle() -> None:
    found = entry(body_html=LONG, subtitle="부제").summary
    assert found.startswith("봄이 온")
    assert found.endswith("…")
    assert len(found) <= 200


@pytest.mark.parametrize(
    ("fields", "content"),
    [
        ({"body_text": "가\n\n나"}, "<p>가</p>\n<p>나</p>"),
        ({"body_text": "가", "subtitle": "R&D"}, "<h2>R&amp;D</h2>\n<p>가</p>"),
        ({"body_html": "<p>가</p><script>x()</script>"}, "<p>가</p>"),
        ({"subtitle": "부제"}, "<h2>부제</h2>"),
        ({"body_html": "<script>x()</script>"}, None),
        ({}, None),
    ],
)
def test_content_is_the_safe_body_below_the_subtitle(
    fields: dict[str, Any], content: str | None
) -> None:
    assert entry(**fields).content == content


def test_a_paper_that_sends_summaries_only_sends_no_content() -> None:
    found = entry(SUMMARIES, body_text="본문", subtitle="부제")
    assert (found.content, found.summary, found.subtitle) == (None, "본문", "부제")


def test_addresses_in_a_body_are_relative_to_the_article() -> None:
    html = '<a href="b">가</a>'
    assert body_of(article(body_html=html, url="https://other.example/x/1"), CONFIG) == (
        '<a href="https://other.example/x/b">가</a>'
    )
    assert body_of(article("7", body_html=html), CONFIG) == f'<a href="{SITE}/articles/b">가</a>'


def test_players_stay_in_a_body_if_the_paper_names_them() -> None:
    html = '<iframe src="https://player.example/1"></iframe>'
    named = configured(feeds={"iframe_hosts": ("player.example",)})
    assert entry(body_html=html).content is None
    assert entry(named, body_html=html).content == html


def test_the_cmss_id_of_an_author_stays_inside() -> None:
    author = Author("김민수", "desk@news.example", f"{SITE}/people/1", id="17")
    assert entry(authors=(author,)).authors == (replace(author, id=None),)


def test_sections_and_tags_are_categories_below_their_feeds() -> None:
    found = entry(sections=("지역",), tags=("관악산", "지역"))
    assert found.categories == (
        Category("지역", f"{SITE}/feeds/sections/"),
        Category("관악산", f"{SITE}/feeds/tags/"),
        Category("지역", f"{SITE}/feeds/tags/"),
    )


def test_a_category_has_no_comma_that_a_reader_would_split_it_at() -> None:
    assert [c.term for c in entry(tags=("돈, 시간", "1,000원")).categories] == [
        "돈， 시간",
        "1，000원",
    ]


@pytest.mark.parametrize(
    ("url", "media_type"),
    [
        ("https://n.example/a.jpg", "image/jpeg"),
        ("https://n.example/a.JPEG", "image/jpeg"),
        ("https://n.example/a.png?w=640&f=a.gif", "image/png"),
        ("https://n.example/a.webp#top", "image/webp"),
        ("https://n.example/a.avif", "image/avif"),
        ("https://n.example/a.svg", "image/svg+xml"),
        ("https://n.example/a.gif", "image/gif"),
        ("https://n.example/image.php?id=1.jpg", None),
        ("https://n.example/jpg", None),
        ("https://n.example", None),
    ],
)
def test_a_pictures_type_is_read_off_its_address(url: str, media_type: str | None) -> None:
    found = entry(image=Image(url, width=640)).image
    assert found == Image(url, media_type, width=640)


def test_a_picture_of_the_papers_own_site_is_where_the_paper_is() -> None:
    for site in (SITE, "http://127.0.0.1:9304"):
        found = entry(configured(site={"url": site}), image=Image("/i/1.jpg")).image
        assert found == Image(f"{site}/i/1.jpg", "image/jpeg")


def test_an_attachment_is_where_the_paper_is_and_a_length_of_zero_is_unknown() -> None:
    given = (Attachment("/a.mp3", "audio/mpeg", 0, "듣기", 0),)
    expected = (Attachment(f"{SITE}/a.mp3", "audio/mpeg", title="듣기"),)
    assert entry(attachments=given).attachments == expected


def test_a_pictures_own_type_counts_more_than_its_address_and_a_size_of_zero_is_unknown() -> None:
    image = Image("https://n.example/a.jpg", "image/webp")
    assert entry(image=replace(image, length=0, width=0, height=0)).image == image


OTHER = "https://other.example/news/articleView.html?idxno=1&b=2"


@pytest.mark.parametrize(
    ("fields", "link"),
    [
        ({"article_id": "1001"}, f"{SITE}/articles/1001"),
        ({"article_id": "../x?y#z"}, f"{SITE}/articles/..%2Fx%3Fy%23z"),
        ({"article_id": "100%+b&c"}, f"{SITE}/articles/100%25%2Bb%26c"),
        ({"article_id": "기사:1"}, f"{SITE}/articles/%EA%B8%B0%EC%82%AC%3A1"),
        ({"url": OTHER}, OTHER),
    ],
)
def test_an_article_has_its_own_address_or_a_page_here(fields: dict[str, str], link: str) -> None:
    assert entry(**fields).link == link


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2018, 1, 23, 6, 26, 43, tzinfo=UTC), "2018-01-23T15:26:43+09:00"),
        (datetime(1908, 7, 18, tzinfo=UTC), "1908-07-18T08:30:00+08:30"),
        # The zone was not whole minutes away from UTC yet.
        (datetime(1904, 7, 18, tzinfo=UTC), "1904-07-18T00:00:00+00:00"),
    ],
)
def test_dates_are_in_the_papers_time_zone_where_a_feed_can_write_it(
    at: datetime, expected: str
) -> None:
    found = entry(published=at, updated=at)
    assert (found.published.isoformat(), found.updated.isoformat()) == (expected, expected)


def test_an_entry_has_the_fields_of_its_article() -> None:
    guid = "tag:old.example,2001-01-01:1"
    found = entry_of(replace(FULL, guid=guid), CONFIG)
    same = "title published updated subtitle summary authors image language comments"
    for field in same.split():
        assert getattr(found, field) == getattr(FULL, field)
    assert (found.article_id, found.id, found.link) == (FULL.id, guid, FULL.url)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"body_html": "<div>" * 2047 + "가"}, "body_html: more than 1000 elements are open"),
        (
            {"body_html": "&" * 50_001},
            "body_html: it has more than 50000 am",
        ),
        ({"body_html": "<p>가</p><text>나</text>"}, "body_html: 1 of its 2 letters are lost"),
        ({"body_html": "<p>" + "가" * 349_600}, "body: it is larger than 1024 kB"),
        ({"body_text": "&" * 300_000}, "body: it is larger than 1024 kB"),
        ({"summary": "<b>" * 2000}, "summary: more than 1000 elements are open"),
    ],
)
def test_an_article_past_a_bound_is_refused_with_the_reason(
    fields: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ArticleError, match=reason):
        entry(**fields)


def test_how_large_a_body_may_be_is_set_by_the_paper() -> None:
    config = configured(feeds={"article_kb": 1})
    assert body_of(article(body_text="a" * 1000), config) == f"<p>{'a' * 1000}</p>"
    with pytest.raises(
        ArticleError, match=r"larger than 1 kB; shorten it, or raise feeds\.article_kb"
    ):
        body_of(article(body_text="a" * 1024), config)


PAPER = Feed(LATEST, "latest")


def found(feed: Feed, store: Store, config: Config = CONFIG) -> list[str]:
    return [one.article_id for one in contents_of(feed, store, config, NOW).entries]


def ranked(store: Store, *ids: str, term: Term = LATEST, basis: str = "24h") -> Feed:
    """Give a most-read feed that was ranked so."""
    store.rankings.save(term, "24h", Ranking(ids, basis), "", touching=False)
    return Feed(term, "x", "24h")


def test_a_feed_has_the_newest_articles_up_to_its_limit(store: Store) -> None:
    save(store, *(article(str(n), minutes=n) for n in range(5)))
    config = configured(feeds={"limit": 3})
    assert found(PAPER, store, config) == ["0", "1", "2"]
    assert {one.rank for one in contents_of(PAPER, store, config, NOW).entries} == {None}


def test_a_ranked_feed_has_the_order_and_the_basis_of_its_last_ranking(store: Store) -> None:
    save(store, *(article(str(n), minutes=n) for n in range(4)))
    ranked(store, "2", "0", "3")
    contents = contents_of(ranked(store, "3", "2", basis="7d"), store, CONFIG, NOW)
    assert [(one.article_id, one.rank) for one in contents.entries] == [("3", 1), ("2", 2)]
    assert contents.basis == "7d"
    assert contents_of(PAPER, store, CONFIG, NOW).basis is None


@pytest.mark.parametrize("window", ["24h", RISING])
def test_a_feed_that_was_never_ranked_is_empty(store: Store, window: str) -> None:
    save(store, article("1", views=9))
    contents = contents_of(Feed(LATEST, "x", window), store, CONFIG, NOW)
    assert contents == Contents([], {}, window)


def test_each_term_and_window_has_an_order_of_its_own(store: Store) -> None:
    save(store, *(article(name, sections=("지역",)) for name in "ab"))
    of_paper = ranked(store, "a", "b")
    of_section = ranked(store, "b", "a", term=Term("section", "지역"))
    assert found(of_paper, store) == ["a", "b"]
    assert found(of_section, store) == ["b", "a"]
    assert found(Feed(LATEST, "x", "7d"), store) == []


def test_an_embargoed_withdrawn_or_unknown_article_is_in_no_feed(store: Store) -> None:
    save(store, article("now", minutes=0), article("later", minutes=-1))
    save(store, article("gone", status="withdrawn"))
    assert found(PAPER, store) == ["now"]
    assert found(ranked(store, "later", "gone", "now", "never there"), store) == ["now"]
