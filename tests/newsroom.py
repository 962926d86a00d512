"""A paper with its settings, and the contents of its store after a pass of the worker."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import time_machine

from feeds.config import Config
from feeds.formats import FORMATS
from feeds.model import Document
from feeds.store import Status, Store
from feeds.verify.jsonfeed import parse_json
from feeds.worker import publish_all, rank
from tests.store.samples import NOW

SITE = "https://www.news.example"


def configured(**parts: Any) -> Config:
    """The paper's settings; `site` replaces single keys, other parts stand as they are given."""
    site = {"title": "관악뉴스", "url": SITE, "language": "ko", "timezone": "Asia/Seoul"}
    return Config.model_validate({**parts, "site": site | parts.get("site", {})})


CONFIG = configured()


def publish(store: Store, config: Config = CONFIG, now: datetime = NOW) -> None:
    """Let the worker make one pass at that time."""
    with time_machine.travel(now, tick=False):
        assert rank(store, config)
        assert publish_all(store, config)


def document(store: Store, path: str) -> Document:
    """Fetch a document that has to be there."""
    found = store.documents.get(path)
    assert found is not None, path
    return found


def documents(store: Store) -> dict[str, Document]:
    """All published documents by path."""
    paths = store.documents.changed_since(0)
    return {path: document(store, path) for path in sorted(paths)}


def in_each_format(feed: str) -> list[str]:
    """The paths of a feed's documents."""
    return [f"{feed}.{extension}" for extension in FORMATS]


def titles(store: Store, feed: str) -> list[str]:
    """The titles in a feed, by its JSON document."""
    items = parse_json(document(store, f"{feed}.json").body)["items"]
    return [item["title"] for item in items]


def statuses(store: Store) -> dict[str, Status]:
    """What `feeds list` shows, by path."""
    return {status.path: status for status in store.documents.statuses()}


@contextmanager
def database(store: Store) -> Iterator[sa.Connection]:
    """The tables of the store, for changes that no program of the paper would make."""
    with store._database.writing() as connection:
        yield connection


def corrupt(store: Store, article_id: str, **columns: str | int | bytes) -> None:
    """Change an article's row behind the software's back."""
    values = ", ".join(f"{name} = :{name}" for name in columns)
    statement = sa.text(f"UPDATE articles SET {values} WHERE id = :id")
    with database(store) as connection:
        connection.execute(statement, columns | {"id": article_id})
