"""The hourly numbers of what each client program asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_NUMBERS = ("requests", "not_modified", "errors", "sent", "saved", "subscribers", "pollers")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "polls",
        sa.Column("hour", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("client", _KEY, primary_key=True),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in _NUMBERS),
        sqlite_with_rowid=False,
    )
