"""What happened: activities that people read, audit events that nobody may change."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, Integer, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from crm.model.base import Base, Id, Json, UtcDateTime, utcnow

# The database itself refuses to rewrite the audit trail, whoever asks.
SQLITE_APPEND_ONLY = tuple(
    f"CREATE TRIGGER audit_event_no_{verb.lower()} BEFORE {verb} ON audit_event "
    "BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END"
    for verb in ("UPDATE", "DELETE")
)
POSTGRES_APPEND_ONLY = (
    "CREATE OR REPLACE FUNCTION audit_event_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit events are append-only'; END $$",
    "CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event "
    "FOR EACH ROW EXECUTE FUNCTION audit_event_append_only()",
)


class Activity(Base):
    """Something that agents and reps see in a conversation's or a contact's timeline.

    `kind` is dotted ("order.placed", "handoff.requested"); `summary` is a sentence without personal data
    beyond names of staff; `data` its details.
    """

    __tablename__ = "activity"
    __table_args__ = (
        Index("ix_activity_conversation_id_at", "conversation_id", "at"),
        Index("ix_activity_contact_id_at", "contact_id", "at"),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(40))
    summary: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any] | None] = mapped_column(Json)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    contact_id: Mapped[str | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    deal_id: Mapped[str | None] = mapped_column(ForeignKey("deal.id", ondelete="SET NULL"), index=True)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class AuditEvent(Base):
    """Who changed what, and when. Append-only; `data` holds no personal data, so nothing need be erased.

    `actor` is "customer", "system" or "user:<id>"; `subject` such as "order:PL-1234-5674".
    """

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_subject_at", "subject", "at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, index=True)
    actor: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(120))
    data: Mapped[dict[str, Any] | None] = mapped_column(Json)


@event.listens_for(AuditEvent.__table__, "after_create")
def _append_only(_table: object, connection: Connection, **_: object) -> None:
    statements = SQLITE_APPEND_ONLY if connection.dialect.name == "sqlite" else POSTGRES_APPEND_ONLY
    for statement in statements:
        connection.exec_driver_sql(statement)
