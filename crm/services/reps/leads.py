"""Leads as reps work on them: by number, the new ones, taken by the first, moved on."""

from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import ColumnElement, func, or_, select, true, update

from crm.database import UnitOfWork
from crm.errors import AlreadyClaimed, InvalidInput, NotAllowed, NotFound
from crm.model.sales import Lead as Row
from crm.model.user import User
from crm.services import audit
from crm.services.reps.access import actor, sees_all
from crm.services.reps.views import Lead
from crm.services.users import UserView

Status = Literal["new", "contacted", "qualified", "closed"]


async def get(uow: UnitOfWork, number: int, *, asker: UserView) -> Lead:
    """The lead of this number. Raises NotFound, and NotAllowed when it is a colleague's."""
    found = await _leads(uow, Row.number == number, limit=1)
    if not found:
        raise NotFound("lead", str(number))
    if not _is_seen(found[0], asker):
        raise NotAllowed(f"Lead {number} is {found[0].owner}'s. A manager can see it.")
    return found[0]


async def by_id(uow: UnitOfWork, lead_id: str) -> Lead:
    """The lead, for code that knows who asks. Raises NotFound."""
    found = await _leads(uow, Row.id == lead_id, limit=1)
    if not found:
        raise NotFound("lead", lead_id)
    return found[0]


async def new(
    uow: UnitOfWork, *, asker: UserView, since: datetime | None = None, limit: int = 10
) -> tuple[Lead, ...]:
    """Leads that nobody has contacted yet, newest first; since a time if one is given."""
    condition = (Row.status == "new") & _seen_by(asker)
    if since is not None:
        condition &= Row.created_at >= since
    return await _leads(uow, condition, limit=limit)


async def mine(uow: UnitOfWork, *, asker: UserView, limit: int = 10) -> tuple[Lead, ...]:
    """Leads that the asker has taken and that aren't closed, newest first."""
    return await _leads(uow, (Row.owner_id == asker.id) & (Row.status != "closed"), limit=limit)


async def of_contact(uow: UnitOfWork, contact_id: str, *, asker: UserView) -> tuple[Lead, ...]:
    """A person's leads that the asker may see, newest first."""
    return await _leads(uow, (Row.contact_id == contact_id) & _seen_by(asker), limit=20)


async def count_new(uow: UnitOfWork, *, asker: UserView, since: datetime | None = None) -> int:
    """How many leads nobody has contacted yet."""
    condition = (Row.status == "new") & _seen_by(asker)
    if since is not None:
        condition &= Row.created_at >= since
    found = await uow.session.scalar(select(func.count()).select_from(Row).where(condition))
    return int(found or 0)


async def take(uow: UnitOfWork, lead_id: str, *, asker: UserView) -> Lead:
    """Make the lead the asker's. The first wins; one's own taken again changes nothing.

    Raises AlreadyClaimed naming who has it, NotFound.
    """
    taken = await uow.session.execute(
        update(Row)
        .where(Row.id == lead_id, Row.owner_id.is_(None))
        .values(owner_id=asker.id)
        .returning(Row.id)
    )
    won = taken.scalar_one_or_none() is not None
    uow.session.expire_all()
    lead = await by_id(uow, lead_id)
    if won:
        audit.record(uow, "lead.taken", f"lead:{lead_id}", actor=actor(asker))
    elif lead.owner_id != asker.id:
        raise AlreadyClaimed(lead.owner or "somebody else")
    return lead


async def mark(uow: UnitOfWork, number: int, status: str, *, asker: UserView) -> Lead:
    """Move a lead on; one that nobody had becomes the asker's. To the status that it has: nothing happens.

    Raises NotFound, NotAllowed, InvalidInput for an unknown status.
    """
    if status not in get_args(Status):
        raise InvalidInput("status", status, f"choose one of: {', '.join(get_args(Status))}")
    lead = await get(uow, number, asker=asker)
    if lead.status == status:
        return lead
    await uow.session.execute(
        update(Row)
        .where(Row.id == lead.id)
        .values(status=status, owner_id=func.coalesce(Row.owner_id, asker.id))
    )
    change = {"before": lead.status, "after": status}
    audit.record(uow, "lead.status", f"lead:{lead.id}", actor=actor(asker), data=change)
    uow.session.expire_all()
    return await by_id(uow, lead.id)


def _seen_by(asker: UserView) -> ColumnElement[bool]:
    if sees_all(asker):
        return true()
    return or_(Row.owner_id.is_(None), Row.owner_id == asker.id)


def _is_seen(lead: Lead, asker: UserView) -> bool:
    return sees_all(asker) or lead.owner_id in (None, asker.id)


async def _leads(uow: UnitOfWork, condition: ColumnElement[bool], *, limit: int) -> tuple[Lead, ...]:
    rows = await uow.session.execute(
        select(Row, User.name)
        .outerjoin(User, User.id == Row.owner_id)
        .where(condition)
        .order_by(Row.created_at.desc(), Row.number.desc())
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return tuple(
        Lead(
            id=row.id,
            number=row.number,
            status=row.status,
            name=row.name or "",
            email=row.email,
            phone=row.phone,
            needs=row.needs,
            contact_id=row.contact_id,
            conversation_id=row.conversation_id,
            owner_id=row.owner_id,
            owner=owner,
            created_at=row.created_at,
        )
        for row, owner in rows
    )
