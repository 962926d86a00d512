"""The hourly numbers of what each client program asked for."""

import sqlalchemy as sa
from alembic import op

from feeds.store.schema import keys, numbers

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "polls",
        *keys("hour", type_=sa.Integer),
        *keys("client"),
        *numbers("requests", "not_modified", "errors", "sent", "saved", "subscribers", "pollers"),
        sqlite_with_rowid=False,
    )
