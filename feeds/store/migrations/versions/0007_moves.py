"""Renamed terms, and an index of the articles' addresses."""

from alembic import op

from feeds.store.schema import Key, columns, keys, texts

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the table and the index."""
    of_move = *keys("kind", "slug"), *columns(Key, "target", "first"), *texts("name")
    op.create_table("moves", *of_move)
    op.create_index("articles_by_url", "articles", ["url"])
