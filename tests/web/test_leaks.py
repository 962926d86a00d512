"""Nothing of an article that may not be shown is in any response, or in what is kept for one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from feeds.config import Config
from feeds.rendition import codings
from feeds.store import Store
from feeds.store.schema import metadata
from feeds.web.cache import path_info_of
from feeds.worker import rank
from tests.paper import Record, record, settings
from tests.web.conftest import Paper
from tests.web.test_documents import DECODERS

MARK, ID = "xyzzymark", "secret-id"
KEPT = ("documents", "representations", "versions", "quarantine", "rankings", "notes")
PAGES = ("/", "/sections/지역", f"/articles/{ID}", f"/articles/{ID}/", "/feeds/about")
LISTS = ("/feeds.opml", "/feeds/authors.opml", "/feeds/tags.opml")
NEWSBOAT = {"A-IM": "feed", "User-Agent": "newsboat/2.39"}
PAST, FUTURE = "2026-03-02 09:00", "2199-03-02 09:00"
# Of the last three terms, one has no other article, and one none that can be published.
SHOWN: Record = {
    "title": f"{MARK} 제목",
    "subtitle": f"{MARK} 부제",
    "summary": f"{MARK} 요약",
    "body_html": f"<p>{MARK} 본문</p>",
    "correction": f"{MARK} 정정",
    "image": {"url": f"/{MARK}.jpg", "alt": MARK, "credit": MARK},
    "attachments": [{"url": f"/{MARK}.mp3", "type": "audio/mpeg", "title": MARK}],
    "authors": [{"name": "이하늘", "email": f"{MARK}@news.example"}, {"name": "홀로"}],
    "sections": ["지역"],
    "tags": ["홀로 태그", "상한 태그"],
    "views": 99,
}
OTHERS = [
    record("1", sections=["지역"], authors=[{"name": "이하늘"}], views=5),
    record("too-large", body_text="가" * 1000, tags=["상한 태그"]),
]
HISTORIES: dict[str, list[Record]] = {
    "withdrawn": [{"published": PAST}, {"title": f"{MARK} 고침"}, {"status": "withdrawn"}],
    "embargoed again": [{"published": PAST}, {"title": f"{MARK} 고침"}, {"published": FUTURE}],
    "embargoed": [{"published": FUTURE}],
    "withdrawn under embargo": [{"published": FUTURE}, {"status": "withdrawn"}],
}


class Watched(Paper):
    """A paper; `tags` are of all versions of its documents, by path."""

    def __init__(self, store: Store, config: Config, folder: Path) -> None:
        super().__init__(store, config, folder)
        self.tags: dict[str, list[str]] = {}

    def publish(self, *records: Record) -> None:
        rank(self.store, self.config)
        super().publish(*records)
        for path in self.store.documents.changed_since(0):
            if tag := self.get(path_info_of(path)).headers.get("ETag"):
                self.tags.setdefault(path_info_of(path), []).append(tag)

    def responses(self) -> Iterator[TestResponse]:
        """Get all documents in all codings and as all deltas, all lists and pages."""
        for path in (*PAGES, *LISTS, *self.tags):
            for coding in ("identity", *codings()):
                yield self.get(path, Accept_Encoding=coding)
                for tag in self.tags.get(path, ()):
                    yield self.get(path, Accept_Encoding=coding, If_None_Match=tag, **NEWSBOAT)

    def kept(self) -> str:
        """Give all that the store keeps to answer with, as one text."""
        with self.store._database.reading() as connection:
            rows = [
                row
                for name in KEPT
                for row in connection.execute(metadata.tables[name].select()).mappings()
            ]
        return "\n".join(
            decoded(value, row.get("coding", "")) for row in rows for value in row.values()
        )


def decoded(value: Any, coding: str) -> str:
    if not isinstance(value, bytes):
        return json.dumps(value, ensure_ascii=False)
    return DECODERS.get(coding, bytes)(value).decode()


def text_of(response: TestResponse) -> str:
    return f"{response.headers}{decoded(response.data, response.content_encoding or '')}"


@pytest.fixture
def paper(store: Store, tmp_path: Path) -> Watched:
    most_read = {"windows": ["24h"]}
    config = settings(tmp_path, feeds={"article_kb": 2}, most_read=most_read)
    return Watched(store, config, tmp_path)


@pytest.mark.parametrize("history", HISTORIES)
def test_an_article_that_may_not_be_shown_leaves_no_trace(paper: Watched, history: str) -> None:
    paper.publish(*OTHERS)
    *before, last = HISTORIES[history]
    for number, changes in enumerate(before):
        paper.publish({**SHOWN, "id": ID, **changes}, record(f"n{number}"))
    was_public = history in ("withdrawn", "embargoed again")
    assert (MARK in paper.kept() and MARK in paper.get("/").text) == was_public
    paper.publish({**({} if before else SHOWN), "id": ID, **last}, record("last"))
    responses = list(paper.responses())
    assert {200, 226} <= {response.status_code for response in responses}
    found = [paper.kept(), *map(text_of, responses)]
    assert [text for text in found if MARK in text] == []
    assert was_public or [text for text in found if ID in text or "홀로" in text] == []
    assert paper.get(f"/articles/{ID}").status_code == (410 if history == "withdrawn" else 404)
    assert paper.get("/feeds/tags/상한-태그.rss").status_code == (200 if was_public else 404)
