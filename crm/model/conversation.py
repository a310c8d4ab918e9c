"""A conversation, who owns it, and its transcript.

Ownership (`status`, `assignee_id`) changes only together with `version`, in one conditional UPDATE; a writer
that read an older version learns that it lost. `last_seq` numbers the messages of a conversation without
gaps in commit order: a message's `seq` is the cursor by which clients read on. See docs/adr/0040 and 0041.
"""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from crm.model.base import Base, Id, Json, UtcDateTime, utcnow


class Conversation(Base):
    """One customer's conversation on one channel; the bot's tracker has the same id."""

    __tablename__ = "conversation"
    __table_args__ = (
        CheckConstraint("status IN ('bot', 'queued', 'human', 'resolved')", name="status"),
        CheckConstraint("role IN ('customer', 'rep')", name="role"),
        CheckConstraint("(status = 'human') = (assignee_id IS NOT NULL)", name="assignee"),
        Index("ix_conversation_status_waiting_since", "status", "waiting_since"),
        Index(
            "ix_conversation_unforgotten",
            "ended_at",
            sqlite_where=text("forgotten_at IS NULL AND ended_at IS NOT NULL"),
            postgresql_where=text("forgotten_at IS NULL AND ended_at IS NOT NULL"),
        ),
        Index(
            "ix_conversation_erased",
            "erased_at",
            sqlite_where=text("forgotten_at IS NULL AND erased_at IS NOT NULL"),
            postgresql_where=text("forgotten_at IS NULL AND erased_at IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    channel: Mapped[str] = mapped_column(String(16))
    identity_id: Mapped[str | None] = mapped_column(
        ForeignKey("identity.id", ondelete="SET NULL"), index=True
    )
    contact_id: Mapped[str | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"), index=True)
    locale: Mapped[str | None] = mapped_column(String(35))
    # What the sender may ask of the bot. It belongs to the conversation, so no message can claim another.
    role: Mapped[str] = mapped_column(String(8), default="customer")
    status: Mapped[str] = mapped_column(String(8), default="bot")
    assignee_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"), index=True)
    version: Mapped[int] = mapped_column(Integer, default=1)
    mood: Mapped[float] = mapped_column(Float, default=0.0)
    strong_negatives: Mapped[int] = mapped_column(Integer, default=0)
    last_seq: Mapped[int] = mapped_column(Integer, default=0)
    # Why a human was asked for, in the bot's words: what an agent reads before claiming.
    handoff_reason: Mapped[str | None] = mapped_column(String(40))
    handoff_summary: Mapped[str | None] = mapped_column(Text)
    queued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Since when the customer waits for a human's answer; None when they don't.
    waiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_reply_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    snoozed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Slots that the bot is given with its next turn, then forgotten here.
    handback: Mapped[dict[str, Any] | None] = mapped_column(Json)
    # When its identity began it or took it over: of an identity's conversations the last joined is the current one.
    joined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Set when the customer ended the chat and had its transcript erased.
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When the customer last had everything erased that was said so far; the chat itself goes on.
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Set when the bot has erased its part of an ended or erased chat too.
    forgotten_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class Message(Base):
    """One line of a transcript.

    Inbound states: `pending` (the bot owes an answer; whoever works on it holds it until `due_at`), `answered`,
    `forwarded` (for a human), `abandoned` (given up, and the customer told). Outbound states: `ready` (to be
    delivered), `delivered`, `failed` (the channel will never take it: the customer blocked us), `suppressed` (a bot
    reply that lost the race to a human: kept, never sent).
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("channel", "delivery_id"),
        Index(
            "ix_message_due",
            "due_at",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        Index(
            "ix_message_ready",
            "channel",
            sqlite_where=text("state = 'ready'"),
            postgresql_where=text("state = 'ready'"),
        ),
    )

    id: Mapped[Id]
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    seq: Mapped[int] = mapped_column(Integer)
    channel: Mapped[str] = mapped_column(String(16))
    direction: Mapped[str] = mapped_column(String(4))  # in | out | note (an agent's private note)
    author: Mapped[str] = mapped_column(String(8))  # customer | bot | agent | system
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    # What the channel calls this message; unique per channel, so a repeated delivery is recognised.
    delivery_id: Mapped[str | None] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text, default="")
    payload: Mapped[str | None] = mapped_column(Text)
    content: Mapped[dict[str, Any] | None] = mapped_column(Json)
    in_reply_to: Mapped[str | None] = mapped_column(String(36))
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    holder: Mapped[str | None] = mapped_column(String(80))
    # Keyed hash of the sender's address, kept only until the message is answered.
    client: Mapped[str | None] = mapped_column(String(64))
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    intent: Mapped[str | None] = mapped_column(String(64))
    confidence: Mapped[float | None] = mapped_column(Float)
    sentiment: Mapped[float | None] = mapped_column(Float)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


# For Core statements on the path of every turn.
conversation_table = cast(Table, Conversation.__table__)
message_table = cast(Table, Message.__table__)
