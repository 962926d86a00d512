"""The receivers of pushes, and the articles whose changes they are told."""

import sqlalchemy as sa
from alembic import op

from feeds.store.schema import Key, columns, keys, numbers, texts

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Create the tables, and the column that tells whether a change is published."""
    op.create_table(
        "receivers",
        *keys("kind", "url", "topic"),
        *columns(Key, "host"),
        *numbers("position", "due", "attempts"),
        *numbers("failing", "delivered", "lease", "expires", optional=True),
        *texts("reason", "secret", optional=True),
    )
    op.create_index("receivers_by_host", "receivers", ["host"])
    op.create_table("unannounced", *keys("article_id"), *numbers("was_public", "stamp", "due"))
    latest = "due", sa.text("stamp DESC"), "article_id"
    op.create_index("unannounced_latest", "unannounced", latest)
    op.create_table("announced", *keys("article_id"), *numbers("stamp", "first"))
    op.create_index("announced_by_stamp", "announced", ["stamp"])
    op.add_column("touched", *numbers("published", optional=True))
