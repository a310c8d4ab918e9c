"""What becomes of an order after it was placed: changes, returns, refunds, invoices. Accounting rows, like orders."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.model.base import Base, Id, Json, Money, UtcDateTime, utcnow


class OrderChange(Base):
    """One change of an order before it was sent. `cause` is the message that confirmed it: one message changes once.

    `data` has SKUs and quantities, never an address: it isn't erased.
    """

    __tablename__ = "order_change"
    __table_args__ = (CheckConstraint("kind IN ('address', 'quantity', 'added', 'removed')", name="kind"),)

    id: Mapped[Id]
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    cause: Mapped[str] = mapped_column(String(36), unique=True)
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="SET NULL"), index=True
    )
    kind: Mapped[str] = mapped_column(String(10))
    data: Mapped[dict[str, Any] | None] = mapped_column(Json)
    total_before: Mapped[Decimal] = mapped_column(Money)
    total_after: Mapped[Decimal] = mapped_column(Money)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class Return(Base):
    """A return that a customer announced ("RMA"). Its number is what they write on the parcel.

    `note` is the reason in the customer's words; erasing the person empties it.
    """

    __tablename__ = "return_request"
    __table_args__ = (
        CheckConstraint("status IN ('announced', 'received', 'withdrawn')", name="status"),
        CheckConstraint("wants IN ('refund', 'exchange')", name="wants"),
        CheckConstraint(
            "reason IN ('unsuitable', 'defective', 'damaged', 'wrong_item', 'unwanted', 'unsaid')",
            name="reason",
        ),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(12), unique=True)
    cause: Mapped[str] = mapped_column(String(60), unique=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id"), index=True)
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="SET NULL"), index=True
    )
    status: Mapped[str] = mapped_column(String(10), default="announced")
    wants: Mapped[str] = mapped_column(String(10), default="refund")
    reason: Mapped[str] = mapped_column(String(12), default="unsaid")
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    # The last day on which the parcel may be handed in.
    send_by: Mapped[date] = mapped_column(Date)
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ReturnLine(Base):
    """So many of the order's line `position` come back."""

    __tablename__ = "return_line"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    return_id: Mapped[str] = mapped_column(
        ForeignKey("return_request.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    quantity: Mapped[int] = mapped_column(Integer)


class Refund(Base):
    """Money that goes back. `source` names what it is for ("cancel:<order>"), so that it is owed once."""

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("reason IN ('cancelled', 'changed', 'returned')", name="reason"),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: Mapped[Id]
    source: Mapped[str] = mapped_column(String(60), unique=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    return_id: Mapped[str | None] = mapped_column(
        ForeignKey("return_request.id", ondelete="SET NULL"), index=True
    )
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="SET NULL"), index=True
    )
    reason: Mapped[str] = mapped_column(String(10))
    amount: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    due: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reference: Mapped[str | None] = mapped_column(String(120))


class Invoice(Base):
    """An invoice as it was given out; numbers run on without a gap within a year.

    What was sold stands in `content` and never changes: an order that changes gets a new invoice, which says
    which one it replaces. Whom it is for is read from the order, so that it can be erased.
    """

    __tablename__ = "invoice"
    __table_args__ = (UniqueConstraint("year", "sequence"),)

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    year: Mapped[int] = mapped_column(Integer)
    sequence: Mapped[int] = mapped_column(Integer)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="SET NULL"), index=True
    )
    replaces: Mapped[str | None] = mapped_column(String(20))
    company: Mapped[str | None] = mapped_column(String(200))
    vat_id: Mapped[str | None] = mapped_column(String(20))
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
