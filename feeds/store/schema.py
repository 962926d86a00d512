"""The tables, as the newest migration leaves them.

Times are whole seconds since 1970, UTC. Hours are whole hours since then; a day is its proleptic
ordinal in the paper's time zone.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import sqlalchemy as sa

from feeds.model import PAGES, Term

VERSION = "0011"
"""The revision of the newest migration."""

metadata = sa.MetaData()

# Order and equality by code point on every database, whatever its locale.
Key = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def seconds(moment: datetime) -> int:
    """Give a moment as it is stored."""
    return int(moment.timestamp())


def moment(seconds: int) -> datetime:
    """Give a moment that was stored."""
    return datetime.fromtimestamp(seconds, UTC)


def has_term(table: sa.FromClause, term: Term) -> sa.ColumnElement[bool]:
    """Select the rows of a term, in a table with the columns `kind` and `slug`."""
    return sa.and_(table.c.kind == term.kind, table.c.slug == term.slug)


def _table(name: str, *columns: Iterable[sa.Column[Any]], clustered: bool = False) -> sa.Table:
    """Define a table; SQLite stores a clustered one once, in the order of its primary key."""
    return sa.Table(name, metadata, *chain(*columns), sqlite_with_rowid=not clustered)


def _keys(*names: str, type_: Any = Key) -> Iterator[sa.Column[Any]]:
    return (sa.Column(name, type_, primary_key=True, autoincrement=False) for name in names)


def _columns(type_: Any, *names: str, optional: bool = False) -> Iterator[sa.Column[Any]]:
    return (sa.Column(name, type_, nullable=optional) for name in names)


def _texts(*names: str, optional: bool = False) -> Iterator[sa.Column[Any]]:
    return _columns(sa.String, *names, optional=optional)


def _numbers(*names: str, optional: bool = False) -> Iterator[sa.Column[Any]]:
    return _columns(sa.BigInteger, *names, optional=optional)


# A withdrawn article keeps its row and has no listing, so that no query for a feed can find it.
articles = _table(
    "articles",
    _keys("id"),
    _texts("guid", "title", "status"),
    _numbers("published", "updated", "views"),
    _numbers("comments", optional=True),
    _columns(sa.JSON, "authors", "sections", "tags"),
    _columns(sa.JSON(none_as_null=True), "image", "correction", "attachments", optional=True),
    _texts("language", "url", "subtitle", "summary", "body_html", "body_text", optional=True),
)
sa.Index("articles_by_guid", articles.c.guid)
sa.Index("articles_by_url", articles.c.url)

listings = _table(
    "listings", _keys("article_id", "kind", "slug"), _texts("name"), _numbers("published", "views")
)
_term = (listings.c.kind, listings.c.slug)
_is_read = listings.c.views > 0
sa.Index("listings_newest", *_term, listings.c.published.desc(), listings.c.article_id)
sa.Index(
    "listings_most_read",
    *(*_term, listings.c.views.desc(), listings.c.article_id),
    sqlite_where=_is_read,
    postgresql_where=_is_read,
)

# When a withdrawn article left the feeds of a term; gone once the article is live again.
tombstones = _table("tombstones", _keys("article_id", "kind", "slug"), _numbers("at"))
sa.Index(
    "tombstones_latest",
    *(tombstones.c.kind, tombstones.c.slug, tombstones.c.at.desc(), tombstones.c.article_id),
)
sa.Index("tombstones_by_age", tombstones.c.at)

# The owner of each slug, for ever: `key` is `name:` and the name in lower case, or `id:` and the
# CMS's id of an author. Several keys may share a slug; a key has one for each kind.
terms = _table("terms", _keys("key", "kind"), _columns(Key, "slug"), clustered=True)
sa.Index("terms_by_slug", terms.c.slug, terms.c.kind)

# The terms that were renamed: `target` is the present slug and `name` the present name; `first` is
# the slug in the ids of the target's feeds.
moves = _table("moves", _keys("kind", "slug"), _columns(Key, "target", "first"), _texts("name"))

# Terms to publish: the stamp of the latest touch, and that up to which touches are published.
touched = _table(
    "touched", _keys("kind", "slug"), _numbers("stamp"), _numbers("published", optional=True)
)
sa.Index("touched_latest", touched.c.stamp.desc(), touched.c.kind, touched.c.slug)

documents = _table(
    "documents",
    _keys("path"),
    _columns(Key, "kind", "slug"),
    _texts("media_type", "title"),
    _texts("source", "etag", "fault", optional=True),
    _numbers("last_modified", "pace", optional=True),
    [sa.Column("version", sa.BigInteger, index=True)],
    _columns(sa.Integer, "entries"),
    _numbers("checked"),
)
sa.Index("documents_of_term", documents.c.kind, documents.c.slug)
IS_PUBLISHED = documents.c.etag.isnot(None)
IS_OF_FEED = documents.c.kind != PAGES.kind

# The bytes of each document by content coding, and those of its deltas, by the ETag of the version
# that they lead on from. `since` is empty for the document itself.
representations = _table(
    "representations", _keys("path", "since", "coding"), _columns(sa.LargeBinary, "bytes")
)

# The latest versions of each document, as the digest of each entry by its id.
versions = _table(
    "versions", _keys("path", "etag"), _numbers("version"), _columns(sa.JSON, "digests")
)

quarantine = _table("quarantine", _keys("path", "article_id"), _texts("reason"), _numbers("since"))

# The metadata: single values that the store remembers.
notes = _table("notes", _keys("key"), _texts("value"))

# A visitor's key is made with the salt of the paper's day, and means nothing without it.
salts = _table(
    "salts", _keys("day", type_=sa.Integer), _columns(sa.LargeBinary, "salt"), _numbers("made")
)

# How far spool files and access logs are folded, in bytes. The digest of the bytes of a log tells
# a log that has grown from another one.
spools = _table("spools", _keys("name"), _numbers("position"), _texts("digest", optional=True))

# Who read which article on a day that is still open: `hour` is the first, `times` counts reloads.
visits = _table(
    "visits",
    _keys("day", type_=sa.Integer),
    _keys("visitor", type_=sa.BigInteger),
    _keys("article_id"),
    _numbers("network"),
    _columns(sa.Integer, "hour"),
    _numbers("times"),
    clustered=True,
)

# The days that have visits: how many folds there were, and how many of them are counted.
days = _table("days", _keys("day", type_=sa.Integer), _numbers("folds", "counted"))

# Counts by hour: `reader`, `given` by another system, or the reason why views were left out.
counts = _table(
    "counts",
    _keys("hour", type_=sa.Integer),
    _keys("kind", "article_id"),
    _numbers("number"),
    clustered=True,
)

# The part of these counts that comes from the visits of a day, and changes with them.
open_counts = _table(
    "open_counts",
    _keys("day", "hour", type_=sa.Integer),
    _keys("kind", "article_id"),
    _numbers("number"),
    clustered=True,
)

# The readers of the last `span` hours, kept up with `counts`, so that no ranking has to add up.
totals = _table(
    "totals",
    _keys("span", type_=sa.Integer),
    _keys("article_id"),
    _numbers("readers"),
    clustered=True,
)
sa.Index("totals_most_read", totals.c.span, totals.c.readers.desc(), totals.c.article_id)

# The order of each ranked list as published; `basis` is the window that was counted in fact,
# `rules` a digest of the settings it was ranked by.
rankings = _table(
    "rankings",
    _keys("kind", "slug", "window"),
    _columns(sa.JSON, "articles"),
    _texts("basis", "rules"),
)

# The articles that editors keep out of all rankings.
blocks = _table(
    "blocks", _keys("article_id"), _texts("editor"), _numbers("since"), _texts("reason")
)

# What each client program asked for by the hour; hour 0 keeps the numbers of forgotten hours.
polls = _table(
    "polls",
    _keys("hour", type_=sa.Integer),
    _keys("client"),
    _numbers("requests", "not_modified", "errors", "sent", "saved", "subscribers", "pollers"),
    clustered=True,
)

# Who is told of changes, and what became of it: `kind` is as in `feeds.store.receivers`. All that
# came up to `position` is delivered: the Last-Modified of a topic, the version of a document, or
# the stamp of an announced article. `failing` is since when the last deliveries failed.
receivers = _table(
    "receivers",
    _keys("kind", "url", "topic"),
    _columns(Key, "host"),
    _numbers("position", "due", "attempts"),
    _numbers("failing", "delivered", "lease", "expires", optional=True),
    _texts("reason", "secret", optional=True),
)
sa.Index("receivers_by_host", receivers.c.host)

# Articles that changed since they were last announced: whether readers could see each before that,
# the stamp of its terms' touch, and the end of its embargo, 0 without one.
unannounced = _table("unannounced", _keys("article_id"), _numbers("was_public", "stamp", "due"))
_change = (unannounced.c.stamp.desc(), unannounced.c.article_id)
sa.Index("unannounced_latest", unannounced.c.due, *_change)

# The log of announced articles, each with its last change; `first` is the stamp at which it became
# public, 0 if that was before.
announced = _table("announced", _keys("article_id"), _numbers("stamp", "first"))
sa.Index("announced_by_stamp", announced.c.stamp)
