"""Complaints as tickets: opened by a message, completed by what would help, read by the team."""

from sqlalchemy import select, update

from crm.database import UnitOfWork
from crm.errors import NotFound
from crm.model.contact import Contact
from crm.model.conversation import Conversation
from crm.model.order import Order
from crm.model.ticket import Feedback, Ticket
from crm.people import checked_text
from crm.services import audit
from crm.services.orders.proof import proven
from crm.views import TicketView

LONGEST = 2000


async def open_ticket(
    uow: UnitOfWork,
    *,
    conversation_id: str,
    about: str,
    topic: str,
    cause: str,
    order: tuple[str, str] | None = None,
) -> TicketView:
    """A ticket for what a customer complains about. The same `cause` (message id) gives the same ticket.

    `order` is a number with its e-mail address; only when they belong together the ticket names the order.
    Raises InvalidInput for an empty complaint, NotFound for the conversation.
    """
    known = await uow.session.scalar(select(Ticket).where(Ticket.cause == cause))
    if known is not None:
        return await _view(uow, known)
    talk = await uow.session.get(Conversation, conversation_id)
    if talk is None:
        raise NotFound("conversation", conversation_id)
    owned = await proven(uow, *order) if order else None
    ticket = Ticket(
        conversation_id=conversation_id,
        contact_id=talk.contact_id or (owned.contact_id if owned else None),
        order_id=owned.id if owned else None,
        cause=cause,
        topic=topic,
        about=checked_text("about", about[:LONGEST], LONGEST),
        created_at=uow.now(),
        updated_at=uow.now(),
    )
    uow.session.add(ticket)
    await uow.session.flush()
    audit.note(
        uow,
        "ticket.opened",
        f"A complaint about {'the ' if topic in ('product', 'delivery', 'service', 'payment') else ''}"
        f"{topic if topic != 'other' else 'something else'}.",
        conversation_id=conversation_id,
        contact_id=ticket.contact_id,
        data={"ticket": ticket.id, "topic": topic, **({"order": owned.number} if owned else {})},
    )
    audit.record(uow, "ticket.opened", f"ticket:{ticket.id}", actor=audit.CUSTOMER)
    await uow.session.flush()
    return await _view(uow, ticket)


async def add_to(
    uow: UnitOfWork, ticket_id: str, *, wish: str | None = None, about: str | None = None
) -> TicketView:
    """Keep more of what it is about, and what the customer says would help. Raises NotFound, InvalidInput."""
    ticket = await _one(uow, ticket_id)
    if wish is not None:
        ticket.wish = _joined(ticket.wish, checked_text("wish", wish[:LONGEST], LONGEST))
    if about is not None:
        ticket.about = _joined(ticket.about, checked_text("about", about[:LONGEST], LONGEST))
    ticket.updated_at = uow.now()
    await uow.session.flush()
    return await _view(uow, ticket)


async def set_status(
    uow: UnitOfWork, ticket_id: str, status: str, *, user_id: str | None = None
) -> TicketView:
    """Move a ticket on; `user_id` becomes its owner. Raises NotFound."""
    ticket = await _one(uow, ticket_id)
    ticket.status = status
    ticket.owner_id = user_id or ticket.owner_id
    ticket.updated_at = uow.now()
    audit.record(
        uow, f"ticket.{status}", f"ticket:{ticket.id}", actor=f"user:{user_id}" if user_id else audit.SYSTEM
    )
    await uow.session.flush()
    return await _view(uow, ticket)


async def waiting(uow: UnitOfWork, *, limit: int = 50) -> tuple[TicketView, ...]:
    """Tickets that nobody has resolved, oldest first."""
    query = select(Ticket).where(Ticket.status != "resolved").order_by(Ticket.created_at).limit(limit)
    return tuple([await _view(uow, ticket) for ticket in await uow.session.scalars(query)])


async def of_conversation(uow: UnitOfWork, conversation_id: str) -> tuple[TicketView, ...]:
    """A conversation's tickets, oldest first."""
    query = select(Ticket).where(Ticket.conversation_id == conversation_id).order_by(Ticket.created_at)
    return tuple([await _view(uow, ticket) for ticket in await uow.session.scalars(query)])


async def forget(uow: UnitOfWork, conversation_ids: list[str], contact_ids: list[str]) -> None:
    """Empty the words of these conversations' and contacts' tickets and feedback; the counts stay, and are nobody's."""
    theirs = Ticket.conversation_id.in_(conversation_ids) | Ticket.contact_id.in_(contact_ids)
    for statement in (
        update(Ticket)
        .where(theirs)
        .values(about="", wish=None, contact_id=None, conversation_id=None, order_id=None),
        update(Feedback)
        .where(Feedback.conversation_id.in_(conversation_ids))
        .values(text="", conversation_id=None),
    ):
        await uow.session.execute(statement.execution_options(synchronize_session=False))


def _joined(before: str | None, words: str) -> str:
    """The latest words stay whole when both are too long."""
    return f"{before}\n{words}"[-LONGEST:] if before else words


async def _one(uow: UnitOfWork, ticket_id: str) -> Ticket:
    ticket = await uow.session.get(Ticket, ticket_id)
    if ticket is None:
        raise NotFound("ticket", ticket_id)
    return ticket


async def _view(uow: UnitOfWork, ticket: Ticket) -> TicketView:
    order = await uow.session.get(Order, ticket.order_id) if ticket.order_id else None
    contact = await uow.session.get(Contact, ticket.contact_id) if ticket.contact_id else None
    return TicketView(
        id=ticket.id,
        conversation_id=ticket.conversation_id,
        topic=ticket.topic,
        status=ticket.status,
        about=ticket.about,
        wish=ticket.wish,
        order=order.number if order else None,
        contact_name=contact.name if contact else None,
        created_at=ticket.created_at,
    )
