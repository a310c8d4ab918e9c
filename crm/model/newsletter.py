"""Who wants the newsletter: asked for in a chat, confirmed from the mailbox itself (double opt-in)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.model.base import Base, Id, UtcDateTime, utcnow


class Subscription(Base):
    """One mailbox. Nothing but the confirmation is sent to it before `confirmed_at`, nothing at all after `ended_at`.

    `consent` is the sentence that was agreed to, `requested_at` when; `mailed_at` is None while the letter that asks
    for confirmation has yet to leave.
    """

    __tablename__ = "newsletter_subscription"
    __table_args__ = (
        Index(
            "ix_newsletter_subscription_unmailed",
            "requested_at",
            sqlite_where=text("mailed_at IS NULL AND ended_at IS NULL"),
            postgresql_where=text("mailed_at IS NULL AND ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(254))
    # The address as it is compared: two spellings are one mailbox.
    mailbox: Mapped[str] = mapped_column(String(254), unique=True)
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="SET NULL"), index=True
    )
    consent: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    mailed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
