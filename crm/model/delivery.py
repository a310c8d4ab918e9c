"""What channels delivered: each claimed once, so that a repeated delivery does nothing and a crash loses none."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String, Table, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.model.base import Base, Json, UtcDateTime, utcnow


class Delivery(Base):
    """One delivery of a channel (an update of Telegram, an event of Slack), by the id that the channel gave it.

    `lane` is what keeps order on the channel (a chat); within it lower `position`s come first. The payload is
    forgotten as soon as the delivery has been dealt with; its id stays for as long as it may be repeated.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'done', 'failed')", name="state"),
        Index(
            "ix_delivery_due",
            "due_at",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    delivery_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    lane: Mapped[str] = mapped_column(String(120))
    position: Mapped[int] = mapped_column(BigInteger)
    payload: Mapped[dict[str, Any] | None] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(8), default="pending")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    holder: Mapped[str | None] = mapped_column(String(80))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, index=True)


# For Core statements: a channel under load claims many at once.
delivery_table = cast(Table, Delivery.__table__)
