"""Doing a thing once per message, however often the message arrives.

Recall first; if there is nothing, do it and remember in the same unit of work. Of two that run at once, the
second fails to commit (PostgreSQL) or waits and recalls (SQLite), and can simply be repeated.
"""

from typing import Any

from sqlalchemy import select

from crm.database import UnitOfWork
from crm.model.once import Processed


async def recall(uow: UnitOfWork, message_id: str, action: str) -> dict[str, Any] | None:
    """What the action answered to this message before, or None when it hasn't run."""
    query = select(Processed.result).where(Processed.message_id == message_id, Processed.action == action)
    return (await uow.session.execute(query)).scalar_one_or_none()


async def remember(uow: UnitOfWork, message_id: str, action: str, result: dict[str, Any]) -> None:
    """Keep the action's answer. Raises sqlalchemy's IntegrityError when there is one already."""
    uow.session.add(Processed(message_id=message_id, action=action, result=result, at=uow.now()))
    await uow.session.flush()
