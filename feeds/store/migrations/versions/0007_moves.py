"""Renamed terms, and an index of the articles' addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table and the index."""
    op.create_table(
        "moves",
        sa.Column("kind", _KEY, primary_key=True),
        sa.Column("slug", _KEY, primary_key=True),
        *(sa.Column(name, _KEY, nullable=False) for name in ("target", "first")),
        sa.Column("name", sa.String(), nullable=False),
    )
    op.create_index("articles_by_url", "articles", ["url"])
