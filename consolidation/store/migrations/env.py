"""Run by Alembic: the migrations, on the connection and in the transaction that consolidation.store.migrate gives."""

from alembic import context

from consolidation.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot change a column in place: Alembic copies the table
)
context.run_migrations()
