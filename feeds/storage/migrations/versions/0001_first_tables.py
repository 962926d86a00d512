"""First tables: articles and their listings, what was touched, documents, quarantine."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    key = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.create_table(
        "articles",
        sa.Column("id", key, primary_key=True),
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
        sa.Column("article_id", key, primary_key=True),
        sa.Column("kind", key, primary_key=True),
        sa.Column("slug", key, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("views", sa.BigInteger, nullable=False),
    )
    newest_first = sa.text("published DESC")
    op.create_index("listings_newest", "listings", ["kind", "slug", newest_first, "article_id"])
    op.create_index(
        "listings_most_read",
        "listings",
        ["kind", "slug", sa.text("views DESC"), newest_first, "article_id"],
        sqlite_where=sa.text("views > 0"),
        postgresql_where=sa.text("views > 0"),
    )
    op.create_table(
        "touched",
        sa.Column("kind", key, primary_key=True),
        sa.Column("slug", key, primary_key=True),
        sa.Column("stamp", sa.BigInteger, nullable=False),
    )
    op.create_index("touched_latest", "touched", [sa.text("stamp DESC"), "kind", "slug"])
    op.create_table(
        "documents",
        sa.Column("path", key, primary_key=True),
        sa.Column("kind", key, nullable=False),
        sa.Column("slug", key, nullable=False),
        sa.Column("media_type", sa.String, nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("gzip", sa.LargeBinary),
        sa.Column("etag", sa.String),
        sa.Column("last_modified", sa.BigInteger),
        sa.Column("version", sa.BigInteger, index=True),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("checked", sa.BigInteger, nullable=False),
        sa.Column("fault", sa.String),
    )
    op.create_table(
        "quarantine",
        sa.Column("path", key, primary_key=True),
        sa.Column("article_id", key, primary_key=True),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "notes",
        sa.Column("key", key, primary_key=True),
        sa.Column("value", sa.String, nullable=False),
    )
