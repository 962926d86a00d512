"""The desk in Chromium on a phone, without JavaScript: an editor's walk."""

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.paper import record, write_articles, write_config
from tests.processes import free_port, imported, serving

PHONE = {"width": 390, "height": 844}
SHORTEST = 44  # CSS pixels of what a finger has to hit


def sees(page: Page, text: str) -> None:
    """Expect a text on a page that fits the phone, whose controls a finger can hit."""
    page.wait_for_load_state()  # with its style
    expect(page.locator("main")).to_contain_text(text)
    controls = page.locator("button:visible, input:visible, .button:visible, summary:visible")
    boxes = [each.bounding_box() for each in controls.all()]
    assert boxes
    for box in boxes:
        assert box
        assert box["height"] >= SHORTEST
        assert box["x"] + box["width"] <= PHONE["width"]


def test_an_editor_walks_through_the_desk_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    write_config(tmp_path, site={"language": "en"})
    long = "도림천 산책길, " * 12
    imported(tmp_path, write_articles(tmp_path / "a.jsonl", [record("1", title=long)]))
    with serving(tmp_path, free_port(), FEEDS_API_TOKEN="a secret") as service:
        page = browser.new_page(java_script_enabled=False, viewport=PHONE)
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"{service.url}/staff")
        page.get_by_label("Your name").fill("Kim")
        page.get_by_label("Token").fill("a secret")
        page.get_by_role("button", name="Sign in").click()
        sees(page, "Most read")
        page.get_by_role("searchbox").first.fill("산책길")
        page.get_by_role("button", name="Search").click()
        page.get_by_role("link", name="도림천").click()
        sees(page, "Live")
        walk = (
            ("Correct the headline", "New headline", "Longer path", "is now “Longer path”"),
            ("Withdraw", "", "", "is withdrawn"),
            ("Restore", "", "", "is back"),
            ("Keep out of rankings", "Reason", "an advertisement", "kept out of the rankings"),
            ("Rank again", "", "", "is ranked again"),
        )
        for action, label, text, done in walk:
            page.get_by_role("link", name=f"{action}…").click()
            sees(page, "?")
            if label:
                page.get_by_label(label).fill(text)
            page.get_by_role("button", name=action).click()
            sees(page, done)
        page.get_by_role("button", name="Sign out").click()
        sees(page, "Sign in to the desk")
        page.close()
    assert complaints == []
