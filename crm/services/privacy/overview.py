"""What a conversation's customer is told is stored about them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from crm.database import UnitOfWork
from crm.model.contact import Contact
from crm.model.conversation import Conversation, Message
from crm.model.history import Activity
from crm.model.order import Order
from crm.model.sales import Lead
from crm.model.ticket import Ticket
from crm.model.user import User
from crm.services.privacy.people import contacts_of


@dataclass(frozen=True, slots=True)
class Stored:
    """Facts, counted now. `details` are kinds ("name", "e-mail address"), `seen_by` first names of staff."""

    messages: int
    since: datetime
    details: tuple[str, ...]
    orders: tuple[str, ...]
    leads: int
    tickets: int
    seen_by: tuple[str, ...]


async def overview(uow: UnitOfWork, conversation_id: str, *, contact_id: str | None = None) -> Stored:
    """What is stored about this conversation's customer. Raises NotFound."""
    people = await contacts_of(uow, conversation_id, contact_id)
    here = Message.conversation_id == conversation_id
    since = (
        await uow.session.scalars(select(Conversation.created_at).where(Conversation.id == conversation_id))
    ).one()
    details: dict[str, None] = {}
    for person in await uow.session.scalars(select(Contact).where(Contact.id.in_(people))):
        named = {"name": person.name, "e-mail address": person.email, "phone number": person.phone}
        details |= dict.fromkeys(what for what, value in named.items() if value)
    orders = list(
        await uow.session.scalars(
            select(Order.number)
            .where(Order.contact_id.in_(people), Order.name.is_not(None))
            .order_by(Order.placed_at)
        )
    )
    if orders:
        details["delivery address"] = None
    return Stored(
        messages=await _count(uow, select(func.count()).select_from(Message).where(here)),
        since=since,
        details=tuple(details),
        orders=tuple(orders),
        leads=await _count(
            uow,
            select(func.count()).select_from(Lead).where(Lead.contact_id.in_(people), Lead.name.is_not(None)),
        ),
        tickets=await _count(
            uow, select(func.count()).select_from(Ticket).where(Ticket.conversation_id == conversation_id)
        ),
        seen_by=await _seen_by(uow, conversation_id),
    )


async def _seen_by(uow: UnitOfWork, conversation_id: str) -> tuple[str, ...]:
    names = await uow.session.scalars(
        select(User.name)
        .join(Activity, Activity.user_id == User.id)
        .where(Activity.conversation_id == conversation_id, Activity.kind == "handoff.claimed")
        .distinct()
    )
    return tuple(sorted(name.split(maxsplit=1)[0] for name in names if name.strip()))


async def _count(uow: UnitOfWork, query: object) -> int:
    return int(await uow.session.scalar(query) or 0)  # type: ignore[call-overload]  # one count each
