"""The cost of publishing: each of our steps, beside libraries that only write a document."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from tempfile import TemporaryDirectory

import nh3

from feeds.catalog import Feed, authority, channel_of, feeds_of
from feeds.config import Config, Site
from feeds.entries import contents_of, entry_of
from feeds.formats import FORMATS
from feeds.gate import dated, feed_in, render_checked
from feeds.model import LATEST, Article, Entry, Term
from feeds.publish import publish_term
from feeds.rendition import Draft, digest, rendered
from feeds.store import Store, open_store
from tests import patches
from tests.bench.articles import NOW, SITE, article, articles
from tests.bench.korean import SECTIONS
from tests.bench.measure import Race, Table, run, timed_race
from tests.bench.peers import PEERS, plain_json

CONFIG = Config(site=Site(title="관악뉴스", url=SITE, language="ko", timezone="Asia/Seoul"))
_LATEST_FEED = Feed(LATEST, "latest")
_ARTICLES = 500  # in the store; each section has more than a feed takes
_TERMS = {"the whole paper": LATEST, "a section": Term("section", SECTIONS[0])}


def measure(repetitions: int) -> Iterator[Table]:
    """Time to render, check and store feeds of 50 articles, beside other libraries.

    A ratio, ×, is how many times as long as the peer it took: less is better.

    \b
    In "RSS 2.0", "Atom 1.0" and "JSON Feed 1.1", a run makes one document of 50 entries whose
    bodies are safe already, one of them changed since the last run:
      render                  our document, nothing else
      render, check           and parse it back and compare each field: feeds.gate.render_checked
      render, check, store    and gzip it, and commit it to SQLite on disk with an fsync
      feedgen, Django         a document of the same articles as their users write it (feedgen;
                              django.utils.feedgenerator with full content), not checked or stored
      json.dumps              a dict of the same fields, not checked or stored

    \b
    In "entries", a run makes the bodies of 50 articles safe:
      entry_of                and gives them absolute URLs, lazy pictures and a summary
      nh3.clean               with nh3's defaults, nothing else

    \b
    In "the whole paper" and "a section", one article was edited, and a run brings all its feeds
    in all formats up to date, those of the newest 50 and those of the most read 10:
      publish_term            from the articles in SQLite to the published documents in SQLite
      feedgen + json.dumps    as many documents of entries that are made already, written only;
      Django + json.dumps     RSS and Atom by the library, JSON by json.dumps
    """
    with TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/newsroom.db") as store:
        patches.save(store, articles(_ARTICLES), authority(CONFIG), datetime.now(UTC))
        found = store.articles.newest(LATEST, NOW, CONFIG.feeds.limit)
        newest = [each for each in found if isinstance(each, Article)]
        entries = [entry_of(each, CONFIG) for each in newest]
        for extension in FORMATS:
            yield run(_format_race(extension, entries, store), repetitions)
        yield run(_entries_race(newest), repetitions)
        for name, term in _TERMS.items():
            yield run(_term_race(name, term, store), repetitions)


def _format_race(extension: str, entries: list[Entry], store: Store) -> Race[list[Entry]]:
    form = FORMATS[extension]
    channel = dated(channel_of(_LATEST_FEED, "", extension, CONFIG), entries)

    def check(given: list[Entry]) -> None:
        _, held_back = render_checked(*feed_in(extension, channel), given)
        assert not held_back, held_back

    def store_too(given: list[Entry]) -> None:
        path = f"{_LATEST_FEED.path}.{extension}"
        source, (write, check) = digest(channel, given), feed_in(extension, channel)
        draft = Draft(form.media_type, source, write, check, term=LATEST, entries=given)
        rendition = rendered(path, draft, {})
        assert not rendition.held_back, rendition.held_back
        assert store.documents.publish([rendition], NOW) == 1

    ours: Mapping[str, Callable[[list[Entry]], object]] = {
        "render": partial(form.render, channel),
        "render, check": check,
        "render, check, store": store_too,
    }
    peers = {name: partial(write, channel) for name, write in PEERS[extension].items()}
    return timed_race(form.name, (1, "documents"), partial(_edited, entries), ours, peers)


def _entries_race(newest: list[Article]) -> Race[list[Article]]:
    def entries(given: list[Article]) -> None:
        for each in given:
            entry_of(each, CONFIG)

    def clean(given: list[Article]) -> None:
        for each in given:
            nh3.clean(each.body_html or "")

    things = (len(newest), "articles")
    return timed_race(
        "entries", things, lambda _: newest, {"entry_of": entries}, {"nh3.clean": clean}
    )


def _term_race(name: str, term: Term, store: Store) -> Race[datetime]:
    publish_term(term, store, CONFIG, NOW)
    written = (
        (feed, list(contents_of(feed, store, CONFIG, NOW).entries))
        for feed in feeds_of(term, CONFIG)
    )
    # Without views nothing rises, and what is empty is not published again.
    feeds = [(feed, entries) for feed, entries in written if entries]
    documents = len(feeds) * len(FORMATS)

    def edited(repetition: int) -> datetime:
        newest = article(0)
        changed = replace(newest, title=f"{newest.title} {name} {repetition}")
        patches.save(store, [changed], authority(CONFIG), datetime.now(UTC))
        return NOW

    def publish(now: datetime) -> None:
        assert publish_term(term, store, CONFIG, now) == documents

    peers = {
        f"{library} + json.dumps": partial(_write_all, library, feeds)
        for library in ("feedgen", "Django")
    }
    return timed_race(name, (documents, "documents"), edited, {"publish_term": publish}, peers)


def _edited(entries: list[Entry], repetition: int) -> list[Entry]:
    first, *others = entries
    return [replace(first, title=f"{first.title} {repetition}"), *others]


def _write_all(library: str, feeds: list[tuple[Feed, list[Entry]]], _: datetime) -> None:
    for feed, entries in feeds:
        for extension, peers in PEERS.items():
            write = peers.get(library, plain_json)
            write(channel_of(feed, "", extension, CONFIG), entries)
