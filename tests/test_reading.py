"""From a reader's browser to the feed: views of a running service rank its articles."""

import json
from pathlib import Path

import urllib3

from tests.paper import record, write_articles, write_config
from tests.processes import Running, eventually, feeds, free_port, imported, serving
from tests.readers import DESK


def test_who_reads_an_article_moves_it_up_in_the_feed(tmp_path: Path) -> None:
    views = {"proxies": 1}
    write_config(tmp_path, views=views, most_read={"refresh": 1, "fill": 1})
    records = [record("1", views=9), record("2"), record("3")]
    imported(tmp_path, write_articles(tmp_path / "a.jsonl", records))
    # One process: of two, one may have the next order some tenths of a second before the other.
    with serving(tmp_path, free_port(), "--workers", "1") as service:
        before = eventually(lambda: ranked(service, "1"))
        for number, readers in (("2", 2), ("3", 3)):
            for reader in range(readers):
                assert view(service, number, f"198.51.100.{reader}") == 204
        after = eventually(lambda: ranked(service, "3", "2"))
        assert after.headers["ETag"] != before.headers["ETag"]
        assert [one["_feeds"]["rank"] for one in json.loads(after.data)["items"]] == [1, 2]
        # A reload is left out, and the next ranking changes nothing that a reader could see.
        assert view(service, "2", "198.51.100.0") == 204
        eventually(lambda: left_out(tmp_path) == {"repeat": 1})
        assert service.get("/feeds/most-read.json").headers["ETag"] == after.headers["ETag"]
        assert view(service, "none", "198.51.100.1") == 404


def view(service: Running, article_id: str, address: str) -> int:
    """Send a view as a browser behind a proxy does, over a connection of its own."""
    headers = {"User-Agent": DESK, "X-Forwarded-For": address, "Content-Type": "text/plain"}
    with urllib3.PoolManager(retries=False, timeout=10) as pool:
        url = f"{service.url}/views/{article_id}"
        return pool.request("POST", url, headers=headers).status


def ranked(service: Running, *ids: str) -> urllib3.BaseHTTPResponse | None:
    """Give the most-read feed, once it has these articles in this order."""
    response = service.found("/feeds/most-read.json")
    if response is None:
        return None
    found = [one["id"].rpartition(":")[2] for one in json.loads(response.data)["items"]]
    return response if found == list(ids) else None


def left_out(folder: Path) -> dict[str, int]:
    """Give the reasons why views did not count, as an editor sees them."""
    done = feeds(folder, "top", "--json")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout)["left_out"])
