"""Messages to customers that some process stored and none has delivered yet.

`parley inbox`, the queue's time-out and Slack only store; the process that holds the customer's connection
delivers. It reads what is ready, oldest first, hands it on, and marks it: at least once, in order.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, select, update

from crm.database import UnitOfWork
from crm.model.conversation import message_table
from crm.model.user import User
from crm.services.conversation_views import MessageView
from crm.services.transcript import MESSAGE_COLUMNS, message_view

M = message_table.c
# Built once: it is looked at with every message that leaves.
_UNDELIVERED = (
    select(M.channel, *MESSAGE_COLUMNS, User.name)
    .outerjoin(User, User.id == M.user_id)
    .where(
        M.state == "ready",
        M.channel.in_(bindparam("channels", expanding=True)),
        M.conversation_id.not_in(bindparam("busy", expanding=True)),
    )
    .order_by(M.created_at, M.seq)
    .limit(bindparam("at_most"))
)


async def undelivered(
    uow: UnitOfWork, channels: Sequence[str], *, busy: Collection[str] = (), limit: int = 200
) -> tuple[tuple[str, MessageView], ...]:
    """What is ready on these channels, each with its channel, in order within each conversation.

    Conversations that are `busy` (being delivered to, or waiting to be tried again) are left out.
    """
    connection = await uow.session.connection()
    rows = await connection.execute(
        _UNDELIVERED, {"channels": list(channels), "busy": list(busy), "at_most": limit}
    )
    return tuple((row[0], message_view(row[1:])) for row in rows)


async def mark_delivered(uow: UnitOfWork, message_ids: Sequence[str]) -> None:
    """Note that these reached the channel; ones that were erased meanwhile are no error."""
    await uow.session.execute(
        update(message_table)
        .where(M.id.in_(message_ids), M.state == "ready")
        .values(state="delivered", delivered_at=uow.now())
    )


async def mark_failed(uow: UnitOfWork, message_id: str) -> None:
    """Note that the channel will never take this one."""
    await uow.session.execute(
        update(message_table).where(M.id == message_id, M.state == "ready").values(state="failed")
    )
