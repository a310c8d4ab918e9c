"""A copy of everything that is stored about a conversation's customer, as plain JSON."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, select

from crm.database import UnitOfWork
from crm.model.aftersales import Invoice, Refund, Return
from crm.model.appointment import Appointment
from crm.model.base import Base
from crm.model.cart import CartLine
from crm.model.contact import Consent, Contact
from crm.model.conversation import Conversation, Message
from crm.model.newsletter import Subscription
from crm.model.order import Order, OrderLine
from crm.model.quote import Quote
from crm.model.sales import Lead
from crm.model.ticket import Feedback, Ticket
from crm.services import audit
from crm.services.privacy.people import contacts_of

# What is left out is the house's own: ids of other rows, states of delivery, who holds a message.
_CONVERSATION = (
    "id",
    "channel",
    "locale",
    "status",
    "mood",
    "handoff_reason",
    "handoff_summary",
    "created_at",
)
_MESSAGE = ("author", "text", "created_at", "intent", "confidence", "sentiment")
_CONTACT = ("name", "email", "phone", "created_at")
_CONSENT = ("purpose", "text", "given_at", "withdrawn_at")
_LEAD = ("name", "email", "phone", "needs", "status", "created_at")
_ORDER = (
    "number", "status", "name", "email", "phone", "address", "subtotal", "delivery", "vat_included", "total",
    "currency", "payment", "payment_due", "expected_delivery", "tracking", "placed_at", "paid_at",
)  # fmt: skip
_LINE = ("sku", "name", "quantity", "unit_price", "line_total")
_CART = ("sku", "quantity", "unit_price", "added_at")
_TICKET = ("topic", "about", "wish", "status", "created_at")
_FEEDBACK = ("kind", "text", "sku", "sentiment", "created_at")
_QUOTE = ("number", "status", "name", "email", "company", "total", "currency", "valid_until", "created_at")
_APPOINTMENT = ("status", "starts_at", "ends_at", "name", "email", "phone", "topic", "created_at")
_RETURN = ("number", "status", "wants", "reason", "note", "created_at")
_REFUND = ("reason", "amount", "currency", "due", "sent_at", "created_at")
_INVOICE = ("number", "company", "vat_id", "issued_at")
_LETTER = ("email", "consent", "requested_at", "confirmed_at", "ended_at")


async def export(uow: UnitOfWork, conversation_id: str, *, contact_id: str | None = None) -> dict[str, Any]:
    """Everything of the conversation, and of the contacts that are proven. Raises NotFound.

    Times are ISO 8601 in UTC, amounts are text. Private notes that agents wrote to each other aren't in it.
    """
    people = await contacts_of(uow, conversation_id, contact_id)
    return {
        "made_at": _plain(uow.now()),
        "conversation": await _one(uow, Conversation, conversation_id, _CONVERSATION),
        "messages": await _rows(
            uow,
            Message,
            _MESSAGE,
            (Message.conversation_id == conversation_id)
            & (Message.direction != "note")
            & (Message.state != "suppressed"),
            Message.seq,
        ),
        "contact": await _rows(uow, Contact, _CONTACT, Contact.id.in_(people), Contact.created_at),
        "consents": await _rows(uow, Consent, _CONSENT, Consent.contact_id.in_(people), Consent.given_at),
        "leads": await _rows(uow, Lead, _LEAD, Lead.contact_id.in_(people), Lead.created_at),
        "quotes": await _rows(uow, Quote, _QUOTE, Quote.contact_id.in_(people), Quote.created_at),
        "returns": await _rows(uow, Return, _RETURN, Return.contact_id.in_(people), Return.created_at),
        "appointments": await _rows(
            uow, Appointment, _APPOINTMENT, Appointment.contact_id.in_(people), Appointment.starts_at
        ),
        "cart": await _rows(
            uow, CartLine, _CART, CartLine.conversation_id == conversation_id, CartLine.added_at
        ),
        "orders": await _orders(uow, people),
        "complaints": await _rows(
            uow, Ticket, _TICKET, Ticket.conversation_id == conversation_id, Ticket.created_at
        ),
        "feedback": await _rows(
            uow, Feedback, _FEEDBACK, Feedback.conversation_id == conversation_id, Feedback.created_at
        ),
        "newsletter": await _rows(
            uow,
            Subscription,
            _LETTER,
            Subscription.conversation_id == conversation_id,
            Subscription.requested_at,
        ),
    }


async def _orders(uow: UnitOfWork, people: list[str]) -> list[dict[str, Any]]:
    found = []
    query = select(Order).where(Order.contact_id.in_(people)).order_by(Order.placed_at)
    for order in await uow.session.scalars(query):
        lines = await _rows(uow, OrderLine, _LINE, OrderLine.order_id == order.id, OrderLine.position)
        owed = await _rows(uow, Refund, _REFUND, Refund.order_id == order.id, Refund.created_at)
        bills = await _rows(uow, Invoice, _INVOICE, Invoice.order_id == order.id, Invoice.issued_at)
        found.append({**_picked(order, _ORDER), "lines": lines, "refunds": owed, "invoices": bills})
    return found


async def _one(uow: UnitOfWork, table: type[Base], key: str, names: Iterable[str]) -> dict[str, Any]:
    return _picked(await uow.session.get(table, key), names)


async def _rows(
    uow: UnitOfWork, table: type[Base], names: tuple[str, ...], where: ColumnElement[bool], order: Any
) -> list[dict[str, Any]]:
    return [
        _picked(row, names) for row in await uow.session.scalars(select(table).where(where).order_by(order))
    ]


def _picked(row: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


async def note_export(uow: UnitOfWork, conversation_id: str) -> None:
    """Put on record that a copy was asked for, and show it to agents."""
    audit.note(uow, "privacy.exported", "Asked for a copy of their data.", conversation_id=conversation_id)
    audit.record(uow, "privacy.exported", f"conversation:{conversation_id}", actor=audit.CUSTOMER)
    await uow.session.flush()
