"""Alembic's entry: migrate over the connection that feeds.storage.migrate hands in."""

from alembic import context

from feeds.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,  # the caller's transaction is the one around all migrations
)
context.run_migrations()
