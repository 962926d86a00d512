"""The receivers of pushes, and the articles whose changes they are told."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def _key(name: str) -> "sa.Column[str]":
    return sa.Column(name, _KEY, primary_key=True)


def _number(name: str, *, optional: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger, nullable=optional)


def upgrade() -> None:
    """Create the tables, and the column that tells whether a change is published."""
    op.create_table(
        "receivers",
        *(_key(name) for name in ("kind", "url", "topic")),
        sa.Column("host", _KEY, nullable=False),
        *(_number(name) for name in ("position", "due", "attempts")),
        *(_number(name, optional=True) for name in ("failing", "delivered", "lease", "expires")),
        *(sa.Column(name, sa.String) for name in ("reason", "secret")),
    )
    op.create_index("receivers_by_host", "receivers", ["host"])
    op.create_table(
        "unannounced", _key("article_id"), *map(_number, ("was_public", "stamp", "due"))
    )
    latest = "due", sa.text("stamp DESC"), "article_id"
    op.create_index("unannounced_latest", "unannounced", latest)
    op.create_table("announced", _key("article_id"), *map(_number, ("stamp", "first")))
    op.create_index("announced_by_stamp", "announced", ["stamp"])
    op.add_column("touched", _number("published", optional=True))
