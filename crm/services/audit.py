"""Writing down what happened: the audit trail and the timeline that agents see."""

from typing import Any

from crm.database import UnitOfWork
from crm.model.history import Activity, AuditEvent

CUSTOMER = "customer"
SYSTEM = "system"


def record(
    uow: UnitOfWork, action: str, subject: str, *, actor: str = SYSTEM, data: dict[str, Any] | None = None
) -> None:
    """Add an audit event with the rest of the unit of work. No personal data in it: it is never erased."""
    event = AuditEvent(action=action, subject=subject, actor=actor, data=data, at=uow.now())
    uow.session.add(event)


def note(
    uow: UnitOfWork,
    kind: str,
    summary: str,
    *,
    conversation_id: str | None = None,
    contact_id: str | None = None,
    deal_id: str | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Add an activity to the timeline of a conversation, a contact or a deal."""
    activity = Activity(
        kind=kind,
        summary=summary,
        conversation_id=conversation_id,
        contact_id=contact_id,
        deal_id=deal_id,
        data=data,
        at=uow.now(),
    )
    uow.session.add(activity)
