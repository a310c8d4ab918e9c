"""INSERT that knows what to do on a conflict: both databases have it, each in a dialect of its own."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from crm.database import UnitOfWork
from crm.model.base import Base


def insert(uow: UnitOfWork, model: type[Base]) -> "sqlite.Insert | postgresql.Insert":
    """An INSERT into the model's table with `on_conflict_do_nothing` and `on_conflict_do_update`."""
    if uow.session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(model)
    return postgresql.insert(model)


async def insert_new(uow: UnitOfWork, model: type[Base], **values: Any) -> None:
    """Insert unless a row of that key is there already."""
    await uow.session.execute(insert(uow, model).values(**values).on_conflict_do_nothing())
