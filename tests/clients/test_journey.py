"""Real clients poll a running service while its articles change."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from reader import make_reader

from tests.clients import subscribers
from tests.clients.subscribers import Poll, Seen, Subscribe, node
from tests.npm import npm_lacks
from tests.paper import RANKED, Record, record, write_articles, write_config
from tests.processes import Running, eventually, free_port, imported, serving

PAPER = "관악뉴스"
FEED = f"/feeds/sections/{quote('지역')}"  # whose title is more than the paper's name
AUTHORS: Mapping[str, Sequence[str]] = {
    "한 사람의 글": ("이하늘",),
    "두 사람의 글": ("박새봄", "정다온"),
    "이름 없는 글": (),
    "새로 온 글": ("정다온",),
    "더 새로운 글": ("이하늘", "박새봄"),
}
ONE, TWO, NONE, NEW, NEWER = AUTHORS


def article(title: str, text: str = "처음 본문", **fields: object) -> Record:
    authors = [{"name": name} for name in AUTHORS[title]]
    given = {"title": title, "authors": authors, "sections": ["지역"], "body_text": text}
    return record(title.replace(" ", "-"), **given, **fields)


STEPS: Mapping[str, Sequence[Record]] = {
    "first poll": [article(ONE), article(TWO), article(NONE)],
    "nothing new": [],
    "an edit": [article(ONE, "고친 본문", updated="2026-03-02 10:00")],
    "a new article": [article(NEW)],
    "a withdrawal": [article(TWO, status="withdrawn")],
    "one more": [article(NEWER)],
}
"""The articles that the paper sends before each poll."""


def no_program(*names: str, package: str) -> Callable[[], str | None]:
    """Look for programs; give the advice to install them if they are missing."""
    advice = f"no {names[0]} here: install it, as with `apt-get install {package}`"
    return lambda: None if all(map(shutil.which, names)) else advice


@dataclass(frozen=True)
class Client:
    """A client and its peculiarities.

    `lacks` says what has to be installed. In the formats of `hides_several`, it shows no author of
    an article that has several.
    """

    subscribe: Subscribe
    formats: Sequence[str] = ("rss", "atom")
    lacks: Callable[[], str | None] = lambda: None
    shows_edits: bool = True
    hides_several: Sequence[str] = ()


CLIENTS: Mapping[str, Client] = {
    "newsboat": Client(subscribers.newsboat, lacks=no_program("newsboat", package="newsboat")),
    "rss2email": Client(subscribers.rss2email, shows_edits=False),
    "reader": Client(subscribers.reader, ("rss", "atom", "json")),
    "sfeed": Client(
        subscribers.sfeed,
        lacks=no_program("sfeed_update", "curl", package="sfeed curl"),
        shows_edits=False,
    ),
    "feedparser": Client(subscribers.feedparser_alone),
    "feedparser_rs": Client(subscribers.feedparser_rs_alone, ("rss", "atom", "json")),
    "rss-parser": Client(node("rss-parser"), lacks=npm_lacks),
    "feedsmith": Client(node("feedsmith"), ("rss", "atom", "json"), lacks=npm_lacks),
    # It shows the feed's author for an Atom entry that has several.
    "node-feedparser": Client(node("feedparser"), lacks=npm_lacks, hides_several=("atom",)),
}
SUBSCRIPTIONS = [(name, each) for name, client in CLIENTS.items() for each in client.formats]
Journey = Mapping[str, "Future[Sequence[Seen]]"]


@pytest.fixture(scope="module")
def journeys(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, str], Journey]:
    """By subscription and step, the articles that the client has shown since the first poll."""
    folder = tmp_path_factory.mktemp("journey")
    write_config(folder)
    here = [each for each in SUBSCRIPTIONS if CLIENTS[each[0]].lacks() is None]
    journeys: dict[tuple[str, str], dict[str, Future[Sequence[Seen]]]] = {}
    with (
        pytest.MonkeyPatch.context() as environ,
        # One process: of two, one may see a document some tenths of a second before the other.
        serving(folder, free_port(), "--workers", "1") as service,
        ThreadPoolExecutor(4) as pool,
    ):
        # The feedparser that reader brings along needs a package that it does not ask for.
        environ.setenv("READER_NO_VENDORED_FEEDPARSER", "1")
        polls: dict[tuple[str, str], Future[Poll]] = {}
        for step in published(service):
            for key in here:
                if key not in polls:
                    polls[key] = pool.submit(subscribed, *key, service)
                journeys.setdefault(key, {})[step] = pool.submit(
                    lambda its=polls[key]: its.result()()
                )
            wait([journey[step] for journey in journeys.values()])
    return journeys


def subscribed(name: str, extension: str, service: Running) -> Poll:
    folder = service.folder / f"{name}-{extension}"
    folder.mkdir()
    return CLIENTS[name].subscribe(folder, f"{service.url}{FEED}.{extension}")


def published(service: Running) -> Iterator[str]:
    """Send the articles of each step, and wait until the feeds have them."""
    live: dict[str, str] = {}
    for step, records in STEPS.items():
        if records:
            imported(service.folder, write_articles(service.folder / "sent.jsonl", records))
        for one in records:
            live[one["title"]] = one["body_text"]
            if one.get("status") == "withdrawn":
                del live[one["title"]]
        eventually(lambda expected=live: texts_in(service) == expected)
        yield step


def texts_in(service: Running) -> Mapping[str, str]:
    feed = json.loads(service.published(f"{FEED}.json"))
    return {item["title"]: item["summary"] for item in feed["items"]}


def journey_of(
    journeys: Mapping[tuple[str, str], Journey], client: str, extension: str
) -> Mapping[str, Sequence[Seen]]:
    """Give the articles that a client has shown after each step; raise its error if it failed."""
    if lack := CLIENTS[client].lacks():
        pytest.skip(lack)
    return {step: poll.result() for step, poll in journeys[client, extension].items()}


@pytest.mark.parametrize(("client", "extension"), SUBSCRIPTIONS)
def test_a_client_that_polls_through_every_change_shows_each_article_once(
    journeys: Mapping[tuple[str, str], Journey], client: str, extension: str
) -> None:
    sent: set[str] = set()
    for step, seen in journey_of(journeys, client, extension).items():
        sent |= {one["title"] for one in STEPS[step]}
        assert (step, sorted(one.title for one in seen)) == (step, sorted(sent))


@pytest.mark.parametrize(("client", "extension"), SUBSCRIPTIONS)
def test_each_byline_is_the_articles_and_the_paper_stands_for_none(
    journeys: Mapping[tuple[str, str], Journey], client: str, extension: str
) -> None:
    seen = journey_of(journeys, client, extension)["one more"]
    hidden = extension in CLIENTS[client].hides_several
    for title, authors in {one.title: one.authors for one in seen}.items():
        expected = AUTHORS[title]
        if not expected or (hidden and len(expected) > 1):
            assert (title, authors) in ((title, ()), (title, (PAPER,)))
        else:
            # Some show one of several.
            assert (title, set(authors) - set(expected), bool(authors)) == (title, set(), True)


@pytest.mark.parametrize(
    ("client", "extension"), [each for each in SUBSCRIPTIONS if CLIENTS[each[0]].shows_edits]
)
def test_an_edited_article_is_shown_as_it_is_now(
    journeys: Mapping[tuple[str, str], Journey], client: str, extension: str
) -> None:
    steps = journey_of(journeys, client, extension)
    texts = {step: {one.title: one.text for one in seen}[ONE] for step, seen in steps.items()}
    assert "처음 본문" in texts["nothing new"]
    assert "고친 본문" in texts["an edit"]
    assert "고친 본문" in texts["one more"]


def test_a_subscriber_downloads_nothing_twice_and_hears_of_news(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: Running
) -> None:
    monkeypatch.setenv("READER_NO_VENDORED_FEEDPARSER", "1")
    url = f"{service.url}/feeds/latest.rss"
    with closing(make_reader(str(tmp_path / "reader.sqlite"))) as subscriber:
        subscriber.add_feed(url)
        first = subscriber.update_feed(url)
        assert first
        assert first.new == len(RANKED) + 1
        # None: "the server indicated the feed has not changed", without any content.
        assert subscriber.update_feed(url) is None
        news = write_articles(service.folder / "news.jsonl", [record("n")])
        imported(service.folder, news)
        update = eventually(lambda: subscriber.update_feed(url))
        assert (update.new, update.modified) == (1, 0)
