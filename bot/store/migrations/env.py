"""Alembic's entry: migrate over the connection and inside the transaction it was given."""

from __future__ import annotations

from alembic import context

from bot.store import desk_models as _desk_models  # noqa: F401 - its tables join the metadata
from bot.store.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
    # SQLite alters a table by writing it anew.
    render_as_batch=True,
)
context.run_migrations()
