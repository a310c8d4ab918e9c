"""Writing a transcript: numbering, storing, and the activities between the messages.

`advance` comes first in every transaction that writes a conversation: its row lock puts writers in order on
PostgreSQL and rules deadlocks out; on SQLite there is one writer anyway. Statements are built once: these
run with every turn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, func, insert, update

from crm.database import UnitOfWork
from crm.errors import NotFound
from crm.model.base import UtcDateTime, new_id
from crm.model.conversation import conversation_table, message_table
from crm.model.history import Activity
from crm.services.conversation_views import MessageView, Status

C = conversation_table.c
_NOW = bindparam("now", type_=UtcDateTime())
_STATE = (C.last_seq, C.status, C.version, C.mood, C.strong_negatives, C.handback, C.role, C.channel)

_ADVANCE = (
    update(conversation_table)
    .where(C.id == bindparam("which"), C.ended_at.is_(None))
    .values(last_seq=C.last_seq + bindparam("count"), updated_at=_NOW)
    .returning(*_STATE)
)
_ADVANCE_WAITING = (
    update(conversation_table)
    .where(C.id == bindparam("which"), C.ended_at.is_(None))
    .values(
        last_seq=C.last_seq + bindparam("count"),
        updated_at=_NOW,
        waiting_since=case(
            (C.status == "human", func.coalesce(C.waiting_since, _NOW)), else_=C.waiting_since
        ),
    )
    .returning(*_STATE)
)
_ADVANCE_WITH_MOOD = (
    update(conversation_table)
    .where(C.id == bindparam("which"), C.ended_at.is_(None))
    .values(
        last_seq=C.last_seq + bindparam("count"),
        updated_at=_NOW,
        mood=bindparam("new_mood"),
        strong_negatives=bindparam("new_strong"),
    )
    .returning(*_STATE)
)
_INSERT = insert(message_table)

M = message_table.c
MESSAGE_COLUMNS: list[ColumnElement[Any]] = [
    M.id, M.conversation_id, M.seq, M.direction, M.author, M.text, M.state, M.created_at, M.content,
    M.delivery_id, M.in_reply_to,
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Position:
    """A conversation's row after it was advanced, locked until the transaction ends."""

    last_seq: int
    status: Status
    version: int
    mood: float
    strong_negatives: int
    handback: dict[str, Any] | None
    role: str
    channel: str


async def advance(
    uow: UnitOfWork,
    conversation_id: str,
    count: int,
    *,
    customer_waits: bool = False,
    mood: tuple[float, int] | None = None,
) -> Position:
    """Take the next `count` sequence numbers: the last of them is `last_seq` of the answer.

    Raises NotFound when there is no such conversation or it was ended.
    """
    values: dict[str, Any] = {"which": conversation_id, "count": count, "now": uow.now()}
    statement = _ADVANCE_WAITING if customer_waits else _ADVANCE
    if mood is not None:
        statement = _ADVANCE_WITH_MOOD
        values |= {"new_mood": mood[0], "new_strong": mood[1]}
    connection = await uow.session.connection()
    row = (await connection.execute(statement, values)).one_or_none()
    if row is None:
        raise NotFound("conversation", conversation_id)
    return Position(*row)


def outbound(
    uow: UnitOfWork,
    conversation_id: str,
    channel: str,
    *,
    seq: int,
    author: str,
    content: Mapping[str, Any] | None = None,
    text: str | None = None,
    user_id: str | None = None,
    in_reply_to: str | None = None,
    delivery_id: str | None = None,
    state: str = "ready",
) -> dict[str, Any]:
    """A row for a message to the customer."""
    now = uow.now()
    words = text if text is not None else str((content or {}).get("text", ""))
    return {
        "id": new_id(),
        "conversation_id": conversation_id,
        "seq": seq,
        "channel": channel,
        "direction": "out",
        "author": author,
        "user_id": user_id,
        "delivery_id": delivery_id,
        "text": words,
        "content": dict(content) if content is not None else None,
        "in_reply_to": in_reply_to,
        "state": state,
        "attempts": 0,
        "delivered_at": now if state == "delivered" else None,
        "created_at": now,
    }


async def store(uow: UnitOfWork, rows: Sequence[dict[str, Any]]) -> tuple[MessageView, ...]:
    """Insert rows made by `outbound`; answers them as views."""
    if rows:
        connection = await uow.session.connection()
        await connection.execute(_INSERT, list(rows))
    return tuple(
        MessageView(
            id=row["id"],
            conversation_id=row["conversation_id"],
            seq=row["seq"],
            direction=row["direction"],
            author=row["author"],
            text=row["text"],
            state=row["state"],
            created_at=row["created_at"],
            content=row["content"],
            delivery_id=row["delivery_id"],
            in_reply_to=row["in_reply_to"],
        )
        for row in rows
    )


def note_activity(
    uow: UnitOfWork,
    conversation_id: str,
    kind: str,
    summary: str,
    *,
    user_id: str | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Add what happened to the conversation's timeline."""
    uow.session.add(
        Activity(
            kind=kind,
            summary=summary,
            data=data,
            conversation_id=conversation_id,
            user_id=user_id,
            at=uow.now(),
        )
    )


def message_view(row: Sequence[Any]) -> MessageView:
    """A row of `MESSAGE_COLUMNS` and the author's name as a view."""
    return MessageView(*row)
