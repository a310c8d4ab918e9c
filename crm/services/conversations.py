"""Conversations and what is said in them: begun, stored, answered, read, erased."""

from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from crm.database import UnitOfWork
from crm.errors import ConversationMoved, NotFound
from crm.model.base import new_id
from crm.model.conversation import Conversation, conversation_table, message_table
from crm.model.history import Activity
from crm.model.user import User
from crm.services import exposures
from crm.services.conversation_views import (
    Accepted,
    ConversationView,
    MessageView,
    RecordedTurn,
    Role,
    Transcript,
    TurnResult,
)
from crm.services.inbox import reopen, view
from crm.services.transcript import MESSAGE_COLUMNS, advance, message_view, outbound, store

C = conversation_table.c
M = message_table.c
CLAIMABLE = ("channel", "delivery_id")

_STORE: dict[str, Insert] = {
    "sqlite": sqlite.insert(message_table).on_conflict_do_nothing(index_elements=CLAIMABLE).returning(M.id),
    "postgresql": postgresql.insert(message_table)
    .on_conflict_do_nothing(index_elements=CLAIMABLE)
    .returning(M.id),
}
_ANSWERED = (
    update(message_table)
    .where(M.id == bindparam("which"), M.state == "pending")
    .values(
        state="answered",
        due_at=None,
        holder=None,
        client=None,
        intent=bindparam("new_intent"),
        confidence=bindparam("new_confidence"),
        sentiment=bindparam("new_sentiment"),
    )
)
_VISIBLE = (
    select(*MESSAGE_COLUMNS, User.name)
    .outerjoin(User, User.id == M.user_id)
    .where(M.conversation_id == bindparam("which"), M.direction != "note", M.state != "suppressed")
    .order_by(M.seq)
)
_HISTORY = _VISIBLE.where(M.seq > bindparam("after")).limit(bindparam("at_most"))
_ANSWERS = _VISIBLE.where(M.seq > bindparam("after"), M.in_reply_to == bindparam("question"))
_OWNER = (
    select(C.status, C.last_seq, User.name, C.channel)
    .outerjoin(User, User.id == C.assignee_id)
    .where(C.id == bindparam("which"), C.ended_at.is_(None))
)


async def start(
    uow: UnitOfWork,
    *,
    channel: str,
    role: Role = "customer",
    identity_id: str | None = None,
    locale: str | None = None,
) -> str:
    """Begin a conversation, owned by the bot; answers its id."""
    now = uow.now()
    conversation_id = new_id()
    uow.session.add(
        Conversation(
            id=conversation_id,
            channel=channel,
            role=role,
            identity_id=identity_id,
            locale=locale,
            created_at=now,
            updated_at=now,
        )
    )
    await uow.session.flush()
    return conversation_id


async def get(uow: UnitOfWork, conversation_id: str) -> ConversationView | None:
    """The conversation, or None when there is none or it was ended."""
    found = (
        await uow.session.execute(
            select(Conversation, User.name)
            .outerjoin(User, User.id == Conversation.assignee_id)
            .where(Conversation.id == conversation_id, Conversation.ended_at.is_(None))
        )
    ).one_or_none()
    return None if found is None else view(found[0], found[1])


async def accept(
    uow: UnitOfWork,
    *,
    conversation_id: str,
    channel: str,
    delivery_id: str,
    text: str,
    payload: str | None = None,
    client: str | None = None,
    holder: str,
    hold_for: timedelta,
) -> Accepted:
    """Store what a customer said, once per (channel, delivery id); a resolved conversation goes to the bot.

    While the bot owns the conversation the message is "pending", held by `holder` for `hold_for`; otherwise
    it is "forwarded" to people. A repeated delivery writes nothing: commit or not, as you like.
    Raises NotFound, and ConversationMoved on a channel that its customer has left with it.
    """
    now = uow.now()
    position = await advance(uow, conversation_id, 1, customer_waits=True)
    if position.channel != channel:
        raise ConversationMoved(position.channel)
    status, version = position.status, position.version
    if status == "resolved":
        version = await reopen(uow, conversation_id)
        status = "bot"
    pending = status == "bot"
    message_id = new_id()
    connection = await uow.session.connection()
    stored = await connection.execute(
        _STORE[connection.dialect.name],
        {
            "id": message_id,
            "conversation_id": conversation_id,
            "seq": position.last_seq,
            "channel": channel,
            "direction": "in",
            "author": "customer",
            "delivery_id": delivery_id,
            "text": text,
            "payload": payload,
            "state": "pending" if pending else "forwarded",
            "attempts": 0,
            "due_at": now + hold_for if pending else None,
            "holder": holder if pending else None,
            "client": client if pending else None,
            "created_at": now,
        },
    )
    if stored.scalar_one_or_none() is None:
        await uow.rollback()
        return await _repeated(uow, conversation_id, channel, delivery_id)
    return Accepted(
        message_id=message_id,
        conversation_id=conversation_id,
        seq=position.last_seq,
        state="pending" if pending else "forwarded",
        status=status,
        version=version,
        created_at=now,
        mood=position.mood,
        strong_negatives=position.strong_negatives,
        handback=position.handback,
        role=position.role,
    )


async def _repeated(uow: UnitOfWork, conversation_id: str, channel: str, delivery_id: str) -> Accepted:
    row = (
        await uow.session.execute(
            select(M.id, M.seq, M.state, M.created_at, C.status, C.version)
            .join(conversation_table, C.id == M.conversation_id)
            .where(M.channel == channel, M.delivery_id == delivery_id, M.conversation_id == conversation_id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound("message", delivery_id)
    return Accepted(
        message_id=row.id,
        conversation_id=conversation_id,
        seq=row.seq,
        state=row.state,
        status=row.status,
        version=row.version,
        created_at=row.created_at,
        repeated=True,
    )


async def record_turn(uow: UnitOfWork, turn: TurnResult) -> RecordedTurn | None:
    """Store the bot's replies, unless the message was answered already or erased: then None, and don't commit.

    When the conversation's owner changed since the turn began, the replies are kept as suppressed.
    """
    try:
        position = await advance(
            uow, turn.conversation_id, len(turn.replies), mood=(turn.mood, turn.strong_negatives)
        )
    except NotFound:
        return None
    connection = await uow.session.connection()
    done = await connection.execute(
        _ANSWERED,
        {
            "which": turn.message_id,
            "new_intent": turn.intent,
            "new_confidence": turn.confidence,
            "new_sentiment": turn.sentiment,
        },
    )
    if done.rowcount != 1:
        return None
    suppressed = position.status != "bot" or position.version != turn.version
    if turn.clears_handback and not suppressed:
        await connection.execute(
            update(conversation_table).where(C.id == turn.conversation_id).values(handback=None)
        )
    first = position.last_seq - len(turn.replies) + 1
    # Its customer may have gone on elsewhere while the bot was thinking: the answer follows them.
    stayed = position.channel == turn.channel
    state = "suppressed" if suppressed else "delivered" if turn.delivered and stayed else "ready"
    messages = await store(
        uow,
        [
            outbound(
                uow, turn.conversation_id, position.channel, seq=first + offset, author="bot", content=content,
                in_reply_to=turn.message_id, state=state,
            )
            for offset, content in enumerate(turn.replies)
        ],
    )  # fmt: skip
    return RecordedTurn(position.status, position.version, messages, suppressed)


async def say(
    uow: UnitOfWork,
    conversation_id: str,
    channel: str,
    content: dict[str, Any],
    *,
    author: str = "system",
    in_reply_to: str | None = None,
    version: int | None = None,
    delivered: bool = False,
) -> MessageView | None:
    """Store a message to the customer that is no turn's answer: a notice, an apology.

    With `version`, only while the bot owns the conversation at that version: else None, and don't commit.
    """
    try:
        position = await advance(uow, conversation_id, 1)
    except NotFound:
        return None
    if version is not None and (position.status != "bot" or position.version != version):
        return None
    row = outbound(
        uow,
        conversation_id,
        position.channel,
        seq=position.last_seq,
        author=author,
        content=content,
        in_reply_to=in_reply_to,
        state="delivered" if delivered and position.channel == channel else "ready",
    )
    return (await store(uow, [row]))[0]


async def offered(uow: UnitOfWork, conversation_id: str, seq: int) -> dict[str, Any] | None:
    """The reply stored as `seq`, as its JSON, if this conversation's customer was sent it."""
    found: dict[str, Any] | None = await uow.session.scalar(
        select(M.content).where(
            M.conversation_id == conversation_id,
            M.seq == seq,
            M.direction == "out",
            M.state != "suppressed",
        )
    )
    return found


async def history(uow: UnitOfWork, conversation_id: str, *, after: int = 0, limit: int = 100) -> Transcript:
    """What the customer may see after the cursor `after`, oldest first. Raises NotFound."""
    connection = await uow.session.connection()
    owner = (await connection.execute(_OWNER, {"which": conversation_id})).one_or_none()
    if owner is None:
        raise NotFound("conversation", conversation_id)
    status, last_seq, assignee, channel = owner
    rows = (
        await connection.execute(_HISTORY, {"which": conversation_id, "after": after, "at_most": limit + 1})
    ).all()
    more = len(rows) > limit
    messages = tuple(message_view(row) for row in rows[:limit])
    return Transcript(status, messages[-1].seq if more else last_seq, messages, assignee, more, channel)


async def answers(uow: UnitOfWork, conversation_id: str, message_id: str, *, after: int) -> Transcript:
    """What was said in reply to one inbound message, whose own seq is `after`. Raises NotFound."""
    connection = await uow.session.connection()
    owner = (await connection.execute(_OWNER, {"which": conversation_id})).one_or_none()
    if owner is None:
        raise NotFound("conversation", conversation_id)
    found = await connection.execute(
        _ANSWERS, {"which": conversation_id, "after": after, "question": message_id}
    )
    messages = tuple(message_view(row) for row in found)
    return Transcript(owner.status, messages[-1].seq if messages else after, messages, owner.name)


async def state_of(uow: UnitOfWork, message_id: str) -> str | None:
    """The state of one inbound message; None when it was erased."""
    found: str | None = await uow.session.scalar(select(M.state).where(M.id == message_id))
    return found


async def unforgotten(uow: UnitOfWork, *, limit: int = 50) -> tuple[str, ...]:
    """Ended and erased conversations whose bot hasn't been made to forget them yet."""
    ended, erased = (
        select(C.id).where(when.is_not(None), C.forgotten_at.is_(None)).order_by(when).limit(limit)
        for when in (C.ended_at, C.erased_at)
    )
    found = [*await uow.session.scalars(ended), *await uow.session.scalars(erased)]
    return tuple(dict.fromkeys(found))[:limit]


async def mark_forgotten(uow: UnitOfWork, conversation_id: str) -> None:
    """Note that the bot has erased its part."""
    await uow.session.execute(
        update(conversation_table).where(C.id == conversation_id).values(forgotten_at=uow.now())
    )


async def end_and_clear(uow: UnitOfWork, conversation_id: str) -> None:
    """End the chat and erase its transcript, timeline and mood. Raises NotFound.

    What was ordered stays, and so does what was shown, as counts that belong to nobody.
    """
    now = uow.now()
    ended = await uow.session.execute(
        update(conversation_table)
        .where(C.id == conversation_id, C.ended_at.is_(None))
        .values(
            status="resolved", assignee_id=None, version=C.version + 1, mood=0.0, strong_negatives=0,
            handoff_reason=None, handoff_summary=None, handback=None, queued_at=None, waiting_since=None,
            ended_at=now, forgotten_at=None, updated_at=now,
        )
        .returning(C.id)
    )  # fmt: skip
    if ended.scalar_one_or_none() is None:
        raise NotFound("conversation", conversation_id)
    await uow.session.execute(delete(message_table).where(M.conversation_id == conversation_id))
    await uow.session.execute(delete(Activity).where(Activity.conversation_id == conversation_id))
    await exposures.forget(uow, conversation_id)


async def ids_beginning(uow: UnitOfWork, beginning: str, *, limit: int = 2) -> tuple[str, ...]:
    """Ids of conversations that begin so, for people who type; nothing for an empty beginning."""
    if not beginning:
        return ()
    escaped = beginning.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found = await uow.session.scalars(
        select(C.id)
        .where(C.id.like(f"{escaped}%", escape="\\"), C.ended_at.is_(None))
        .order_by(C.id)
        .limit(limit)
    )
    return tuple(found)


async def delivery_of(uow: UnitOfWork, message_id: str) -> str | None:
    """What the channel called an inbound message: it tells where its answer goes."""
    found: str | None = await uow.session.scalar(select(M.delivery_id).where(M.id == message_id))
    return found
