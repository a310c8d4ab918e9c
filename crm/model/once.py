"""What was done already, so that it is done once; and what was tried in vain, so that guessing is slow."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.model.base import Base, Json, UtcDateTime, utcnow


class Processed(Base):
    """The result of an action for a message, kept so that a repetition answers the same and writes nothing."""

    __tablename__ = "processed"

    message_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    action: Mapped[str] = mapped_column(String(80), primary_key=True)
    result: Mapped[dict[str, Any]] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, index=True)


class FailedLookup(Base):
    """One failed try to see an order, under each thing that is limited; forgotten after the longest window."""

    __tablename__ = "failed_lookup"
    __table_args__ = (
        CheckConstraint("scope IN ('conversation', 'client', 'order')", name="scope"),
        Index("ix_failed_lookup_scope_key_at", "scope", "key", "at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    scope: Mapped[str] = mapped_column(String(12))
    key: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, index=True)
