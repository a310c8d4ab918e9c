"""What staff were told of, once each, and the threads in which they talk with customers."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.model.base import Base, Id, UtcDateTime, utcnow


class Alert(Base):
    """Something that staff should look at. `subject` names what it is about: one alert for each.

    `place` and `thread` are where the channel has it once it is `posted`; `shown` is the state that its card
    tells, so that a card that is out of date is found by comparing.
    """

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("kind", "subject"),
        CheckConstraint("kind IN ('lead', 'cart', 'mood', 'handoff')", name="kind"),
        CheckConstraint("state IN ('due', 'posted', 'failed')", name="state"),
        Index(
            "ix_alert_due",
            "due_at",
            sqlite_where=text("state = 'due'"),
            postgresql_where=text("state = 'due'"),
        ),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(8))
    subject: Mapped[str] = mapped_column(String(60))
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    lead_id: Mapped[str | None] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(6), default="due")
    place: Mapped[str | None] = mapped_column(String(40))
    thread: Mapped[str | None] = mapped_column(String(40))
    shown: Mapped[str] = mapped_column(String(80), default="")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, index=True)


class LiveThread(Base):
    """The one thread in which staff write with a conversation's customer.

    `mirrored_seq` is the last message of the transcript that the thread shows; `due_at` is when the next may be
    posted, which also keeps two processes from posting the same one.
    """

    __tablename__ = "live_thread"
    __table_args__ = (UniqueConstraint("channel", "place", "thread"),)

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True
    )
    channel: Mapped[str] = mapped_column(String(16))
    place: Mapped[str] = mapped_column(String(40))
    thread: Mapped[str] = mapped_column(String(40))
    mirrored_seq: Mapped[int] = mapped_column(Integer, default=0)
    shown: Mapped[str] = mapped_column(String(80), default="")
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
