"""Articles with a correction and attachments; articles of older versions have neither."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the two columns."""
    for name in ("correction", "attachments"):
        op.add_column("articles", sa.Column(name, sa.JSON()))
