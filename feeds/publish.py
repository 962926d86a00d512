"""From touched terms to published documents, through the gate."""

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice

from feeds import __version__
from feeds.catalog import Feed, authority, channel_of, contents_of, feeds_of
from feeds.compress import codings, encoded
from feeds.config import Config
from feeds.deltas import deltas_of, digest, digests_of
from feeds.entries import entry_of
from feeds.errors import ArticleError
from feeds.formats import FORMATS
from feeds.gate import Edition, dated, edit
from feeds.model import LATEST, Article, Channel, Difference, Entry, Term
from feeds.most_read import rank_if_outdated
from feeds.store import Proof, Status, Store, Unreadable, Version
from feeds.verify import verify

logger = logging.getLogger(__name__)

Make = Callable[[Article, int | None], Entry]

_ENTRIES_KEPT = 2_000


def publish_term(term: Term, store: Store, config: Config, now: datetime) -> int:
    """Publish every feed that a term's articles are in; return how many documents changed.

    Documents that the configuration no longer knows are taken away. The caller holds the
    publishing lock. Raises StoreError.
    """
    name = name_of(term, store, config, now)
    is_bare = term != LATEST and not store.articles.newest(term, now, 1)
    published = {path: path.rpartition(".")[0] for path in store.documents.paths(term)}
    feeds = list(feeds_of(term, config))
    known = {feed.path for feed in feeds}
    strangers = [path for path, stem in published.items() if stem not in known]
    changed = store.documents.remove(strangers, now) if strangers else 0
    for feed in feeds:
        if is_bare and feed.path not in published.values():
            continue  # its only articles were withdrawn or are under embargo from the start
        if feed.window is not None:
            rank_if_outdated(feed, store, config, now)
        changed += _publish_feed(feed, name, store, config, now)
    return changed


def fingerprint(config: Config) -> str:
    """Give what changes when all documents have to be made anew."""
    return f"{__version__} {config.fingerprint()}"


def differences_now(
    status: Status, store: Store, config: Config, now: datetime, make: Make | None = None
) -> tuple[Difference, ...]:
    """Read a published document back, and compare it with its articles as they are at `now`.

    `make` is `entry_maker(config)`, which whoever compares many documents keeps.
    """
    stem, _, extension = status.path.rpartition(".")
    document = store.documents.get(status.path)
    feed = next((f for f in feeds_of(status.term, config) if f.path == stem), None)
    if document is None or not document.bodies or feed is None:
        return ()
    held_back = {held.article_id for held in store.documents.held_back(status.path)}
    filling = filling_of(feed, store, config, now, make)
    kept = [entry for entry in filling.entries if entry.article_id not in held_back]
    name = name_of(feed.term, store, config, now)
    host = store.articles.authority(authority(config))
    channel = channel_of(feed, name, extension, config, filling.basis, host=host)
    unusable = {one: why for one, why in filling.unusable.items() if one not in held_back}
    return (
        *(Difference("entry", "an article", reason, one) for one, reason in unusable.items()),
        *verify(extension, document.body, dated(channel, kept), kept),
    )


@dataclass(frozen=True, slots=True)
class _Draft:
    """A document to be made, and all that it is made of; `source` is the digest of that.

    `unusable` is article id → reason.
    """

    path: str
    extension: str
    channel: Channel
    entries: Sequence[Entry]
    unusable: Mapping[str, str]
    source: str


def _publish_feed(feed: Feed, name: str, store: Store, config: Config, now: datetime) -> int:
    proofs, held_back = [], dict[str, Mapping[str, str]]()
    for draft in _drafts(feed, name, store, config, now):
        media_type = FORMATS[draft.extension].media_type
        edition = _edited(draft)
        if edition.body is None:
            logger.error("%s: not published: %s", draft.path, edition.fault)
            store.documents.report(draft.path, feed.term, media_type, edition.fault or "", now)
            continue
        held_back[draft.path] = {**draft.unusable, **edition.held_back}
        for article_id, reason in held_back[draft.path].items():
            logger.warning("%s: article %s held back: %s", draft.path, article_id, reason)
        versions = store.documents.versions(draft.path)[: config.serve.deltas]
        proofs.append(_proof(draft, feed.term, edition, versions))
    return store.documents.publish(proofs, held_back, now)


def _drafts(feed: Feed, name: str, store: Store, config: Config, now: datetime) -> Iterator[_Draft]:
    """Give the documents of a feed that are not published yet as they should be now."""
    filling = filling_of(feed, store, config, now)
    entries, unusable = filling.entries, filling.unusable
    host = store.articles.authority(authority(config))
    made_of = digest(__version__, config.serve.deltas, codings(), entries, unusable)
    known = store.documents.sources([f"{feed.path}.{extension}" for extension in FORMATS])
    for extension in FORMATS:
        path = f"{feed.path}.{extension}"
        channel = channel_of(feed, name, extension, config, filling.basis, host=host)
        source = digest(made_of, channel)
        # Made of just this before, and found equal to it: both would come out the same.
        if known.get(path) != source:
            yield _Draft(path, extension, channel, entries, unusable, source)


def _edited(draft: _Draft) -> Edition:
    if draft.unusable and not draft.entries:
        reasons = (f"article {one} {reason}" for one, reason in draft.unusable.items())
        return Edition(None, fault="; ".join(islice(reasons, 3)))
    return edit(draft.extension, draft.channel, draft.entries)


def _proof(draft: _Draft, term: Term, edition: Edition, versions: Sequence[Version]) -> Proof:
    body = edition.body or b""
    kept = [entry for entry in draft.entries if entry.article_id not in edition.held_back]
    return Proof(
        path=draft.path,
        term=term,
        title=draft.channel.title,
        media_type=FORMATS[draft.extension].media_type,
        source=draft.source,
        etag=f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"',
        digests=digests_of(kept),
        bodies=encoded(body),
        deltas=deltas_of(draft.extension, draft.channel, kept, versions),
    )


def name_of(term: Term, store: Store, config: Config, now: datetime) -> str:
    """Give a term's name; once no article has it, the one that its feed was published with last."""
    if name := store.articles.name(term, now):
        return name
    before = f"{config.site.title} – "
    titles = (store.documents.title(f"{feed.path}.rss") for feed in feeds_of(term, config))
    title = next(titles, "")
    return title.removeprefix(before) if title.startswith(before) else term.slug


@dataclass(frozen=True, slots=True)
class Filling:
    """What a feed is filled with; `unusable` is article id → reason, `basis` as in `Contents`."""

    entries: Sequence[Entry]
    unusable: Mapping[str, str]
    basis: str | None


def entry_maker(config: Config) -> Make:
    """Give what makes an article an entry, once for all documents that have it."""
    return lru_cache(_ENTRIES_KEPT)(lambda article, rank: entry_of(article, config, rank))


def filling_of(
    feed: Feed, store: Store, config: Config, now: datetime, make: Make | None = None
) -> Filling:
    """Make the articles of a feed its entries; one that cannot be one is named with the reason."""
    make = make or entry_maker(config)
    entries, unusable = list[Entry](), dict[str, str]()
    contents = contents_of(feed, store, config, now)
    for rank, article in enumerate(contents.articles, 1):
        if isinstance(article, Unreadable):
            unusable[article.id] = article.reason
            continue
        try:
            entries.append(make(article, rank if feed.window else None))
        except ArticleError as error:
            unusable[article.id] = str(error)
        except Exception as error:  # noqa: BLE001 - whatever one article does, the others go out
            unusable[article.id] = f"cannot be made an entry: {error!r}"
    return Filling(entries, unusable, contents.basis)
