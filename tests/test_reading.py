"""From a reader's browser to the feed: views of a running service rank its articles."""

import json
from pathlib import Path

import urllib3

from tests.paper import record, write_articles, write_config
from tests.processes import Running, eventually, free_port, imported, serving
from tests.readers import DESK


def test_who_reads_an_article_moves_it_up_in_the_feed(tmp_path: Path) -> None:
    views = {"proxies": 1}
    write_config(tmp_path, views=views, most_read={"refresh": 1, "fill": 1})
    records = [record("1", views=9), record("2"), record("3")]
    imported(tmp_path, write_articles(tmp_path / "a.jsonl", records))
    with serving(tmp_path, free_port(), "--workers", "2") as service:
        assert eventually(lambda: ranked(service) == ["1"])
        before = service.get("/feeds/most-read.json")
        for number, readers in (("2", 2), ("3", 3)):
            for reader in range(readers):
                assert view(service, number, f"198.51.100.{reader}") == 204
        assert eventually(lambda: ranked(service) == ["3", "2"])
        # Another reload, and the next ranking, change nothing that a feed reader could see.
        assert view(service, "2", "198.51.100.0") == 204
        after = service.get("/feeds/most-read.json")
        assert after.headers["ETag"] != before.headers["ETag"]
        entries = json.loads(after.data)["items"]
        assert [one["_rank"] for one in entries] == [1, 2]
        assert view(service, "none", "198.51.100.1") == 404


def view(service: Running, article_id: str, address: str) -> int:
    """Send a view as a browser behind a proxy does, over a connection of its own."""
    headers = {"User-Agent": DESK, "X-Forwarded-For": address, "Content-Type": "text/plain"}
    with urllib3.PoolManager(retries=False, timeout=10) as pool:
        url = f"{service.url}/views/{article_id}"
        return pool.request("POST", url, headers=headers).status


def ranked(service: Running) -> list[str]:
    """Give the ids of the most-read feed in its order."""
    response = service.get("/feeds/most-read.json")
    if response.status != 200:
        return []
    return [one["id"].rpartition(":")[2] for one in json.loads(response.data)["items"]]
