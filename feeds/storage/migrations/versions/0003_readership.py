"""Readership: visits of open days, counts by hour, totals by window, and the published rankings."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the tables of readership; none held anything of it before."""
    op.drop_index("listings_most_read", "listings")
    op.create_index(
        "listings_most_read",
        "listings",
        ["kind", "slug", sa.text("views DESC"), "article_id"],
        sqlite_where=sa.text("views > 0"),
        postgresql_where=sa.text("views > 0"),
    )
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
