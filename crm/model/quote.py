"""Written offers: what, how many, at which price, until when."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.model.base import Base, Id, Money, Rate, UtcDateTime, utcnow


class Quote(Base):
    """An offer at fixed prices, valid through the day `valid_until` of the shop's time zone.

    `cause` is the message it was asked for with: one message makes one quote. An `accepted` one has its order; an
    `open` one whose last day is over is expired, which needs no row changed. Name, e-mail and company stand here as
    they were given for it; erasing the person empties them and keeps the amounts.
    """

    __tablename__ = "quote"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'accepted', 'withdrawn')", name="status"),
        CheckConstraint("(status = 'accepted') = (order_id IS NOT NULL)", name="accepted"),
        CheckConstraint("subtotal >= 0 AND delivery >= 0 AND total = subtotal + delivery", name="total"),
        Index("ix_quote_status_valid_until", "status", "valid_until"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(12), unique=True)
    cause: Mapped[str] = mapped_column(String(36), unique=True)
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="SET NULL"), index=True
    )
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id"), index=True)
    company_id: Mapped[str | None] = mapped_column(ForeignKey("company.id", ondelete="SET NULL"), index=True)
    order_id: Mapped[str | None] = mapped_column(ForeignKey("orders.id"), unique=True)
    status: Mapped[str] = mapped_column(String(10), default="open")
    currency: Mapped[str] = mapped_column(String(3))
    subtotal: Mapped[Decimal] = mapped_column(Money)
    delivery: Mapped[Decimal] = mapped_column(Money)
    vat_rate: Mapped[Decimal] = mapped_column(Rate)
    vat_included: Mapped[Decimal] = mapped_column(Money)
    total: Mapped[Decimal] = mapped_column(Money)
    name: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    company: Mapped[str | None] = mapped_column(String(200))
    valid_until: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class QuoteLine(Base):
    """One product of a quote: its price in the shop then, the share taken off, and the price that is offered."""

    __tablename__ = "quote_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_price <= list_price", name="unit_price"),
        CheckConstraint("line_total = unit_price * quantity", name="line_total"),
    )

    quote_id: Mapped[str] = mapped_column(ForeignKey("quote.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sku: Mapped[str] = mapped_column(ForeignKey("product.sku"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[int] = mapped_column(Integer)
    list_price: Mapped[Decimal] = mapped_column(Money)
    unit_price: Mapped[Decimal] = mapped_column(Money)
    line_total: Mapped[Decimal] = mapped_column(Money)
