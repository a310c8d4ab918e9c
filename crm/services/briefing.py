"""What a person reads before they answer a customer: who it is, what they want, what was tried, mood and cart."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from crm.database import UnitOfWork
from crm.errors import NotFound
from crm.model.contact import Contact
from crm.model.conversation import Conversation, Message
from crm.services import carts, live_threads
from crm.services.conversation_views import ConversationView, MessageView
from crm.services.conversations import get
from crm.views import CartView


@dataclass(frozen=True, slots=True)
class Briefing:
    """A conversation for an agent. `said` are its last lines, `typed` the customer's last words, not a button's."""

    conversation: ConversationView
    name: str
    email: str | None
    phone: str | None
    cart: CartView
    said: tuple[MessageView, ...]
    typed: str = ""


async def briefing(
    uow: UnitOfWork, conversation_id: str, *, up_to: int | None = None, lines: int = 6
) -> Briefing:
    """Read it; with `up_to` only what was said up to that message. Raises NotFound."""
    conversation = await get(uow, conversation_id)
    if conversation is None:
        raise NotFound("conversation", conversation_id)
    contact = await uow.session.scalar(
        select(Contact)
        .join(Conversation, Conversation.contact_id == Contact.id)
        .where(Conversation.id == conversation_id)
    )
    said = await live_threads.last_said(uow, conversation_id, limit=lines * 2)
    if up_to is not None:
        said = tuple(message for message in said if message.seq <= up_to)
    return Briefing(
        conversation=conversation,
        name=(contact.name if contact else None) or "",
        email=contact.email if contact else None,
        phone=contact.phone if contact else None,
        cart=await carts.view(uow, conversation_id),
        said=said[-lines:],
        typed=await _last_typed(uow, conversation_id),
    )


async def words_that_asked(uow: UnitOfWork, conversation_id: str, intent: str) -> str:
    """The customer's last typed message that was read as this intent; empty when they pressed a button."""
    return await _last_typed(uow, conversation_id, Message.intent == intent)


async def _last_typed(uow: UnitOfWork, conversation_id: str, *conditions: ColumnElement[bool]) -> str:
    typed = (Message.direction == "in") & Message.payload.is_(None)
    said = await uow.session.scalar(
        select(Message.text)
        .where(Message.conversation_id == conversation_id, typed, *conditions)
        .order_by(Message.seq.desc())
        .limit(1)
    )
    return said or ""
