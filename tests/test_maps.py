"""Sitemaps, robots.txt and OPML: what they name, and that the check finds what is wrong in them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.robotparser import RobotFileParser

import pytest

from feeds.config import Config
from feeds.formats import render_opml, render_robots, render_sitemap, render_sitemap_index
from feeds.gate import render_checked
from feeds.model import Article
from feeds.pages import Pages
from feeds.rendition import Draft
from feeds.site import Location, News, Outline
from feeds.store import Store, headlines
from feeds.verify.maps import verify_opml, verify_robots, verify_sitemap
from tests.formats.xml import parse, texts
from tests.paper import settings
from tests.store.samples import NOW, article, save

SITE = "https://www.news.example"
AT = datetime(2026, 3, 2, tzinfo=UTC)
PLAIN = Location(f"{SITE}/articles/a&b", AT)
NEWS = replace(PLAIN, news=News("관악뉴스", "ko", AT, "제목 <1> & “2”"))
LOCAL = Outline("지역", f"{SITE}/feeds/sections/지역.rss", f"{SITE}/sections/지역", "ko", "지면")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return settings(tmp_path)


def drafted(path: str, store: Store, config: Config, now: datetime) -> Draft | None:
    found = Pages(store, config).find(path, now)
    assert found is None or isinstance(found, Draft)
    return found


def made(draft: Draft | None) -> bytes:
    """Write a draft, which must pass its check."""
    assert draft
    return render_checked(draft.write, draft.check)[0]


def locations(draft: Draft | None) -> list[str]:
    """Give the addresses in a sitemap."""
    return [text.removeprefix(SITE) for text in texts(parse(made(draft)), ".//{*}loc")]


def test_sitemaps_name_the_articles_that_readers_may_see_on_the_papers_own_host(
    store: Store, config: Config
) -> None:
    save(
        store,
        article("old/뉴스", minutes=90),
        article("own", minutes=80, url=f"{SITE}/news/1?a=1&b=2"),
        article("http", minutes=70, url="http://www.news.example/news/2"),
        article("elsewhere", url="https://blog.example/1"),
        article("look-alike", url=f"{SITE}.evil.example/1"),
        article("withdrawn", status="withdrawn"),
        article("embargoed", minutes=-1),
    )
    listed = ["/articles/old%2F%EB%89%B4%EC%8A%A4", "/news/1?a=1&b=2"]
    listed.append("http://www.news.example/news/2")
    assert locations(drafted("/sitemaps/1.xml", store, config, NOW)) == listed
    assert locations(drafted("/news-sitemap.xml", store, config, NOW)) == listed[::-1]
    assert locations(drafted("/sitemap.xml", store, config, NOW)) == ["/sitemaps/1.xml"]
    later = NOW + timedelta(minutes=1)
    assert len(locations(drafted("/sitemaps/1.xml", store, config, later))) == 4


def test_news_only_change_the_last_sitemap(
    store: Store, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(headlines, "PART", 2)

    def files() -> list[bytes]:
        drafts = (drafted(f"/sitemaps/{number}.xml", store, config, NOW) for number in range(1, 5))
        return [made(draft) for draft in drafts if draft]

    save(store, *(article(str(n), minutes=90 - n) for n in range(5)))
    before = files()
    save(store, article("5", minutes=10), article("6", url="https://blog.example/6", minutes=9))
    assert [
        len(locations(drafted(f"/sitemaps/{n}.xml", store, config, NOW))) for n in (1, 2, 3)
    ] == [2, 2, 2]
    assert before[:2] == files()[:2]
    assert drafted("/sitemaps/4.xml", store, config, NOW) is None
    index = drafted("/sitemap.xml", store, config, NOW)
    assert locations(index) == ["/sitemaps/1.xml", "/sitemaps/2.xml", "/sitemaps/3.xml"]
    source = index.source
    save(store, article("0", minutes=90, updated=NOW))
    index = drafted("/sitemap.xml", store, config, NOW)
    assert index.source != source
    dates = texts(parse(made(index)), ".//{*}lastmod")
    assert [datetime.fromisoformat(date) == NOW for date in dates] == [True, False, False]


@pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemaps/1.xml", "/news-sitemap.xml"])
def test_equal_articles_give_equal_maps(store: Store, config: Config, path: str) -> None:
    save(store, article())
    one, other = (drafted(path, store, config, at) for at in (NOW, NOW + timedelta(hours=1)))
    assert (one.source, made(one)) == (other.source, made(other))


def test_google_news_gets_the_newest_of_two_days(store: Store, config: Config) -> None:
    days = 2 * 24 * 60
    many = (article(str(n), minutes=days - n) for n in range(1002))
    save(store, article("old", minutes=days + 1), *many)
    draft = drafted("/news-sitemap.xml", store, config, NOW)
    assert locations(draft) == [f"/articles/{n}" for n in range(1001, 1, -1)]
    news = parse(made(draft)).find(".//{*}news")
    assert news is not None
    assert [each.text for each in news.iter() if each.text and each.text.strip()] == [
        *("관악뉴스", "ko", "2026-02-28T16:41:00+00:00", "제목 1001")
    ]


@pytest.mark.parametrize(
    ("tag", "code"),
    [("ko-KR", "ko"), ("en", "en"), ("zh", "zh-cn"), ("zh-Hant-HK", "zh-tw"), ("zh-TW", "zh-tw")],
)
def test_google_news_has_its_own_codes_of_languages(
    store: Store, tmp_path: Path, tag: str, code: str
) -> None:
    save(store, article())
    draft = drafted("/news-sitemap.xml", store, settings(tmp_path, site={"language": tag}), NOW)
    assert texts(parse(made(draft)), ".//{*}language") == [code]


def test_an_article_of_the_19th_century_has_a_w3c_date(store: Store, config: Config) -> None:
    at = datetime(1900, 1, 2, tzinfo=UTC)
    save(store, Article("1", "제목", at, at))
    draft = drafted("/sitemaps/1.xml", store, config, NOW)
    assert texts(parse(made(draft)), ".//{*}lastmod") == ["1900-01-02T00:00:00+00:00"]


def test_robots_may_read_all_but_what_is_for_machines_and_staff(
    store: Store, tmp_path: Path
) -> None:
    draft = drafted("/robots.txt", store, settings(tmp_path, url=f"{SITE}/paper"), NOW)
    robot = RobotFileParser()
    robot.parse(made(draft).decode().splitlines())
    assert robot.site_maps() == [f"{SITE}/paper/sitemap.xml", f"{SITE}/paper/news-sitemap.xml"]
    closed = ["/staff", "/staff/articles", "/api/articles/1", "/views/1", "/hub"]
    assert not [path for path in closed if robot.can_fetch("*", f"/paper{path}")]
    for path in ("/", "/articles/1", "/feeds/latest.rss", "/sections/views", "/sitemaps/1.xml"):
        assert robot.can_fetch("*", f"/paper{path}")


def opml(body: bytes) -> list[str]:
    return [each.field for each in verify_opml(body, "피드", [LOCAL])]


def sitemap(*expected: Location, body: bytes | None = None) -> list[str]:
    body = render_sitemap([NEWS]) if body is None else body
    return [each.field for each in verify_sitemap(body, expected)]


def robots(body: bytes) -> list[str]:
    return [each.field for each in verify_robots(body, ["/hub"], [f"{SITE}/sitemap.xml"])]


OPML = render_opml("피드", [LOCAL])
ROBOTS = render_robots(["/hub"], [f"{SITE}/sitemap.xml"])


@pytest.mark.parametrize(
    ("check", "fields"),
    [
        (lambda: sitemap(NEWS), []),
        (lambda: sitemap(PLAIN, body=render_sitemap_index([PLAIN])), []),
        (lambda: sitemap(PLAIN), ["location"]),
        (sitemap, ["location"]),
        (lambda: sitemap(NEWS, PLAIN), ["location"]),
        (lambda: sitemap(replace(NEWS, url=SITE)), ["location"]),
        (lambda: sitemap(NEWS, body=b"<urlset>"), ["document"]),
        (
            lambda: sitemap(NEWS, body=render_sitemap([NEWS]).replace(b"2026-03-02T", b"2.3.")),
            ["document"],
        ),
        (lambda: sitemap(NEWS, body=render_sitemap([NEWS]) + b" " * (50 * 1024 * 1024)), ["bytes"]),
        (lambda: sitemap(*[PLAIN] * 50_001, body=render_sitemap([PLAIN] * 50_001)), ["locations"]),
        (lambda: sitemap(*[NEWS] * 1001, body=render_sitemap([NEWS] * 1001)), ["news"]),
        (lambda: robots(ROBOTS), []),
        (lambda: robots(ROBOTS.replace(b"/hub", b"/api")), ["disallowed, but open"]),
        (lambda: robots(ROBOTS.replace(b"/hub", b"/")), ["allowed, but closed"]),
        (lambda: robots(ROBOTS.replace(b"sitemap.xml", b"map.xml")), ["sitemaps"]),
        (lambda: opml(OPML), []),
        (lambda: opml(render_opml("피드", [replace(LOCAL, group="")])), ["feed"]),
        (lambda: opml(render_opml("피드", [replace(LOCAL, text="경제")])), ["feed"]),
        (lambda: opml(OPML.replace("피드".encode(), b"")), ["title"]),
        (lambda: opml(b"<opml"), ["document"]),
    ],
)
def test_the_check_finds_what_differs(check: Callable[[], list[str]], fields: list[str]) -> None:
    assert check() == fields
