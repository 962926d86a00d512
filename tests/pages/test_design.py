"""Pages fit the smallest phone, stay where they are while they load, and are small."""

import pytest
from playwright.sync_api import Browser, Page

from feeds.pages.templates import ASSETS
from tests.pages.test_quality import PAGES
from tests.processes import Running

MOST_BYTES = {"style.css": 14_000, "script.js": 3_000}

WATCH = """
window.shifts = new PerformanceObserver(() => {});
window.shifts.observe({type: "layout-shift", buffered: true});
"""
SHIFTS = """async () => {
    scrollTo(0, document.documentElement.scrollHeight);
    for (let n = 0; n < 2; n++) await new Promise(requestAnimationFrame);
    return window.shifts.takeRecords().map(each => each.value);
}"""
UNHURRIED = "one => one.loading === 'lazy' || one.fetchPriority !== 'high'"

each_page = pytest.mark.parametrize("path", PAGES)


def opened(browser: Browser, url: str, width: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 700})
    page.add_init_script(WATCH)
    page.goto(url, wait_until="load")
    return page


@each_page
def test_a_page_fits_a_small_phone_and_does_not_jump(
    served: Running, browser: Browser, path: str
) -> None:
    page = opened(browser, served.url + path, 320)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert page.evaluate(SHIFTS) == []
    page.close()


@pytest.mark.parametrize("path", ["/", "/sections/지역", "/articles/gn-2026-0041"])
def test_only_the_first_picture_of_a_page_is_hurried(
    served: Running, browser: Browser, path: str
) -> None:
    page = opened(browser, served.url + path, 1280)
    pictures = page.locator("img.u-photo").all()
    unhurried = [picture.evaluate(UNHURRIED) for picture in pictures]
    assert unhurried == [False] + [True] * (len(pictures) - 1)
    page.close()


def test_the_text_of_an_article_is_in_the_middle_and_no_wider_than_can_be_read(
    served: Running, browser: Browser
) -> None:
    page = opened(browser, f"{served.url}/articles/gn-2026-0002", 1280)
    text = page.locator(".e-content")
    box = text.bounding_box()
    assert box
    size = text.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert 36 <= box["width"] / size <= 40
    assert abs(box["x"] + box["width"] / 2 - 640) <= 8  # half a scroll bar
    page.close()


@pytest.mark.parametrize("name", ASSETS)
def test_a_file_that_pages_load_is_small(served: Running, name: str) -> None:
    assert len(served.get(f"/{name}").data) < MOST_BYTES[name]
