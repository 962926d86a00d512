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

# Migrations use this and the functions for columns too: a change of them would change old ones.
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


def keys(*names: str, type_: Any = Key) -> Iterator[sa.Column[Any]]:
    """Define the columns of a primary key."""
    return (sa.Column(name, type_, primary_key=True, autoincrement=False) for name in names)


def columns(type_: Any, *names: str, optional: bool = False) -> Iterator[sa.Column[Any]]:
    """Define columns of a type."""
    return (sa.Column(name, type_, nullable=optional) for name in names)


def texts(*names: str, optional: bool = False) -> Iterator[sa.Column[Any]]:
    """Define columns of texts."""
    return columns(sa.String, *names, optional=optional)


def numbers(*names: str, optional: bool = False) -> Iterator[sa.Column[Any]]:
    """Define columns of whole numbers."""
    return columns(sa.BigInteger, *names, optional=optional)


# A withdrawn article keeps its row and has no listing, so that no query for a feed can find it.
articles = _table(
    "articles",
    keys("id"),
    texts("guid", "title", "status"),
    numbers("published", "updated", "views"),
    numbers("comments", optional=True),
    columns(sa.JSON, "authors", "sections", "tags"),
    columns(sa.JSON(none_as_null=True), "image", "correction", "attachments", optional=True),
    texts("language", "url", "subtitle", "summary", "body_html", "body_text", optional=True),
)
sa.Index("articles_by_guid", articles.c.guid)
sa.Index("articles_by_url", articles.c.url)

listings = _table(
    "listings", keys("article_id", "kind", "slug"), texts("name"), numbers("published", "views")
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
tombstones = _table("tombstones", keys("article_id", "kind", "slug"), numbers("at"))
sa.Index(
    "tombstones_latest",
    *(tombstones.c.kind, tombstones.c.slug, tombstones.c.at.desc(), tombstones.c.article_id),
)
sa.Index("tombstones_by_age", tombstones.c.at)

# The owner of each slug, for ever: `key` is `name:` and the name in lower case, or `id:` and the
# CMS's id of an author. Several keys may share a slug; a key has one for each kind.
terms = _table("terms", keys("key", "kind"), columns(Key, "slug"), clustered=True)
sa.Index("terms_by_slug", terms.c.slug, terms.c.kind)

# The terms that were renamed: `target` is the present slug and `name` the present name; `first` is
# the slug in the ids of the target's feeds.
moves = _table("moves", keys("kind", "slug"), columns(Key, "target", "first"), texts("name"))

# Terms to publish: the stamp of the latest touch, and that up to which touches are published.
touched = _table(
    "touched", keys("kind", "slug"), numbers("stamp"), numbers("published", optional=True)
)
sa.Index("touched_latest", touched.c.stamp.desc(), touched.c.kind, touched.c.slug)

documents = _table(
    "documents",
    keys("path"),
    columns(Key, "kind", "slug"),
    texts("media_type", "title"),
    texts("source", "etag", "fault", optional=True),
    numbers("last_modified", "pace", optional=True),
    [sa.Column("version", sa.BigInteger, index=True)],
    columns(sa.Integer, "entries"),
    numbers("checked"),
)
sa.Index("documents_of_term", documents.c.kind, documents.c.slug)
IS_PUBLISHED = documents.c.etag.isnot(None)
IS_OF_FEED = documents.c.kind != PAGES.kind

# The bytes of each document by content coding, and those of its deltas, by the ETag of the version
# that they lead on from. `since` is empty for the document itself.
representations = _table(
    "representations", keys("path", "since", "coding"), columns(sa.LargeBinary, "bytes")
)

# The latest versions of each document, as the digest of each entry by its id.
versions = _table("versions", keys("path", "etag"), numbers("version"), columns(sa.JSON, "digests"))

quarantine = _table("quarantine", keys("path", "article_id"), texts("reason"), numbers("since"))

# The metadata: single values that the store remembers.
notes = _table("notes", keys("key"), texts("value"))

# A visitor's key is made with the salt of the paper's day, and means nothing without it.
salts = _table(
    "salts", keys("day", type_=sa.Integer), columns(sa.LargeBinary, "salt"), numbers("made")
)

# How far spool files and access logs are folded, in bytes. The digest of the bytes of a log tells
# a log that has grown from another one.
spools = _table("spools", keys("name"), numbers("position"), texts("digest", optional=True))

# Who read which article on a day that is still open: `hour` is the first, `times` counts reloads.
visits = _table(
    "visits",
    keys("day", type_=sa.Integer),
    keys("visitor", type_=sa.BigInteger),
    keys("article_id"),
    numbers("network"),
    columns(sa.Integer, "hour"),
    numbers("times"),
    clustered=True,
)

# The days that have visits: how many folds there were, and how many of them are counted.
days = _table("days", keys("day", type_=sa.Integer), numbers("folds", "counted"))

# Counts by hour: `reader`, `given` by another system, or the reason why views were left out.
counts = _table(
    "counts",
    keys("hour", type_=sa.Integer),
    keys("kind", "article_id"),
    numbers("number"),
    clustered=True,
)

# The part of these counts that comes from the visits of a day, and changes with them.
open_counts = _table(
    "open_counts",
    keys("day", "hour", type_=sa.Integer),
    keys("kind", "article_id"),
    numbers("number"),
    clustered=True,
)

# The readers of the last `span` hours, kept up with `counts`, so that no ranking has to add up.
totals = _table(
    "totals",
    keys("span", type_=sa.Integer),
    keys("article_id"),
    numbers("readers"),
    clustered=True,
)
sa.Index("totals_most_read", totals.c.span, totals.c.readers.desc(), totals.c.article_id)

# The order of each ranked list as published; `basis` is the window that was counted in fact,
# `rules` a digest of the settings it was ranked by.
rankings = _table(
    "rankings",
    keys("kind", "slug", "window"),
    columns(sa.JSON, "articles"),
    texts("basis", "rules"),
)

# The articles that editors keep out of all rankings.
blocks = _table("blocks", keys("article_id"), texts("editor"), numbers("since"), texts("reason"))

# What each client program asked for by the hour; hour 0 keeps the numbers of forgotten hours.
polls = _table(
    "polls",
    keys("hour", type_=sa.Integer),
    keys("client"),
    numbers("requests", "not_modified", "errors", "sent", "saved", "subscribers", "pollers"),
    clustered=True,
)

# Who is told of changes, and what became of it: `kind` is as in `feeds.store.receivers`. All that
# came up to `position` is delivered: the Last-Modified of a topic, the version of a document, or
# the stamp of an announced article. `failing` is since when the last deliveries failed.
receivers = _table(
    "receivers",
    keys("kind", "url", "topic"),
    columns(Key, "host"),
    numbers("position", "due", "attempts"),
    numbers("failing", "delivered", "lease", "expires", optional=True),
    texts("reason", "secret", optional=True),
)
sa.Index("receivers_by_host", receivers.c.host)

# Articles that changed since they were last announced: whether readers could see each before that,
# the stamp of its terms' touch, and the end of its embargo, 0 without one.
unannounced = _table("unannounced", keys("article_id"), numbers("was_public", "stamp", "due"))
_change = (unannounced.c.stamp.desc(), unannounced.c.article_id)
sa.Index("unannounced_latest", unannounced.c.due, *_change)

# The log of announced articles, each with its last change; `first` is the stamp at which it became
# public, 0 if that was before.
announced = _table("announced", keys("article_id"), numbers("stamp", "first"))
sa.Index("announced_by_stamp", announced.c.stamp)
