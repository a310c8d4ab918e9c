"""What customers complain about, and what they say of the shop: for people to act on and reports to count."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.model.base import Base, Id, UtcDateTime, utcnow

TICKET_STATUSES = ("open", "pending", "resolved")
TOPICS = ("product", "delivery", "service", "payment", "other")


class Ticket(Base):
    """Something a person must see to. `cause` is the message it came from: one message opens one ticket.

    `about` is what the customer wrote, `wish` what they said would help; both are emptied when they are forgotten.
    `order_id` is set only when the customer proved that the order is theirs.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(map(repr, TICKET_STATUSES))})", name="status"),
        CheckConstraint(f"topic IN ({', '.join(map(repr, TOPICS))})", name="topic"),
        Index("ix_ticket_status_created_at", "status", "created_at"),
    )

    id: Mapped[Id]
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="SET NULL"), index=True
    )
    contact_id: Mapped[str | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"), index=True)
    order_id: Mapped[str | None] = mapped_column(ForeignKey("orders.id", ondelete="SET NULL"), index=True)
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    cause: Mapped[str] = mapped_column(String(36), unique=True)
    topic: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(10), default="open")
    about: Mapped[str] = mapped_column(Text)
    wish: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class Feedback(Base):
    """What a customer thought of the shop, in their words, with the mood they were read in (-1 to 1)."""

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint("kind IN ('praise', 'price', 'competitor')", name="kind"),
        Index("ix_feedback_kind_created_at", "kind", "created_at"),
    )

    id: Mapped[Id]
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="SET NULL"), index=True
    )
    sku: Mapped[str | None] = mapped_column(ForeignKey("product.sku"), index=True)
    cause: Mapped[str] = mapped_column(String(36), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    sentiment: Mapped[float | None] = mapped_column(Float)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
