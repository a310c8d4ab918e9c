"""The people who work with Parley: support agents, sales reps, managers, administrators."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, String
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
