"""Tombstones; articles that were withdrawn before have none."""

import sqlalchemy as sa
from alembic import op

from feeds.store.schema import keys, numbers

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table."""
    op.create_table("tombstones", *keys("article_id", "kind", "slug"), *numbers("at"))
    latest = "kind", "slug", sa.text("at DESC"), "article_id"
    op.create_index("tombstones_latest", "tombstones", latest)
    op.create_index("tombstones_by_age", "tombstones", ["at"])
