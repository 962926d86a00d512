"""Days without a version: one process at a time counts them, so that nothing tells two apart."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Drop the column; open days, and what is counted of them, stay as they are."""
    op.drop_column("days", "version")
