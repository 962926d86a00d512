"""Bytes by content coding in a table of their own, deltas, versions, and the pace of a document."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Move the bytes of each document, and keep its ETag and Last-Modified."""
    key = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.create_table(
        "representations",
        sa.Column("path", key, primary_key=True),
        sa.Column("since", key, primary_key=True),
        sa.Column("coding", key, primary_key=True),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
    )
    for coding, column in (("identity", "body"), ("gzip", "gzip")):
        op.execute(
            f"INSERT INTO representations SELECT path, '', '{coding}', {column}"  # noqa: S608 - both are ours
            f" FROM documents WHERE {column} IS NOT NULL"
        )
    with op.batch_alter_table("documents") as documents:
        documents.drop_column("body")
        documents.drop_column("gzip")
        documents.add_column(sa.Column("source", sa.String))
        documents.add_column(sa.Column("pace", sa.BigInteger))
    op.create_index("documents_of_term", "documents", ["kind", "slug"])
    op.create_table(
        "versions",
        sa.Column("path", key, primary_key=True),
        sa.Column("etag", key, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("digests", sa.JSON, nullable=False),
    )
