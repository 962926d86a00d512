"""`feeds serve`: the URL of the site, and the warnings about settings."""

import json
from pathlib import Path

import pytest

from feeds.cli.serving import site_url, warnings_about
from feeds.config import Config
from feeds.sample import FILES
from feeds.verify.jsonfeed import parse_json
from tests.newsroom import configured
from tests.processes import eventually, feeds, free_port, serving

TRIED = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("written", "host", "address"),
    [
        (TRIED, "127.0.0.1", "http://127.0.0.1:9304"),
        ("http://localhost:8000", "127.0.0.1", "http://localhost:9304"),
        ("http://[::1]:8000", "::1", "http://[::1]:9304"),
        (TRIED, "0.0.0.0", "http://127.0.0.1:9304"),
        (TRIED, "192.0.2.7", "http://192.0.2.7:9304"),
        (TRIED, "2001:db8::7", "http://[2001:db8::7]:9304"),
        # Something is in front.
        ("https://127.0.0.1:8443", "127.0.0.1", "https://127.0.0.1:8443"),
        (f"{TRIED}/paper", "127.0.0.1", f"{TRIED}/paper"),
        ("https://www.news.example", "127.0.0.1", "https://www.news.example"),
        ("http://192.0.2.1:8000", "127.0.0.1", "http://192.0.2.1:8000"),
    ],
)
def test_a_site_on_this_machine_has_the_address_of_the_service(
    monkeypatch: pytest.MonkeyPatch, written: str, host: str, address: str
) -> None:
    monkeypatch.delenv("FEEDS_SITE_URL", raising=False)
    assert site_url(host, 9304, configured(site={"url": written})) == address


def test_a_site_behind_a_proxy_has_the_url_of_its_config(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("FEEDS_SITE_URL", raising=False)
    proxied = configured(site={"url": TRIED}, views={"proxies": 1})
    assert site_url("127.0.0.1", 9304, proxied) == TRIED
    monkeypatch.setenv("FEEDS_SITE_URL", TRIED)
    assert site_url("127.0.0.1", 9304, configured(site={"url": TRIED})) == TRIED


@pytest.mark.parametrize(
    ("site", "warned"),
    [
        ({"title": "관악뉴스"}, ["site.language", "site.timezone"]),
        ({"title": "관악뉴스", "language": "ko"}, ["site.timezone"]),
        ({"title": "관악뉴스", "timezone": "Asia/Seoul"}, ["site.language"]),
        ({"title": "Gwanak News", "timezone": "Asia/Seoul"}, ["site.language"]),
        ({"title": "Le Monde", "language": "fr"}, ["site.timezone"]),
        ({"title": "Gwanak News", "language": "en-GB", "timezone": "Asia/Seoul"}, []),
        ({"title": "관악뉴스", "language": "ko", "timezone": "UTC"}, []),
        ({"title": "The Paper"}, []),
    ],
)
def test_a_default_that_is_probably_wrong_is_warned_of(
    site: dict[str, str], warned: list[str]
) -> None:
    config = Config.model_validate({"site": {"url": "https://www.news.example", **site}})
    assert [warning.partition(" is not set, ")[0] for warning in warnings_about(config)] == warned


def test_on_another_port_all_links_of_the_sample_lead_to_that_port(tmp_path: Path) -> None:
    site = {"title": "관악뉴스", "url": TRIED, "language": "ko"}
    (tmp_path / "config.yaml").write_text(json.dumps({"site": site}))
    with serving(tmp_path, free_port(), "--sample") as service:
        feed = parse_json(service.published("/feeds/latest.json"))
        links = [item["url"] for item in feed["items"]]
        pictures = [item["image"] for item in feed["items"] if "image" in item]
        bodies = " ".join(item["content_html"] for item in feed["items"])
        assert len(links) >= 30
        assert all(link.startswith(f"{service.url}/articles/") for link in links)
        assert {each.removeprefix(f"{service.url}/sample/") for each in pictures} == {
            file.name for file in FILES.glob("*.jpg")
        }
        assert f'src="{service.url}/sample/' in bodies
        assert TRIED not in bodies
        assert f'href="{service.url}/feeds/latest.rss"' in service.get("/").data.decode()

        def is_sound() -> bool:
            checked = feeds(tmp_path, "check", FEEDS_SITE_URL=service.url)
            assert checked.returncode == 0, checked.stdout
            return checked.stdout.endswith("nothing wrong\n")  # and nothing waits any more

        eventually(is_sound)
        assert service.errors.read_text("utf-8").count(" site.timezone is not set, ") == 1
    with serving(tmp_path, free_port()) as service:
        # Pictures have the URL of this run, although they were saved in another.
        page = service.get("/articles/gn-2026-0037").data.decode()
        assert f'src="{service.url}/sample/market-awnings.jpg"' in page
