"""From drafts to published documents, through the gate; first of them the feeds of a term."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from feeds import __version__
from feeds.catalog import Feed, authority, channel_of, feed_at, feed_path, feeds_of
from feeds.config import Config
from feeds.entries import Contents, Make, contents_of, entry_maker
from feeds.formats import FORMATS
from feeds.gate import feed_in
from feeds.model import LATEST, Difference, Rendition, Term
from feeds.most_read import rank_if_outdated
from feeds.rendition import Draft, codings, digest, rendered
from feeds.store import Status, Store

logger = logging.getLogger(__name__)


def publish_term(term: Term, store: Store, config: Config, now: datetime) -> int:
    """Publish every feed that a term's articles are in; return how many documents changed.

    Documents of a moved term, and those that the configuration no longer knows, are taken away.
    The caller holds the publishing lock. Raises StoreError.
    """
    known = {status.path: status for status in store.documents.statuses(term=term)}
    feeds = [] if store.moves.is_moved(term) else list(feeds_of(term, config))
    is_bare = term != LATEST and store.articles.name(term, now) is None
    if is_bare and not store.moves.brings_feeds(term):
        # If its only articles were withdrawn or embargoed from the start, it gets no feed.
        published = {feed_path(path) for path in known if known[path].last_modified}
        feeds = [feed for feed in feeds if feed.path in published]
    paths = {feed.path for feed in feeds}
    strangers = [path for path in known if feed_path(path) not in paths]
    changed = store.documents.remove(strangers, now) if strangers else 0
    name, make = name_of(term, store, config, now) or term.slug, entry_maker(config)
    for feed in feeds:
        if feed.window is not None:
            rank_if_outdated(feed, store, config, now)
        contents = contents_of(feed, store, config, now, make)
        changed += renew(_drafts(feed, name, contents, store, config), known, store, now)
    return changed


def renew(
    drafts: Mapping[str, Draft], known: Mapping[str, Status], store: Store, now: datetime
) -> int:
    """Publish those drafts whose sources changed, by path; return how many documents changed.

    A fault keeps the last good document in place, but no article that was withdrawn: the document
    goes out without its articles or, as a page cannot, is taken away.
    """
    renditions = [
        _rendered(path, draft, store, now)
        for path, draft in drafts.items()
        if not _is_published(draft, known.get(path))
    ]
    hidden = [one.path for one in renditions if one.fault and _shows_hidden(one.path, store, now)]
    changed = store.documents.remove(hidden, now) if hidden else 0
    return changed + (store.documents.publish(renditions, now) if renditions else 0)


def differences_now(
    status: Status, store: Store, config: Config, now: datetime, make: Make | None = None
) -> tuple[Difference, ...]:
    """Read a published document back, and compare it with its articles as they are at `now`.

    Pass one `make`, from `entry_maker(config)`, when you compare many documents.
    """
    document = store.documents.get(status.path)
    feed = feed_at(feed_path(status.path), config)
    if document is None or not document.bodies or feed is None:
        return ()
    held_back = {held.article_id for held in store.documents.held_back(status.path)}
    contents = contents_of(feed, store, config, now, make)
    name = name_of(feed.term, store, config, now) or feed.term.slug
    draft = _drafts(feed, name, contents, store, config)[status.path]
    kept = [entry for entry in draft.entries if entry.article_id not in held_back]
    unusable = {one: why for one, why in draft.unusable.items() if one not in held_back}
    return (
        *(Difference("entry", "an article", reason, one) for one, reason in unusable.items()),
        *draft.check(document.body, kept),
    )


def name_of(term: Term, store: Store, config: Config, now: datetime) -> str | None:
    """Give a term's name; without articles, the name that its feed was last published with.

    None if it never had a feed.
    """
    if name := store.articles.name(term, now):
        return name
    statuses, before = store.documents.statuses(term=term), f"{config.site.title} – "
    return (statuses[0].title.partition(before)[2] or term.slug) if statuses else None


def _drafts(
    feed: Feed, name: str, contents: Contents, store: Store, config: Config
) -> dict[str, Draft]:
    """Draft the documents of a feed, by path.

    A ranked feed has no deltas: what changes there is the order.
    """
    host, slug = store.articles.authority(authority(config)), store.moves.first_slug(feed.term)
    made_of = digest(
        __version__, config.serve.deltas, tuple(codings()), contents.entries, contents.unusable
    )
    drafts = {}
    for extension, form in FORMATS.items():
        channel = channel_of(feed, name, extension, config, contents.basis, host=host, slug=slug)
        channel = replace(channel, tombstones=contents.tombstones)
        write, check = feed_in(extension, channel)
        drafts[f"{feed.path}.{extension}"] = Draft(
            form.media_type,
            digest(made_of, channel),
            write,
            check,
            title=channel.title,
            term=feed.term,
            entries=contents.entries,
            unusable=contents.unusable,
            deltas=0 if channel.ranked else config.serve.deltas,
        )
    return drafts


def _is_published(draft: Draft, status: Status | None) -> bool:
    """Say whether the published document has the same sources and passed the gate."""
    return status is not None and status.fault is None and status.source == draft.source


def _rendered(path: str, draft: Draft, store: Store, now: datetime) -> Rendition:
    """Render a document, or one without articles if it is at fault and the last may not stay."""
    rendition = rendered(path, draft, store.documents.versions(path, draft.deltas))
    if rendition.fault is not None:
        logger.error("%s: not published: %s", path, rendition.fault)
        if _shows_hidden(path, store, now):
            reasons = {entry.article_id: rendition.fault for entry in draft.entries}
            rendition = rendered(path, replace(draft, entries=(), unusable={}), {})
            rendition = replace(rendition, held_back={**reasons, **draft.unusable})
    for article_id, reason in rendition.held_back.items():
        logger.warning("%s: article %s held back: %s", path, article_id, reason)
    return rendition


def _shows_hidden(path: str, store: Store, now: datetime) -> bool:
    """Say whether a published document has an article that readers may not see any more."""
    last = store.documents.versions(path, 1).values()
    return store.articles.any_hidden({guid for digests in last for guid in digests}, now)
