"""People read pages in Chromium: with and without scripts, by keyboard, on paper."""

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import feedparser
import pytest
from playwright.sync_api import Browser, Page, expect

from feeds.formats import FORMATS
from tests.pages.test_quality import PAGES
from tests.processes import Running
from tests.readers import DESK

ARTICLE = "/articles/gn-2026-0002"
FEED = "/feeds/sections/지역"

# The words of an element without its buttons, which need scripts.
WORDS = "one => { one.querySelectorAll('button').forEach(it => it.remove()); return one.innerText }"

each_page = pytest.mark.parametrize("path", PAGES)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(user_agent=DESK)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


@each_page
def test_a_page_has_no_error_and_asks_no_other_host(served: Running, page: Page, path: str) -> None:
    faults: list[str] = []
    hosts: set[str] = set()
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.goto(served.url + path, wait_until="networkidle")
    assert (faults, hosts) == ([], {urlsplit(served.url).netloc})


@each_page
def test_a_page_says_the_same_without_scripts(
    served: Running, browser: Browser, page: Page, path: str
) -> None:
    plain = browser.new_context(java_script_enabled=False).new_page()
    for one in (plain, page):
        one.goto(served.url + path)
        expect(one.locator("h1")).to_have_count(1)
    expect(plain.locator("main button:visible")).to_have_count(int(path == "/feeds/"))  # its search
    assert plain.locator("main").evaluate(WORDS) == page.locator("main").evaluate(WORDS)
    plain.context.close()


@pytest.mark.parametrize(
    ("path", "feeds"), [("/", 3), ("/sections/지역", 2), ("/most-read", 1), (ARTICLE, 2), (FEED, 1)]
)
def test_a_feed_reader_finds_the_feeds_of_a_page(
    served: Running, page: Page, path: str, feeds: int
) -> None:
    page.goto(served.url + path)
    links = page.locator("link[rel=alternate][type]")
    assert links.count() == feeds * len(FORMATS)
    for link in links.all():
        address, title = link.get_attribute("href") or "", link.get_attribute("title")
        response = served.get(address.removeprefix(served.url))
        media_type = response.headers["Content-Type"].partition(";")[0]
        assert (response.status, media_type) == (200, link.get_attribute("type"))
        if "json" not in media_type:
            assert feedparser.parse(response.data).feed.title in (title or "")


def test_an_address_is_copied_by_one_click(served: Running, page: Page) -> None:
    page.goto(served.url + FEED)
    button = page.locator("[data-copy]").first
    button.click()
    expect(button).to_have_text("복사했습니다")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert unquote(copied) == f"{served.url}{FEED}.rss"


def test_a_feed_is_subscribed_to_by_one_click(served: Running, page: Page) -> None:
    page.goto(served.url + FEED)
    addresses = [
        link.get_attribute("href") or "" for link in page.locator("a[rel~=external]").all()
    ]
    assert len(addresses) >= 5
    for address in addresses:
        assert address.startswith("https://")
        assert unquote(unquote(address)).endswith(f"{served.url}{FEED}.rss")


def test_all_feeds_are_listed_and_found_by_name(served: Running, page: Page) -> None:
    page.goto(f"{served.url}/feeds/")
    page.get_by_role("searchbox").fill("스포츠")
    page.keyboard.press("Enter")
    page.wait_for_url("**/feeds/search?q=*")
    page.locator("main li a").first.click()
    page.wait_for_url("**/feeds/sections/*")
    assert "스포츠" in page.title()


def test_an_article_is_printed_without_what_is_around_it(served: Running, page: Page) -> None:
    page.goto(served.url + ARTICLE)
    page.emulate_media(media="print")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".e-content")).to_be_visible()
    for around in ("nav", "aside", ".tools", ".skip"):
        for element in page.locator(around).all():
            expect(element).not_to_be_visible()


def test_a_paper_is_read_by_keyboard(served: Running, page: Page) -> None:
    page.goto(f"{served.url}/")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    focused = page.locator("main a:focus")
    expect(focused).to_have_count(1)
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    headline = focused.inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/articles/*")
    expect(page.locator("h1")).to_have_text(headline)
