"""Leads, deals and how deals moved through the pipeline."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.model.base import Base, Id, Money, UtcDateTime, utcnow
from crm.pipeline import PROBABILITY

STAGES = ", ".join(f"'{stage}'" for stage in PROBABILITY)


class Lead(Base):
    """A wish to be contacted. `cause` is the message it came from: one message makes one lead."""

    __tablename__ = "lead"
    __table_args__ = (
        CheckConstraint("status IN ('new', 'contacted', 'qualified', 'closed')", name="status"),
        Index("ix_lead_status_created_at", "status", "created_at"),
    )

    id: Mapped[Id]
    # What people call it: 1, 2, 3 … without gaps, from `Counter`.
    number: Mapped[int] = mapped_column(Integer, unique=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id"), index=True)
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="SET NULL"), index=True
    )
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    cause: Mapped[str] = mapped_column(String(36), unique=True)
    status: Mapped[str] = mapped_column(String(12), default="new")
    # As said for this lead, also where the contact has other details by now.
    name: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(20))
    needs: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class Counter(Base):
    """The last number given to things that people call by number; its row's lock puts takers in order."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    last: Mapped[int] = mapped_column(Integer, default=0)


class Deal(Base):
    """A sale that may come about, or has."""

    __tablename__ = "deal"
    __table_args__ = (
        CheckConstraint(f"stage IN ({STAGES})", name="stage"),
        CheckConstraint("amount >= 0", name="amount"),
        Index("ix_deal_stage_updated_at", "stage", "updated_at"),
    )

    id: Mapped[Id]
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id"), index=True)
    lead_id: Mapped[str | None] = mapped_column(ForeignKey("lead.id", ondelete="SET NULL"), index=True)
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="SET NULL"), index=True
    )
    order_id: Mapped[str | None] = mapped_column(ForeignKey("orders.id"), unique=True)
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    stage: Mapped[str] = mapped_column(String(16))
    amount: Mapped[Decimal | None] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class DealStageChange(Base):
    """One step of a deal; `before` is None where it began. Never changed afterwards."""

    __tablename__ = "deal_stage_change"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    deal_id: Mapped[str] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"), index=True)
    before: Mapped[str | None] = mapped_column(String(16))
    after: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
