"""Readers and an import at the same time: no error, and no byte that was not published."""

import gzip
import hashlib
import threading
from pathlib import Path

import urllib3

from tests.paper import record, write_articles, write_config
from tests.processes import Running, eventually, free_port, imported, serving

READERS = 4
PATHS = ("latest.rss", "latest.atom", "latest.json", "sections/%EC%A7%80%EC%97%AD.rss")


class Polling(threading.Thread):
    """A reader that polls until told to stop, and compares every body with its entity tag."""

    def __init__(self, service: Running, number: int, stop: threading.Event) -> None:
        super().__init__()
        self._url = f"{service.url}/feeds/{PATHS[number % len(PATHS)]}"
        self._told = stop
        self.statuses = dict[int, int]()
        self.faults: list[str] = []

    def run(self) -> None:
        with urllib3.PoolManager(retries=False, timeout=10) as pool:
            etag = ""
            while not self._told.is_set():
                wanted = {"Accept-Encoding": "gzip", "If-None-Match": etag}
                response = pool.request("GET", self._url, headers=wanted, decode_content=False)
                self.statuses[response.status] = self.statuses.get(response.status, 0) + 1
                etag = response.headers.get("ETag", "")
                if response.status == 200 and tag_of(gzip.decompress(response.data)) != etag:
                    self.faults.append(f"{self._url}: these bytes are not {etag}")


def tag_of(body: bytes) -> str:
    return f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def test_readers_get_published_bytes_only_while_articles_come_in(tmp_path: Path) -> None:
    write_config(tmp_path)
    imported(tmp_path, write_articles(tmp_path / "a.jsonl", [record("0", sections=["지역"])]))
    stop = threading.Event()
    with serving(tmp_path, free_port(), "--workers", "2") as service:
        eventually(lambda: service.all_know(*(f"/feeds/{path}" for path in PATHS)))
        readers = [Polling(service, number, stop) for number in range(READERS)]
        for reader in readers:
            reader.start()
        for batch in range(5):
            records = [record(f"{batch}-{n}", sections=["지역"]) for n in range(40)]
            imported(tmp_path, write_articles(tmp_path / "b.jsonl", records))
        stop.set()
        for reader in readers:
            reader.join()
    assert [reader.faults for reader in readers] == [[]] * READERS
    assert {status for reader in readers for status in reader.statuses} == {200, 304}
