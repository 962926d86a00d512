"""Tombstones; articles that were withdrawn before have none."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "tombstones",
        *(sa.Column(name, _KEY, primary_key=True) for name in ("article_id", "kind", "slug")),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index(
        "tombstones_latest", "tombstones", ["kind", "slug", sa.text("at DESC"), "article_id"]
    )
    op.create_index("tombstones_by_age", "tombstones", ["at"])
