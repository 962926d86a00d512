"""An index of the articles' guids, since an imported article may bring the one of another."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the index."""
    op.create_index("articles_by_guid", "articles", ["guid"])
