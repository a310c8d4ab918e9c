"""The thread in which staff write with a customer: opened once, and what it still has to show.

The thread shows what passes between the customer and people: messages forwarded to them, and what agents said
elsewhere. What the bot answers by itself stays out of it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, exists, func, literal, or_, select, update

from crm.database import UnitOfWork
from crm.model.alert import LiveThread
from crm.model.conversation import Conversation, conversation_table, message_table
from crm.model.user import User
from crm.services.conversation_views import MessageView
from crm.services.transcript import MESSAGE_COLUMNS, message_view
from crm.upsert import insert

C = conversation_table.c
M = message_table.c


@dataclass(frozen=True, slots=True)
class ThreadView:
    """A conversation's thread. `state_now` is what its head must tell ("human:<user>"), `shown` what it does."""

    conversation_id: str
    place: str
    thread: str
    mirrored_seq: int
    shown: str
    state_now: str


async def open_(uow: UnitOfWork, conversation_id: str, *, channel: str, place: str, thread: str) -> bool:
    """Make this the conversation's thread; False when it has one already, which stays."""
    made = await uow.session.execute(
        insert(uow, LiveThread)
        .values(
            conversation_id=conversation_id,
            channel=channel,
            place=place,
            thread=thread,
            mirrored_seq=0,
            shown="",
            due_at=uow.now(),
            created_at=uow.now(),
        )
        .on_conflict_do_nothing()
        .returning(LiveThread.conversation_id)
    )
    return made.scalar_one_or_none() is not None


async def of_conversation(uow: UnitOfWork, conversation_id: str) -> ThreadView | None:
    """The conversation's thread, or None."""
    return await _one(uow, LiveThread.conversation_id == conversation_id)


async def at(uow: UnitOfWork, *, channel: str, place: str, thread: str) -> ThreadView | None:
    """The thread at this place, or None when it is none of ours."""
    return await _one(
        uow,
        (LiveThread.channel == channel) & (LiveThread.place == place) & (LiveThread.thread == thread),
    )


async def behind(
    uow: UnitOfWork, channel: str, *, hold_seconds: float, limit: int = 50
) -> tuple[ThreadView, ...]:
    """Threads that don't show everything, or whose head is out of date; held for so long. Commit first."""
    now = uow.now()
    ready = (LiveThread.channel == channel) & (LiveThread.due_at <= now)
    ids = list(await uow.session.scalars(_behind(channel, now).limit(limit)))
    if not ids:
        return ()
    held = list(
        await uow.session.scalars(
            update(LiveThread)
            .where(LiveThread.conversation_id.in_(ids), ready)
            .values(due_at=now + timedelta(seconds=hold_seconds))
            .returning(LiveThread.conversation_id)
            .execution_options(synchronize_session=False)
        )
    )
    rows = await uow.session.execute(_VIEW.where(LiveThread.conversation_id.in_(held)))
    return tuple(ThreadView(*row) for row in rows)


async def are_behind(uow: UnitOfWork, channel: str) -> bool:
    """Whether any thread is. It only reads, so that looking costs no writer's turn."""
    return await uow.session.scalar(_behind(channel, uow.now()).limit(1)) is not None


async def owed(
    uow: UnitOfWork, conversation_id: str, *, after: int, limit: int = 50
) -> tuple[MessageView, ...]:
    """What the thread must show next, in order."""
    rows = await uow.session.execute(
        select(*MESSAGE_COLUMNS, User.name)
        .outerjoin(User, User.id == M.user_id)
        .where(M.conversation_id == conversation_id, M.seq > after, _SHOWN)
        .order_by(M.seq)
        .limit(limit)
    )
    return tuple(message_view(row) for row in rows)


async def last_said(uow: UnitOfWork, conversation_id: str, *, limit: int = 6) -> tuple[MessageView, ...]:
    """The last lines of the transcript as its customer has it, oldest first."""
    rows = await uow.session.execute(
        select(*MESSAGE_COLUMNS, User.name)
        .outerjoin(User, User.id == M.user_id)
        .where(M.conversation_id == conversation_id, M.direction != "note", M.state != "suppressed")
        .order_by(M.seq.desc())
        .limit(limit)
    )
    return tuple(message_view(row) for row in rows)[::-1]


async def mirrored(uow: UnitOfWork, conversation_id: str, seq: int) -> None:
    """The thread shows everything up to `seq`. Never goes back."""
    await _set(uow, conversation_id, mirrored_seq=_greatest(seq))


async def showed(uow: UnitOfWork, conversation_id: str, state: str) -> None:
    """Note what the head of the thread tells now."""
    await _set(uow, conversation_id, shown=state)


async def release(uow: UnitOfWork, conversation_id: str, *, seconds: float = 0.0) -> None:
    """Let others look at the thread again, after a while if something went wrong."""
    await _set(uow, conversation_id, due_at=uow.now() + timedelta(seconds=seconds))


def _greatest(seq: int) -> object:
    return case((LiveThread.mirrored_seq > seq, LiveThread.mirrored_seq), else_=seq)


async def _set(uow: UnitOfWork, conversation_id: str, **values: object) -> None:
    await uow.session.execute(
        update(LiveThread)
        .where(LiveThread.conversation_id == conversation_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


_SHOWN = or_(M.state == "forwarded", (M.author == "agent") & (M.direction == "out"))
_STATE_NOW = case(
    (C.ended_at.is_not(None), literal("ended:")),
    else_=C.status + literal(":") + func.coalesce(C.assignee_id, literal("")),
)
_VIEW = select(
    LiveThread.conversation_id,
    LiveThread.place,
    LiveThread.thread,
    LiveThread.mirrored_seq,
    LiveThread.shown,
    _STATE_NOW,
).join(Conversation, Conversation.id == LiveThread.conversation_id)


async def _one(uow: UnitOfWork, condition: object) -> ThreadView | None:
    row = (await uow.session.execute(_VIEW.where(condition))).one_or_none()  # type: ignore[arg-type]  # a column's condition
    return ThreadView(*row) if row else None


def _behind(channel: str, now: datetime) -> Select[Any]:
    owed = exists().where(
        M.conversation_id == LiveThread.conversation_id, M.seq > LiveThread.mirrored_seq, _SHOWN
    )
    return (
        select(LiveThread.conversation_id)
        .join(Conversation, Conversation.id == LiveThread.conversation_id)
        .where(
            LiveThread.channel == channel, LiveThread.due_at <= now, or_(owed, LiveThread.shown != _STATE_NOW)
        )
        .order_by(LiveThread.due_at)
    )
