"""What Alembic runs around the steps: the connection and its transaction come from ``migrate``."""

from alembic import context

from semblance.store.schema.base import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
