"""Stored messages that the bot still owes an answer: who works on them, until when, what if nobody does.

A pending message is held until `due_at` by the process that works on it. One that is due belongs to whoever
takes it up first, so a process that died loses nothing and two never both think it theirs. Should two work on
one after all (a process that hung longer than it holds), `record_turn` lets only the first answer it.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, select, update

from crm.database import UnitOfWork
from crm.model.conversation import conversation_table, message_table
from crm.services.conversation_views import Accepted, MessageView, PendingTurn
from crm.services.conversations import say

C = conversation_table.c
M = message_table.c


async def answer_at_once(
    uow: UnitOfWork, accepted: Accepted, channel: str, content: dict[str, Any], *, delivered: bool
) -> MessageView | None:
    """Answer a message in the unit of work that stores it, without the bot; None when it was stored before."""
    if accepted.repeated:
        return None
    await uow.session.execute(
        update(message_table)
        .where(M.id == accepted.message_id)
        .values(state="answered", due_at=None, holder=None, client=None)
    )
    return await say(
        uow, accepted.conversation_id, channel, content, in_reply_to=accepted.message_id, delivered=delivered
    )


async def take_up(
    uow: UnitOfWork, *, holder: str, hold_for: timedelta, limit: int = 100
) -> tuple[PendingTurn, ...]:
    """Hold messages that are due, oldest first, and answer what their turns need."""
    now = uow.now()
    due = (
        select(M.id)
        .where(M.state == "pending", M.due_at <= now)
        .order_by(M.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = (await uow.session.scalars(due)).all()
    if not ids:
        return ()
    await uow.session.execute(
        update(message_table).where(M.id.in_(ids)).values(holder=holder, due_at=now + hold_for)
    )
    rows = await uow.session.execute(_turns().where(M.id.in_(ids)).order_by(M.created_at, M.seq))
    return tuple(PendingTurn(*row) for row in rows)


async def hold(
    uow: UnitOfWork, message_id: str, *, holder: str, hold_for: timedelta, attempts: int
) -> PendingTurn | None:
    """Hold one message for another attempt; None when it is answered, erased or in other hands by now.

    When people own the conversation meanwhile, it is theirs: "forwarded", and None.
    """
    now = uow.now()
    row = (await uow.session.execute(_turns().where(M.id == message_id, M.state == "pending"))).one_or_none()
    if row is None:
        return None
    turn = PendingTurn(*row)
    mine = (M.id == message_id) & (M.state == "pending") & ((M.holder == holder) | (M.due_at <= now))
    values: dict[str, Any] = {"holder": holder, "due_at": now + hold_for, "attempts": attempts}
    if turn.status != "bot":
        values = {"holder": None, "due_at": None, "client": None, "state": "forwarded"}
    held = await uow.session.execute(update(message_table).where(mine).values(**values).returning(M.id))
    return turn if held.scalar_one_or_none() is not None and turn.status == "bot" else None


async def release(uow: UnitOfWork, holder: str) -> int:
    """Make due at once what `holder` held, for a process that stops or begins anew; answers how many."""
    released = await uow.session.execute(
        update(message_table)
        .where(M.state == "pending", M.holder == holder)
        .values(due_at=uow.now(), holder=None)
        .returning(M.id)
    )
    return len(released.all())


async def give_up(uow: UnitOfWork, turn: PendingTurn, content: dict[str, Any]) -> MessageView | None:
    """Tell the customer `content` instead of an answer; None when it was answered or erased meanwhile."""
    told = await say(
        uow, turn.conversation_id, turn.channel, content, in_reply_to=turn.message_id, version=None
    )
    given = await uow.session.execute(
        update(message_table)
        .where(M.id == turn.message_id, M.state == "pending")
        .values(state="abandoned", due_at=None, holder=None, client=None)
        .returning(M.id)
    )
    return told if given.scalar_one_or_none() is not None else None


async def pause_before(uow: UnitOfWork, turn: PendingTurn) -> timedelta:
    """How long the customer had written nothing before this message."""
    last = await uow.session.scalar(
        select(M.created_at)
        .where(M.conversation_id == turn.conversation_id, M.seq < turn.seq, M.direction == "in")
        .order_by(M.seq.desc())
        .limit(1)
    )
    return turn.created_at - last if last is not None else timedelta(0)


def _turns() -> Select[Any]:
    return select(
        M.id, M.conversation_id, M.channel, M.seq, M.text, M.payload, M.client, M.created_at,
        C.status, C.version, C.mood, C.strong_negatives, C.handback, M.attempts, C.role,
    ).join(conversation_table, C.id == M.conversation_id)  # fmt: skip
