"""Whose data a request is about."""

from sqlalchemy import select

from crm.database import UnitOfWork
from crm.errors import NotFound
from crm.model.conversation import Conversation


async def contacts_of(uow: UnitOfWork, conversation_id: str, proven: str | None) -> list[str]:
    """The conversation's own contact, and the one that its customer has `proven` to be. Raises NotFound."""
    row = (
        await uow.session.execute(
            select(Conversation.contact_id).where(
                Conversation.id == conversation_id, Conversation.ended_at.is_(None)
            )
        )
    ).one_or_none()
    if row is None:
        raise NotFound("conversation", conversation_id)
    return list(dict.fromkeys(contact for contact in (row.contact_id, proven) if contact))
