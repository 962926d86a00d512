"""Alembic's entry: migrate over the connection that feeds.store.migrate hands in."""

from alembic import context

from feeds.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,  # the caller's transaction is the one around all migrations
)
context.run_migrations()
