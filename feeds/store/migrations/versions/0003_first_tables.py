"""The first tables: what the first version with readership had, which earlier ones led to."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = None

_KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    _create_documents()
    _create_readership()


def _create_documents() -> None:
    op.create_table(
        "articles",
        _text("id"),
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
        sa.Column("image", sa.JSON),
        sa.Column("language", sa.String),
        sa.Column("comments", sa.BigInteger),
        sa.Column("views", sa.BigInteger, nullable=False),
        sa.Column("status", sa.String, nullable=False),
    )
    op.create_table(
        "listings",
        _text("article_id"),
        _text("kind"),
        _text("slug"),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("views", sa.BigInteger, nullable=False),
    )
    op.create_index(
        "listings_newest", "listings", ["kind", "slug", sa.text("published DESC"), "article_id"]
    )
    op.create_index(
        "listings_most_read",
        "listings",
        ["kind", "slug", sa.text("views DESC"), "article_id"],
        sqlite_where=sa.text("views > 0"),
        postgresql_where=sa.text("views > 0"),
    )
    op.create_table(
        "touched",
        _text("kind"),
        _text("slug"),
        sa.Column("stamp", sa.BigInteger, nullable=False),
    )
    op.create_index("touched_latest", "touched", [sa.text("stamp DESC"), "kind", "slug"])
    op.create_table(
        "documents",
        _text("path"),
        sa.Column("kind", _KEY, nullable=False),
        sa.Column("slug", _KEY, nullable=False),
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
    op.create_index("documents_of_term", "documents", ["kind", "slug"])
    op.create_table(
        "representations",
        *(_text("path"), _text("since"), _text("coding")),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "versions",
        *(_text("path"), _text("etag")),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("digests", sa.JSON, nullable=False),
    )
    op.create_table(
        "quarantine",
        _text("path"),
        _text("article_id"),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "notes",
        _text("key"),
        sa.Column("value", sa.String, nullable=False),
    )


def _create_readership() -> None:
    op.create_table(
        "salts",
        _number("day"),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("made", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "spools",
        _text("name"),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String),
    )
    op.create_table(
        "visits",
        _number("day"),
        sa.Column("visitor", sa.BigInteger, primary_key=True, autoincrement=False),
        _text("article_id"),
        sa.Column("network", sa.BigInteger, nullable=False),
        sa.Column("hour", sa.Integer, nullable=False),
        sa.Column("times", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "counts",
        *(_number("hour"), _text("kind"), _text("article_id")),
        sa.Column("number", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "open_counts",
        *(_number("day"), _number("hour"), _text("kind"), _text("article_id")),
        sa.Column("number", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "days",
        _number("day"),
        sa.Column("folds", sa.BigInteger, nullable=False),
        sa.Column("counted", sa.BigInteger, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "totals",
        *(_number("span"), _text("article_id")),
        sa.Column("readers", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("totals_most_read", "totals", ["span", sa.text("readers DESC"), "article_id"])
    op.create_table(
        "rankings",
        *(_text("kind"), _text("slug"), _text("window")),
        sa.Column("articles", sa.JSON, nullable=False),
        sa.Column("basis", sa.String, nullable=False),
        sa.Column("rules", sa.String, nullable=False),
    )
    op.create_table(
        "blocks",
        _text("article_id"),
        sa.Column("editor", sa.String, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
    )


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, primary_key=True, autoincrement=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, _KEY, primary_key=True)
