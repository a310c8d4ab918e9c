"""What a person reads before they answer a customer: who it is, what they want, what was tried, mood and cart."""

from dataclasses import dataclass

from sqlalchemy import select

from crm.database import UnitOfWork
from crm.errors import NotFound
from crm.model.contact import Contact
from crm.model.conversation import Conversation
from crm.services import carts, live_threads
from crm.services.conversation_views import ConversationView, MessageView
from crm.services.conversations import get
from crm.views import CartView


@dataclass(frozen=True, slots=True)
class Briefing:
    """A conversation as an agent needs it. `said` are its last lines."""

    conversation: ConversationView
    name: str
    email: str | None
    phone: str | None
    cart: CartView
    said: tuple[MessageView, ...]


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
    )
