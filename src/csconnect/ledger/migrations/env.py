"""Alembic runs this: migrate over the connection that the ledger lends."""

from alembic import context

from csconnect.ledger.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
