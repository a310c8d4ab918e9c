"""What was recommended to whom, and what became of it: what a ranking learns from and an operator reads."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.model.base import Base, Id, UtcDateTime, utcnow

STRATEGIES = ("search", "similar", "compare", "goes_with", "for_you", "upgrade")


class Exposure(Base):
    """One product that one reply showed. `cause` is the message that the reply answered, so that a repeated turn
    shows nothing twice; `position` counts from 0.

    It names no person. When its conversation goes it stays, as a count that belongs to nobody.
    """

    __tablename__ = "exposure"
    __table_args__ = (
        CheckConstraint(f"strategy IN ({', '.join(map(repr, STRATEGIES))})", name="strategy"),
        CheckConstraint("position >= 0", name="position"),
        UniqueConstraint("cause", "sku"),
        Index("ix_exposure_conversation_id_sku", "conversation_id", "sku"),
    )

    id: Mapped[Id]
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"))
    cause: Mapped[str] = mapped_column(String(36))
    sku: Mapped[str] = mapped_column(ForeignKey("product.sku"), index=True)
    strategy: Mapped[str] = mapped_column(String(10))
    position: Mapped[int] = mapped_column(Integer)
    shown_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, index=True)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    carted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    bought_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
