"""A member of staff's own conversation with the bot, by where they write.

It tells of customers, so it isn't kept: what nobody wrote in for a while is erased, and all of it when a person is.
"""

from datetime import datetime

from sqlalchemy import delete, select

from crm.database import UnitOfWork
from crm.model.conversation import Conversation, Message
from crm.model.once import Processed
from crm.model.user import StaffChat
from crm.services import conversations


async def conversation_of(uow: UnitOfWork, *, channel: str, external_id: str, user_id: str) -> str:
    """Their conversation at this place, begun when there is none; role rep.

    An account that belongs to somebody else by now gets another conversation: nobody reads on in a colleague's.
    """
    query = (
        select(StaffChat)
        .join(Conversation, Conversation.id == StaffChat.conversation_id)
        .where(
            StaffChat.channel == channel, StaffChat.external_id == external_id, StaffChat.user_id == user_id
        )
    )
    known = await uow.session.scalar(query)
    if known is not None:
        return known.conversation_id
    conversation_id = await conversations.start(uow, channel=channel, role="rep")
    uow.session.add(
        StaffChat(conversation_id=conversation_id, channel=channel, external_id=external_id, user_id=user_id)
    )
    await uow.session.flush()
    return conversation_id


async def place_of(uow: UnitOfWork, conversation_id: str) -> str | None:
    """The external id of a staff conversation; None for any other."""
    found = await uow.session.get(StaffChat, conversation_id)
    return found.external_id if found else None


async def clear(uow: UnitOfWork, *, before: datetime, limit: int = 50) -> int:
    """Erase staff conversations in which nothing was said since then; answers how many. The next one begins anew."""
    found = await uow.session.scalars(
        select(StaffChat.conversation_id)
        .join(Conversation, Conversation.id == StaffChat.conversation_id)
        .where(Conversation.updated_at <= before)
        .limit(limit)
    )
    ids = list(found)
    said = select(Message.id).where(Message.conversation_id.in_(ids))
    await uow.session.execute(
        delete(Processed).where(Processed.message_id.in_(said)).execution_options(synchronize_session=False)
    )
    for conversation_id in ids:
        await conversations.end_and_clear(uow, conversation_id)
    await uow.session.execute(
        delete(StaffChat)
        .where(StaffChat.conversation_id.in_(ids))
        .execution_options(synchronize_session=False)
    )
    return len(ids)
