"""Pages of the sample newspaper, judged by axe-core and html-validate, and by their weight."""

import subprocess
from typing import Any

import lxml.html
import pytest
from playwright.sync_api import Browser

from tests import npm
from tests.processes import Running

PAGES = (
    "/",
    "/sections/지역",
    "/authors/한서림",
    "/tags/축구",
    "/most-read",
    "/most-read/rising",
    "/feeds/",
    "/feeds/latest",
    "/feeds/sections/지역",
    "/articles/gn-2026-0002",  # a picture, a table, two authors
    "/articles/gn-2026-0039",  # the longest headline
    "/articles/gn-2026-0041",  # five pictures, nested lists
    "/articles/gn-2026-0042",  # in Japanese
)
SCREENS: tuple[dict[str, Any], ...] = (
    {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}},
)
# All that is recommended, but nothing about how the source looks, or how long headlines are.
RULES = (
    "--preset=recommended,prettier",
    "--rule=long-title:off",
    "--rule=no-trailing-whitespace:off",
)
MOST_BYTES = 40_000

NOT_FOUND = "/nothing-here"

each_page = pytest.mark.parametrize("path", [*PAGES, NOT_FOUND])


@pytest.fixture(scope="module")
def judges() -> None:
    if lack := npm.npm_lacks():
        pytest.skip(lack)


@each_page
@pytest.mark.usefixtures("judges")
@pytest.mark.parametrize("screen", SCREENS, ids=("desktop", "phone"))
def test_a_page_is_accessible(
    served: Running, browser: Browser, path: str, screen: dict[str, Any]
) -> None:
    page = browser.new_page(**screen)
    page.goto(served.url + path)
    page.evaluate((npm.FOLDER / "node_modules/axe-core/axe.min.js").read_text("utf-8"))
    violations = page.evaluate("axe.run().then(result => result.violations)")
    page.close()
    nodes = [(rule["id"], node) for rule in violations for node in rule["nodes"]]
    assert [f"{rule}: {node['html']} {node['failureSummary']}" for rule, node in nodes] == []


@each_page
@pytest.mark.usefixtures("judges")
def test_a_page_is_valid_html(served: Running, path: str) -> None:
    done = subprocess.run(
        [npm.FOLDER / "node_modules/.bin/html-validate", "--stdin", *RULES],
        cwd=npm.FOLDER,
        input=served.get(path).data.decode(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout + done.stderr, done.returncode) == ("", 0)


def test_the_front_page_is_light(served: Running) -> None:
    page = lxml.html.document_fromstring(served.get("/").data)
    parts = ["/", *page.xpath("//link[@rel='stylesheet']/@href | //script/@src")]
    responses = [
        served.get(part.removeprefix(served.url), **{"Accept-Encoding": "gzip"}) for part in parts
    ]
    assert responses[0].headers["Content-Encoding"] == "gzip"
    assert sum(int(each.headers["Content-Length"]) for each in responses) < MOST_BYTES
