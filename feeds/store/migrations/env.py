"""Alembic's entry: migrate over the connection that feeds.store.migrations hands in."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    render_as_batch=True,
    transactional_ddl=False,  # the caller's transaction is the one around all migrations
)
context.run_migrations()
