"""The service's own article pages in Chromium: who opens one is a reader, scripts or not."""

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
        worker = eventually(service.worker)
        worker.suspend()
        yield service
        worker.resume()


def spooled(paper: Running) -> list[str]:
    """Give the ids of the views that wait; before one that does not count, the reason."""
    files = (paper.folder / "spool").glob("*.views")
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    return ["".join(line.split("\t")[4:]) for line in lines]


def open_article(browser: Browser, paper: Running, path: str, *, scripts: bool) -> list[str]:
    """Open an article's page until a view of it is spooled; give what was sent for that."""
    before = len(spooled(paper))
    page = browser.new_page(java_script_enabled=scripts, user_agent=DESK)
    answers: list[Response] = []

    def came(answer: Response) -> None:
        answers.append(answer)

    page.on("response", came)
    opened = page.goto(f"{paper.url}/articles/{path}")
    assert opened
    assert opened.status == 200

    def has_come() -> bool:
        page.wait_for_timeout(10)  # the browser tells of its answers while it is waited for
        return len(spooled(paper)) > before and any("/views/" in one.url for one in answers)

    eventually(has_come)
    page.close()
    return [
        f"{one.request.method} {one.url.removeprefix(paper.url)} {one.status}"
        for one in answers
        if "/views/" in one.url
    ]


@pytest.mark.parametrize("article_id", IDS)
def test_a_script_on_the_page_sends_one_view(
    paper: Running, browser: Browser, article_id: str
) -> None:
    before, path = spooled(paper), quote(article_id, safe="")
    assert open_article(browser, paper, path, scripts=True) == [f"POST /views/{path} 204"]
    assert spooled(paper) == [*before, article_id]


@pytest.mark.parametrize("article_id", IDS)
def test_without_scripts_the_pixel_is_asked_for_once(
    paper: Running, browser: Browser, article_id: str
) -> None:
    before, path = spooled(paper), quote(article_id, safe="")
    assert open_article(browser, paper, path, scripts=False) == [f"GET /views/{path}.gif 200"]
    assert spooled(paper) == [*before, article_id]


FORBIDDEN = """async () => {
    document.body.insertAdjacentHTML("beforeend", "<img src='data:image/gif,' onerror='hit = 1'>");
    const script = document.createElement("script");
    script.textContent = "hit = 2";
    document.body.append(script);
    const style = document.createElement("style");
    style.textContent = "body { display: none }";
    document.body.append(style);
    const asked = await fetch("http://localhost:1/").then(() => true, () => false);
    return [typeof hit, getComputedStyle(document.body).display, asked];
}"""


def test_a_page_shows_its_own_style_and_runs_no_foreign_script(
    paper: Running, browser: Browser
) -> None:
    page = browser.new_page(user_agent=DESK)
    page.goto(f"{paper.url}/articles/1")
    assert page.evaluate("getComputedStyle(document.body).maxWidth") == "1120px"
    assert page.evaluate(FORBIDDEN) == ["undefined", "block", False]
    page.close()
