"""What channels delivered: claimed by its id, worked off, forgotten.

A channel claims a delivery before it acknowledges it; only the first claim counts. What a process claimed and
didn't finish is due after a while, or as soon as a process of the same name starts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from crm.database import UnitOfWork
from crm.model.delivery import delivery_table

D = delivery_table.c

_CLAIM: dict[str, Insert] = {
    "sqlite": sqlite.insert(delivery_table).on_conflict_do_nothing().returning(D.delivery_id),
    "postgresql": postgresql.insert(delivery_table).on_conflict_do_nothing().returning(D.delivery_id),
}


@dataclass(frozen=True, slots=True)
class Delivered:
    """One delivery: the channel's id for it, the lane that it keeps order in, and its place there."""

    delivery_id: str
    lane: str
    position: int
    payload: dict[str, Any]
    attempts: int = 0


async def claim(
    uow: UnitOfWork, channel: str, deliveries: Sequence[Delivered], *, holder: str, hold_for: timedelta
) -> tuple[Delivered, ...]:
    """Store those that were never delivered before, in order; answers them. Commit, then acknowledge all."""
    now = uow.now()
    connection = await uow.session.connection()
    statement = _CLAIM[connection.dialect.name]
    new: list[Delivered] = []
    for one in deliveries:
        claimed = await connection.execute(
            statement,
            {
                "channel": channel,
                "delivery_id": one.delivery_id,
                "lane": one.lane,
                "position": one.position,
                "payload": one.payload,
                "state": "pending",
                "attempts": 0,
                "holder": holder,
                "due_at": now + hold_for,
                "received_at": now,
            },
        )
        if claimed.scalar_one_or_none() is not None:
            new.append(one)
    return tuple(new)


async def take_up(
    uow: UnitOfWork, channel: str, *, holder: str, hold_for: timedelta, limit: int = 500
) -> tuple[Delivered, ...]:
    """Hold what is due, in the channel's order; `attempts` counts how often it was taken up."""
    now = uow.now()
    due = (
        select(D.delivery_id)
        .where(D.channel == channel, D.state == "pending", D.due_at <= now)
        .order_by(D.position)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = (await uow.session.scalars(due)).all()
    if not ids:
        return ()
    mine = (D.channel == channel) & D.delivery_id.in_(ids)
    await uow.session.execute(
        update(delivery_table)
        .where(mine)
        .values(holder=holder, due_at=now + hold_for, attempts=D.attempts + 1)
    )
    rows = await uow.session.execute(
        select(D.delivery_id, D.lane, D.position, D.payload, D.attempts).where(mine).order_by(D.position)
    )
    return tuple(Delivered(*row) for row in rows)


async def finish(uow: UnitOfWork, channel: str, delivery_id: str, *, failed: bool = False) -> None:
    """It has been dealt with, or given up: its payload is forgotten, its id kept."""
    await uow.session.execute(
        update(delivery_table)
        .where(D.channel == channel, D.delivery_id == delivery_id)
        .values(state="failed" if failed else "done", payload=None, holder=None, due_at=None)
    )


async def release(uow: UnitOfWork, channel: str, holder: str) -> int:
    """Make due at once what `holder` held, for a process that stops or begins anew; answers how many."""
    released = await uow.session.execute(
        update(delivery_table)
        .where(D.channel == channel, D.state == "pending", D.holder == holder)
        .values(due_at=uow.now(), holder=None)
        .returning(D.delivery_id)
    )
    return len(released.all())


async def forget(uow: UnitOfWork, *, before: datetime) -> int:
    """Forget the ids of what was dealt with and can't be repeated any more; answers how many."""
    gone = await uow.session.execute(
        delete(delivery_table).where(D.received_at < before, D.state != "pending").returning(D.delivery_id)
    )
    return len(gone.all())
