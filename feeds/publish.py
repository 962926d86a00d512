"""From touched terms to published documents, through the gate."""

import gzip
import hashlib
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from feeds.catalog import Feed, articles_of, channel_of, feeds_of
from feeds.config import Config
from feeds.entries import entry_of
from feeds.formats import FORMATS
from feeds.gate import Edition, dated, edit
from feeds.model import Article, Difference, Entry
from feeds.storage import LATEST, Proof, Status, Store, Term
from feeds.verify import verify

logger = logging.getLogger(__name__)


def publish_term(term: Term, store: Store, config: Config, now: datetime) -> int:
    """Publish every feed that a term's articles are in; return how many documents changed.

    The caller holds the publisher lock. Raises StoreError.
    """
    name = _name(term, store)
    is_bare = term != LATEST and not store.articles.newest(term, now, 1)
    changed = 0
    for feed in feeds_of(term, config):
        if is_bare and not _is_published(feed, store):
            continue  # its only articles were withdrawn or are under embargo from the start
        changed += _publish_feed(feed, name, store, config, now)
    return changed


def differences_now(
    status: Status, store: Store, config: Config, now: datetime
) -> tuple[Difference, ...]:
    """Read a published document back, and compare it with its articles as they are at `now`."""
    stem, _, extension = status.path.rpartition(".")
    document = store.documents.get(status.path)
    feed = next((f for f in feeds_of(status.term, config) if f.path == stem), None)
    if document is None or feed is None:
        return ()
    held_back = {held.article_id for held in store.documents.held_back(status.path)}
    entries, _ = _entries(articles_of(feed, store, config, now), feed, config)
    kept = [entry for entry in entries if entry.article_id not in held_back]
    channel = dated(channel_of(feed, _name(feed.term, store), extension, config), kept)
    return verify(extension, document.body, channel, kept)


def _publish_feed(feed: Feed, name: str, store: Store, config: Config, now: datetime) -> int:
    entries, unusable = _entries(articles_of(feed, store, config, now), feed, config)
    lost = Edition(None, fault="; ".join(list(unusable.values())[:3]))
    proofs, held_back = [], dict[str, Mapping[str, str]]()
    for extension, form in FORMATS.items():
        path = f"{feed.path}.{extension}"
        channel = channel_of(feed, name, extension, config)
        edition = edit(extension, channel, entries) if entries or not unusable else lost
        if edition.body is None:
            logger.error("%s: not published: %s", path, edition.fault)
            store.documents.report(path, feed.term, form.media_type, edition.fault or "", now)
            continue
        held_back[path] = {**unusable, **edition.held_back}
        for article_id, reason in held_back[path].items():
            logger.warning("%s: article %s held back: %s", path, article_id, reason)
        proofs.append(_proof(path, feed, channel.title, form.media_type, edition))
    return store.documents.publish(proofs, held_back, now)


def _name(term: Term, store: Store) -> str:
    """Give a term's name; what is left of it in its slug once no article has it any more."""
    return store.articles.name(term) or term.slug


def _is_published(feed: Feed, store: Store) -> bool:
    return any(store.documents.get(f"{feed.path}.{extension}") for extension in FORMATS)


def _entries(
    articles: Sequence[Article], feed: Feed, config: Config
) -> tuple[list[Entry], dict[str, str]]:
    entries, unusable = [], {}
    for rank, article in enumerate(articles, 1):
        try:
            entries.append(entry_of(article, config, rank if feed.window else None))
        except Exception as error:  # noqa: BLE001 - whatever one article does, the others go out
            unusable[article.id] = f"cannot be made an entry: {error!r}"
    return entries, unusable


def _proof(path: str, feed: Feed, title: str, media_type: str, edition: Edition) -> Proof:
    body = edition.body or b""
    return Proof(
        path=path,
        term=feed.term,
        title=title,
        media_type=media_type,
        body=body,
        gzip=gzip.compress(body, compresslevel=6, mtime=0),
        etag=f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"',
        entries=edition.entries,
    )
