"""Any life of a newsroom: after each step, every feed in every format is exactly the model's."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

import time_machine
from click.testing import CliRunner
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from lxml import etree
from werkzeug.test import Client, TestResponse

from feeds.cli import main
from feeds.config import load
from feeds.store import open_store
from feeds.web import create_app
from feeds.web.wsgi import Front
from feeds.worker import publish_all
from tests.paper import write_articles, write_config

BEGIN = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
IDS = st.sampled_from(["1", "둘", "a/3"])
NAMES = {"sections": ["지역", "문화", "동네"], "tags": ["봄"]}
AGES = st.sampled_from([timedelta(minutes=minutes) for minutes in (-90, -1, 0, 1, 30)])
FORMATS = ("rss", "atom", "json")
ATOM = "{http://www.w3.org/2005/Atom}"
TOKEN = {"Authorization": "Bearer secret"}
KEYS = st.fixed_dictionaries(
    {},
    optional={
        "sections": st.sets(st.sampled_from(NAMES["sections"])).map(sorted) | st.none(),
        "tags": st.sampled_from([["봄"], [], None]),
        "status": st.sampled_from(["live", "withdrawn", None]),
        "minor": st.booleans(),
    },
)


@dataclass(frozen=True)
class Model:
    """An article as the paper wants it to be."""

    title: str
    published: datetime
    updated: datetime
    sections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    status: str = "live"

    def is_visible(self, now: datetime) -> bool:
        return self.status == "live" and self.published <= now


@dataclass(frozen=True, order=True)
class Shown:
    """An entry of a feed."""

    guid: str
    title: str
    published: datetime
    updated: datetime


class Newsroom(RuleBasedStateMachine):
    """A paper, its model, and all that readers have seen of it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGIN
        self.articles = dict[str, Model]()
        self.guids = dict[str, str]()
        self.seen = dict[str, TestResponse]()
        self.titles = 0
        self.known = set[str]()
        self.published = {"latest"}
        self.moves = dict[str, str]()
        self.everything = ExitStack()
        folder = self.everything.enter_context(tempfile.TemporaryDirectory())
        self.path = write_config(Path(folder))
        self.config = load(self.path)
        self.clock = self.everything.enter_context(time_machine.travel(self.now, tick=False))
        self.running = ExitStack()
        self._start()

    def _start(self) -> None:
        self.store = self.running.enter_context(open_store(self.config.store))
        front = Front(self.store, self.config, create_app(self.store, self.config, "secret"))
        self.cache, self.client = front.cache, Client(front)

    def teardown(self) -> None:
        self.running.close()
        self.everything.close()

    # The steps.

    @rule(article_id=IDS, keys=KEYS, age=AGES, whole=st.booleans())
    def save_over_http(
        self, article_id: str, keys: dict[str, Any], age: timedelta, *, whole: bool
    ) -> None:
        record = self._record(article_id, keys, None if article_id in self.articles else age)
        if whole:
            record |= {"title": self._title(), "published": self._moment(age)}
        save = self.client.put if whole else self.client.patch
        response = save(f"/api/articles/{quote(article_id)}", json=record, headers=TOKEN)
        assert response.status_code in (200, 201), response.text
        self._merge(record, whole=whole)

    @rule(
        lines=st.lists(st.tuples(IDS, KEYS, AGES), min_size=1, max_size=3),
        over_http=st.booleans(),
    )
    def save_many(
        self, lines: list[tuple[str, dict[str, Any], timedelta]], *, over_http: bool
    ) -> None:
        records = [self._record(article_id, keys, age) for article_id, keys, age in lines]
        if over_http:
            body = "".join(f"{json.dumps(record)}\n" for record in records)
            with self.client.post("/api/articles", data=body, headers=TOKEN) as response:
                assert response.status_code == 200
        else:
            self._run("import", str(write_articles(self.path.with_name("a.jsonl"), records)))
        for record in records:
            self._merge(record, whole=False)

    @precondition(lambda self: self.articles)
    @rule(data=st.data(), over_http=st.booleans())
    def withdraw(self, data: st.DataObject, *, over_http: bool) -> None:
        article_id = data.draw(st.sampled_from(sorted(self.articles)))
        if over_http:
            address = f"/api/articles/{quote(article_id)}"
            assert self.client.delete(address, headers=TOKEN).status_code == 200
        else:
            self._run("withdraw", article_id)
        self._set_status(article_id, "withdrawn")

    @precondition(lambda self: self.articles)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        article_id = data.draw(st.sampled_from(sorted(self.articles)))
        self._run("restore", article_id)
        self._set_status(article_id, "live")

    @rule(names=st.permutations(NAMES["sections"]))
    def move(self, names: list[str]) -> None:
        old, new = names[:2]
        present = self.moves.get(new, new)
        if old not in self.known or old in self.moves or present not in (old, new):
            return
        self._run("move", f"sections/{old}", f"sections/{new}")
        self.moves = {name: new if at == old else at for name, at in self.moves.items()}
        self.moves = {name: at for name, at in (self.moves | {old: new}).items() if name != at}
        self.known.add(new)
        if f"sections/{old}" in self.published:  # its subscribers are led there
            self.published.add(f"sections/{new}")
        self.articles = {
            article_id: replace(article, sections=self._present(article.sections))
            for article_id, article in self.articles.items()
        }

    @rule(minutes=st.sampled_from([1, 29, 90]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.clock.move_to(self.now, tick=False)

    @rule()
    def restart(self) -> None:
        self.running.close()
        self._start()

    # What must hold after each.

    @invariant()
    def every_feed_is_the_models(self) -> None:
        # A section is known from its first article that was not withdrawn.
        live = (each for each in self.articles.values() if each.status == "live")
        self.known.update(name for article in live for name in article.sections)
        assert publish_all(self.store, self.config)
        self.cache.refresh()
        for feed, extension in product(self._feeds(), FORMATS):
            self._check(feed, extension)

    def _check(self, feed: str, extension: str) -> None:
        path = f"/feeds/{feed}.{extension}"
        before, response = self.seen.get(path), self.client.get(quote(path))
        if to := self.moves.get(feed.removeprefix("sections/")):
            address = f"{self.config.site.url}{quote(f'/feeds/sections/{to}.{extension}')}"
            assert (response.status_code, response.headers["Location"]) == (301, address), path
            return
        expected = self._expected(feed)
        self.published |= {feed} if expected else set()
        if feed not in self.published:
            assert response.status_code == 404, path
            return
        assert response.status_code == 200, path
        assert shown(response.data, extension) == expected, path
        self._assert_hidden(response, expected)
        if before:
            moved = modified(response) - modified(before)
            assert moved > timedelta(0) or response.data == before.data, path
            headers = {"A-IM": "feed", "If-None-Match": before.headers["ETag"]}
            self._assert_hidden(self.client.get(quote(path), headers=headers), expected)
        self.seen[path] = response

    def _assert_hidden(self, response: TestResponse, expected: list[Shown]) -> None:
        titles = {entry.title for entry in expected}
        told = {title for number in range(self.titles) if (title := name(number)) in response.text}
        assert told <= titles

    def _feeds(self) -> Iterator[str]:
        yield "latest"
        yield from (f"{kind}/{each}" for kind, names in NAMES.items() for each in names)

    def _expected(self, feed: str) -> list[Shown]:
        kind, _, term = feed.partition("/")
        visible = [
            (-article.published.timestamp(), article_id, article)
            for article_id, article in self.articles.items()
            if article.is_visible(self.now) and (not term or term in getattr(article, kind))
        ]
        return [
            Shown(self._guid(article_id), article.title, article.published, article.updated)
            for _, article_id, article in sorted(visible, key=lambda each: each[:2])
        ]

    def _guid(self, article_id: str) -> str:
        """Give the id that an article had when it was first looked at."""
        if article_id not in self.guids:
            article = self.store.articles.get(article_id)
            assert article
            assert article.guid
            self.guids[article_id] = article.guid
        return self.guids[article_id]

    # The model.

    def _merge(self, record: dict[str, Any], *, whole: bool) -> None:
        article_id = record["id"]
        old = self.articles.get(article_id)
        published = datetime.fromisoformat(record["published"]) if "published" in record else None
        if old is None:
            assert published
            before = Model("", published, published)
        else:
            before = replace(old, sections=(), tags=(), status="live") if whole else old
        empty = {"sections": (), "tags": (), "status": "live"}
        given = {
            key: tuple(value) if isinstance(value, list) else value or empty[key]
            for key, value in record.items()
            if key in ("title", "sections", "tags", "status")
        }
        if "sections" in given:
            given["sections"] = self._present(given["sections"])
        new = replace(before, **given, published=published or before.published)
        is_news = old and replace(new, status=old.status) != old and not record.get("minor")
        latest = max(self.now, new.published)
        updated = latest if is_news else min(max(before.updated, new.published), latest)
        self.articles[article_id] = replace(new, updated=updated)

    def _present(self, sections: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.moves.get(name, name) for name in sections))

    def _set_status(self, article_id: str, status: str) -> None:
        self._merge({"id": article_id, "status": status}, whole=False)

    def _record(
        self, article_id: str, keys: dict[str, Any], age: timedelta | None
    ) -> dict[str, Any]:
        dated = {"published": self._moment(age)} if age is not None else {}
        return {"id": article_id, "title": self._title(), **dated, **keys}

    def _title(self) -> str:
        self.titles += 1
        return name(self.titles - 1)

    def _moment(self, age: timedelta) -> str:
        return (self.now + age).isoformat()

    def _run(self, *arguments: str) -> None:
        done = CliRunner().invoke(main, ["--config", str(self.path), *arguments])
        assert done.exit_code == 0, done.output


def name(number: int) -> str:
    return f"제목-{number:04}."


def modified(response: TestResponse) -> datetime:
    return parsedate_to_datetime(response.headers["Last-Modified"])


def shown(body: bytes, extension: str) -> list[Shown]:
    if extension == "json":
        return [
            Shown(
                item["id"],
                item["title"],
                datetime.fromisoformat(item["date_published"]),
                datetime.fromisoformat(item.get("date_modified", item["date_published"])),
            )
            for item in json.loads(body)["items"]
        ]
    entries = etree.fromstring(body).iter("item" if extension == "rss" else f"{ATOM}entry")
    return [Shown(*ENTRIES[extension](entry)) for entry in entries]


def of_rss(item: Any) -> Iterator[Any]:
    yield from (item.findtext("guid"), item.findtext("title"))
    published = parsedate_to_datetime(item.findtext("pubDate") or "")
    updated = item.findtext(f"{ATOM}updated")
    yield from (published, datetime.fromisoformat(updated) if updated else published)


def of_atom(entry: Any) -> Iterator[Any]:
    yield from (entry.findtext(f"{ATOM}id"), entry.findtext(f"{ATOM}title"))
    for date in ("published", "updated"):
        yield datetime.fromisoformat(entry.findtext(f"{ATOM}{date}") or "")


ENTRIES = {"rss": of_rss, "atom": of_atom}
TestNewsroom = Newsroom.TestCase
# A failure is not shrunk: that would take minutes, and its steps are few.
TestNewsroom.settings = settings(
    max_examples=15,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
)
