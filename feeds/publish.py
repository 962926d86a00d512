"""From touched terms to published documents, through the gate."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from feeds import __version__
from feeds.catalog import Feed, authority, channel_of, feeds_of
from feeds.config import Config
from feeds.entries import Contents, Make, contents_of, entry_maker
from feeds.formats import FORMATS
from feeds.gate import dated
from feeds.model import LATEST, Channel, Difference, Rendition, Term
from feeds.most_read import rank_if_outdated
from feeds.rendition import codings, digest, rendered
from feeds.store import Status, Store
from feeds.verify import verify

logger = logging.getLogger(__name__)


def publish_term(term: Term, store: Store, config: Config, now: datetime) -> int:
    """Publish every feed that a term's articles are in; return how many documents changed.

    Documents of a moved term, and those that the configuration no longer knows, are taken away.
    The caller holds the publishing lock. Raises StoreError.
    """
    is_moved = store.moves.is_moved(term)
    feeds = {} if is_moved else {feed.path: feed for feed in feeds_of(term, config)}
    known = {status.path: status for status in store.documents.statuses(term=term)}
    published = {_feed_path(path) for path in known if known[path].last_modified}
    is_bare = term != LATEST and store.articles.name(term, now) is None
    if is_bare and not store.moves.brings_feeds(term):
        # If its only articles were withdrawn or embargoed from the start, it gets no feed.
        feeds = {path: feed for path, feed in feeds.items() if path in published}
    strangers = [path for path in known if _feed_path(path) not in feeds]
    changed = store.documents.remove(strangers, now) if strangers else 0
    name, make = name_of(term, store, config, now), entry_maker(config)
    for feed in feeds.values():
        if feed.window is not None:
            rank_if_outdated(feed, store, config, now)
        contents = contents_of(feed, store, config, now, make)
        renditions = [
            _rendered(drafted, contents, store, config, now)
            for drafted in _drafts(feed, name, contents, store, config)
            if not _is_published(drafted[0], known.get(drafted[0].path))
        ]
        changed += store.documents.publish(renditions, now) if renditions else 0
    return changed


def differences_now(
    status: Status, store: Store, config: Config, now: datetime, make: Make | None = None
) -> tuple[Difference, ...]:
    """Read a published document back, and compare it with its articles as they are at `now`.

    Pass one `make`, from `entry_maker(config)`, when you compare many documents.
    """
    feed_path, _, extension = status.path.rpartition(".")
    document = store.documents.get(status.path)
    feed = next((f for f in feeds_of(status.term, config) if f.path == feed_path), None)
    if document is None or not document.bodies or feed is None:
        return ()
    held_back = {held.article_id for held in store.documents.held_back(status.path)}
    contents = contents_of(feed, store, config, now, make)
    kept = [entry for entry in contents.entries if entry.article_id not in held_back]
    name = name_of(feed.term, store, config, now)
    drafts = _drafts(feed, name, contents, store, config)
    channel = dated({draft.path: channel for draft, channel in drafts}[status.path], kept)
    unusable = {one: why for one, why in contents.unusable.items() if one not in held_back}
    return (
        *(Difference("entry", "an article", reason, one) for one, reason in unusable.items()),
        *verify(extension, document.body, channel, kept),
    )


def shows_hidden(path: str, store: Store, now: datetime) -> bool:
    """Say whether a published document has an article that readers may not see any more."""
    last = store.documents.versions(path, 1).values()
    return store.articles.any_hidden({guid for digests in last for guid in digests}, now)


def name_of(term: Term, store: Store, config: Config, now: datetime) -> str:
    """Give a term's name; without articles, the name that its feed was last published with."""
    if name := store.articles.name(term, now):
        return name
    before = f"{config.site.title} – "
    title = next((status.title for status in store.documents.statuses(term=term)), "")
    return title.removeprefix(before) if title.startswith(before) else term.slug


def _drafts(
    feed: Feed, name: str, contents: Contents, store: Store, config: Config
) -> Iterator[tuple[Rendition, Channel]]:
    """Describe the documents of a feed and their sources before any is rendered."""
    host, slug = store.articles.authority(authority(config)), store.moves.first_slug(feed.term)
    made_of = digest(
        __version__, config.serve.deltas, tuple(codings()), contents.entries, contents.unusable
    )
    for extension, form in FORMATS.items():
        channel = channel_of(feed, name, extension, config, contents.basis, host=host, slug=slug)
        channel = replace(channel, tombstones=contents.tombstones)
        path, source = f"{feed.path}.{extension}", digest(made_of, channel)
        yield Rendition(path, feed.term, channel.title, form.media_type, source), channel


def _is_published(draft: Rendition, status: Status | None) -> bool:
    """Say whether the published document has the same sources and passed the gate."""
    return status is not None and status.fault is None and status.source == draft.source


def _feed_path(path: str) -> str:
    return path.rpartition(".")[0]


def _rendered(
    drafted: tuple[Rendition, Channel],
    contents: Contents,
    store: Store,
    config: Config,
    now: datetime,
) -> Rendition:
    """Render a document, or an empty one if it is at fault and the last one may not stay.

    A fault keeps the last good document in place, but no article that was withdrawn.
    """
    draft, channel = drafted
    versions = store.documents.versions(draft.path, config.serve.deltas)
    rendition = rendered(draft, channel, contents, versions)
    if rendition.fault is not None:
        logger.error("%s: not published: %s", rendition.path, rendition.fault)
        if shows_hidden(draft.path, store, now):
            rendition = _emptied(draft, channel, contents, rendition.fault)
    for article_id, reason in rendition.held_back.items():
        logger.warning("%s: article %s held back: %s", rendition.path, article_id, reason)
    return rendition


def _emptied(draft: Rendition, channel: Channel, contents: Contents, fault: str) -> Rendition:
    """Render a document without its entries, which are held back for its fault."""
    held_back = dict.fromkeys((entry.article_id for entry in contents.entries), fault)
    empty = rendered(draft, channel, replace(contents, entries=(), unusable={}), {})
    return empty if empty.fault else replace(empty, held_back={**held_back, **contents.unusable})
