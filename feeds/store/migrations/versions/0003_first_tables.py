"""The oldest tables that can be upgraded. A new store gets the newest ones, without migrations."""

revision = "0003"
down_revision = None


def upgrade() -> None:
    """Do nothing: a store of this version has its tables."""
