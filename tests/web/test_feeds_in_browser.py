"""Feeds as a script on another site fetches them, in Chromium."""

from pathlib import Path

from playwright.sync_api import Browser

from tests.paper import record, write_articles, write_config
from tests.processes import free_port, imported, serving

FETCH = """async url => {
    const first = await fetch(url, {cache: "no-store"});
    const known = {"If-None-Match": first.headers.get("ETag"), "A-IM": "feed"};
    const again = await fetch(url, {cache: "no-store", headers: known});
    return [first.status, again.status, (await again.text()).length];
}"""


def test_a_script_on_another_site_asks_conditionally(tmp_path: Path, browser: Browser) -> None:
    write_config(tmp_path)
    imported(tmp_path, write_articles(tmp_path / "a.jsonl", [record("1")]))
    with serving(tmp_path, free_port()) as service:
        service.published("/feeds/latest.json")
        page = browser.new_page()
        # Another name of this machine is another origin to a browser.
        page.goto(f"http://localhost:{service.port}/healthz")
        found = page.evaluate(FETCH, f"{service.url}/feeds/latest.json")
        page.close()
    assert found == [200, 304, 0]
