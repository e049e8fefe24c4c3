"""Runs the migrations on the connection that the store gives (there is no ini file)."""

from alembic import context

from services.api.store.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
context.run_migrations()
