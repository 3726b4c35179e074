"""Alembic's entry: runs inside the transaction that ``Database.migrate`` holds, under its lock."""

from __future__ import annotations

from alembic import context

from compliance.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
