"""Run by Alembic: migrates over the connection that crm.storage hands in, inside its transaction."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON

from crm.model import Base


def render_item(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """How a new migration writes our JSON type, which has a variant for each database."""
    return "types.Json" if kind == "type" and isinstance(item, JSON) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
    render_as_batch=True,
    user_module_prefix="types.",
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
