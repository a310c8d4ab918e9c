"""The people who work with Parley: support agents, sales reps, managers, administrators."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.model.base import Base, Id, UtcDateTime, utcnow


class User(Base):
    """Somebody of the shop's staff. `email` is stored in lower case."""

    __tablename__ = "user"
    __table_args__ = (CheckConstraint("role IN ('agent', 'rep', 'manager', 'admin')", name="role"),)

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(8))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class StaffChat(Base):
    """A member of staff's own conversation with the bot: whose it is decides what they may see and change there."""

    __tablename__ = "staff_chat"
    __table_args__ = (UniqueConstraint("channel", "external_id", "user_id"),)

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True
    )
    channel: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str] = mapped_column(String(120))
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
