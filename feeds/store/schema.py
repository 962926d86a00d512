"""The tables, as the newest migration leaves them.

Times are whole seconds since 1970, UTC. A withdrawn article keeps its row and has no listing, so
that no query for a feed can find it.
"""

import sqlalchemy as sa

# The revision of the newest migration.
VERSION = "0004"

metadata = sa.MetaData()

# Order and equality by code point on every database, whatever its locale.
_Key = sa.String().with_variant(sa.String(collation="C"), "postgresql")

articles = sa.Table(
    "articles",
    metadata,
    sa.Column("id", _Key, primary_key=True),
    sa.Column("guid", sa.String, nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("published", sa.BigInteger, nullable=False),
    sa.Column("updated", sa.BigInteger, nullable=False),
    sa.Column("url", sa.String),
    sa.Column("subtitle", sa.String),
    sa.Column("summary", sa.String),
    sa.Column("body_html", sa.String),
    sa.Column("body_text", sa.String),
    sa.Column("authors", sa.JSON, nullable=False),
    sa.Column("sections", sa.JSON, nullable=False),
    sa.Column("tags", sa.JSON, nullable=False),
    sa.Column("image", sa.JSON(none_as_null=True)),
    sa.Column("language", sa.String),
    sa.Column("comments", sa.BigInteger),
    sa.Column("views", sa.BigInteger, nullable=False),
    sa.Column("status", sa.String, nullable=False),
)

listings = sa.Table(
    "listings",
    metadata,
    sa.Column("article_id", _Key, primary_key=True),
    sa.Column("kind", _Key, primary_key=True),
    sa.Column("slug", _Key, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("published", sa.BigInteger, nullable=False),
    sa.Column("views", sa.BigInteger, nullable=False),
)
sa.Index(
    "listings_newest",
    listings.c.kind,
    listings.c.slug,
    listings.c.published.desc(),
    listings.c.article_id,
)
sa.Index(
    "listings_most_read",
    listings.c.kind,
    listings.c.slug,
    listings.c.views.desc(),
    listings.c.article_id,
    sqlite_where=listings.c.views > 0,
    postgresql_where=listings.c.views > 0,
)

# Whose each slug is, for ever: `key` is `name:` and the name in lower case, or `id:` and the CMS's
# id of an author. Several keys may have one slug, a key has one for each kind.
terms = sa.Table(
    "terms",
    metadata,
    sa.Column("key", _Key, primary_key=True),
    sa.Column("kind", _Key, primary_key=True),
    sa.Column("slug", _Key, nullable=False),
    sqlite_with_rowid=False,
)
sa.Index("terms_by_slug", terms.c.slug, terms.c.kind)

touched = sa.Table(
    "touched",
    metadata,
    sa.Column("kind", _Key, primary_key=True),
    sa.Column("slug", _Key, primary_key=True),
    sa.Column("stamp", sa.BigInteger, nullable=False),
)
sa.Index("touched_latest", touched.c.stamp.desc(), touched.c.kind, touched.c.slug)

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("path", _Key, primary_key=True),
    sa.Column("kind", _Key, nullable=False),
    sa.Column("slug", _Key, nullable=False),
    sa.Column("media_type", sa.String, nullable=False),
    sa.Column("source", sa.String),
    sa.Column("etag", sa.String),
    sa.Column("last_modified", sa.BigInteger),
    sa.Column("pace", sa.BigInteger),
    sa.Column("version", sa.BigInteger, index=True),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("entries", sa.Integer, nullable=False),
    sa.Column("checked", sa.BigInteger, nullable=False),
    sa.Column("fault", sa.String),
)

sa.Index("documents_of_term", documents.c.kind, documents.c.slug)

# Of each document its bytes, by content coding; and those of its deltas, by the ETag of the
# version that they lead on from. `since` is empty for the document itself.
representations = sa.Table(
    "representations",
    metadata,
    sa.Column("path", _Key, primary_key=True),
    sa.Column("since", _Key, primary_key=True),
    sa.Column("coding", _Key, primary_key=True),
    sa.Column("bytes", sa.LargeBinary, nullable=False),
)

# The latest versions of each document, as the digest of each entry by its id.
versions = sa.Table(
    "versions",
    metadata,
    sa.Column("path", _Key, primary_key=True),
    sa.Column("etag", _Key, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("digests", sa.JSON, nullable=False),
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    sa.Column("path", _Key, primary_key=True),
    sa.Column("article_id", _Key, primary_key=True),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("since", sa.BigInteger, nullable=False),
)

notes = sa.Table(
    "notes",
    metadata,
    sa.Column("key", _Key, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)

# A visitor's key is made with the salt of the paper's day, and means nothing once that is gone.
salts = sa.Table(
    "salts",
    metadata,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("salt", sa.LargeBinary, nullable=False),
    sa.Column("made", sa.BigInteger, nullable=False),
)

# How far spool files and access logs are folded, in bytes. Of a log also the digest of what was
# read, which tells a file that has grown from another one.
spools = sa.Table(
    "spools",
    metadata,
    sa.Column("name", _Key, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.String),
)

# Who read what on a day that is still open: `hour` is the first one, `times` counts reloads too.
# Hours are whole hours since 1970, UTC; a day is its proleptic ordinal in the paper's time zone.
visits = sa.Table(
    "visits",
    metadata,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("visitor", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("article_id", _Key, primary_key=True),
    sa.Column("network", sa.BigInteger, nullable=False),
    sa.Column("hour", sa.Integer, nullable=False),
    sa.Column("times", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# The days that have visits: how often something was folded into them, how often that had been when
# they were last counted, and how often their counts were changed.
days = sa.Table(
    "days",
    metadata,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("folds", sa.BigInteger, nullable=False),
    sa.Column("counted", sa.BigInteger, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

# Counts by hour: `reader`, `given` by another system, or the reason why views were left out.
counts = sa.Table(
    "counts",
    metadata,
    sa.Column("hour", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", _Key, primary_key=True),
    sa.Column("article_id", _Key, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# The part of these counts that comes from the visits of a day, and changes with them.
open_counts = sa.Table(
    "open_counts",
    metadata,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("hour", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", _Key, primary_key=True),
    sa.Column("article_id", _Key, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# The readers of the last `span` hours, kept up with `counts`, so that no ranking has to add up.
totals = sa.Table(
    "totals",
    metadata,
    sa.Column("span", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("article_id", _Key, primary_key=True),
    sa.Column("readers", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
sa.Index("totals_most_read", totals.c.span, totals.c.readers.desc(), totals.c.article_id)

# The order of each ranked list as it is published; `basis` is the window that was counted in fact,
# `rules` a digest of the settings it was ranked by.
rankings = sa.Table(
    "rankings",
    metadata,
    sa.Column("kind", _Key, primary_key=True),
    sa.Column("slug", _Key, primary_key=True),
    sa.Column("window", _Key, primary_key=True),
    sa.Column("articles", sa.JSON, nullable=False),
    sa.Column("basis", sa.String, nullable=False),
    sa.Column("rules", sa.String, nullable=False),
)

# What editors keep out of all rankings.
blocks = sa.Table(
    "blocks",
    metadata,
    sa.Column("article_id", _Key, primary_key=True),
    sa.Column("editor", sa.String, nullable=False),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
)
