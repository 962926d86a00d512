"""Article pages and feeds in Chromium: who opens a page is a reader, with scripts or without."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Response

from tests.paper import record, write_articles, write_config
from tests.processes import Running, eventually, free_port, imported, serving
from tests.readers import DESK

IDS = ("1", "가/나.gif")


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A paper whose worker rests, so that what is spooled stays where it can be seen."""
    folder = tmp_path_factory.mktemp("browser")
    write_config(folder)
    imported(folder, write_articles(folder / "a.jsonl", map(record, IDS)))
    with serving(folder, free_port()) as service:
        service.published("/feeds/latest.json")
        worker = eventually(service.worker)
        worker.suspend()
        yield service
        worker.resume()


def spooled(paper: Running) -> list[str]:
    """Give the ids of the views that wait; before one that does not count, the reason."""
    files = (paper.folder / "spool").glob("*.views")
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    return ["".join(line.split("\t")[4:]) for line in lines]


@pytest.mark.parametrize("article_id", IDS)
@pytest.mark.parametrize(("scripts", "sent"), [(True, "POST {} 204"), (False, "GET {}.gif 200")])
def test_an_article_page_sends_one_view_each_time_that_it_is_loaded(
    paper: Running, browser: Browser, article_id: str, sent: str, *, scripts: bool
) -> None:
    before, path = spooled(paper), quote(article_id, safe="")
    page = browser.new_page(java_script_enabled=scripts, user_agent=DESK)
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))  # noqa: PLW0108 - playwright marks it
    opened = page.goto(f"{paper.url}/articles/{path}")
    assert opened
    assert opened.status == 200

    def views() -> list[str]:
        return [
            f"{one.request.method} {one.url.removeprefix(paper.url)} {one.status}"
            for one in responses
            if "/views/" in one.url
        ]

    def have_come(number: int) -> bool:
        page.wait_for_timeout(10)  # the browser tells of its responses while it is waited for
        return len(spooled(paper)) - len(before) >= number <= len(views())

    eventually(lambda: have_come(1))
    page.reload()
    eventually(lambda: have_come(2))
    page.close()
    assert views() == [sent.format(f"/views/{path}")] * 2
    assert spooled(paper) == [*before, article_id, article_id]


FORBIDDEN = """async () => {
    document.body.insertAdjacentHTML("beforeend", "<img src='data:image/gif,' onerror='hit = 1'>");
    const script = document.createElement("script");
    script.textContent = "hit = 2";
    document.body.append(script);
    const style = document.createElement("style");
    style.textContent = "body { display: none }";
    document.body.append(style);
    const asked = await fetch("http://localhost:1/").then(() => true, () => false);
    return [typeof hit, getComputedStyle(document.body).display === "none", asked];
}"""


def test_a_page_shows_its_own_style_and_runs_no_foreign_script(
    paper: Running, browser: Browser
) -> None:
    page = browser.new_page(user_agent=DESK)
    page.goto(f"{paper.url}/articles/1")
    assert page.evaluate("document.styleSheets[0].cssRules.length") > 10
    assert page.evaluate(FORBIDDEN) == ["undefined", False, False]
    page.close()
