"""Who owns a conversation: bot, queue, human. What agents do with it.

Every change of owner is one conditional UPDATE that raises `version`: the first to claim wins, the others are
told who has it, and a bot reply that began under an older version is kept back. Each change writes an
activity row. Notices to the customer are messages like any other and reach them through the outbox.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select, update

from crm import mood
from crm.database import UnitOfWork
from crm.errors import AlreadyClaimed, InvalidInput, NotFound, OwnershipChanged
from crm.model.contact import Contact
from crm.model.conversation import Conversation, conversation_table, message_table
from crm.model.history import Activity
from crm.model.user import User
from crm.services.conversation_views import ConversationView, InboxEntry, MessageView, TimelineEntry
from crm.services.transcript import MESSAGE_COLUMNS, advance, message_view, note_activity, outbound, store

C = conversation_table.c
M = message_table.c
EASED: dict[str, Any] = {"strong_negatives": 0, "mood": case((C.mood < mood.EASED, mood.EASED), else_=C.mood)}
"""What people have settled counts less: or the next sigh would call for them again."""
MAX_REPLY = 4000
HELPED = {"human_helped": True}


async def request_handoff(
    uow: UnitOfWork, conversation_id: str, *, version: int, reason: str, summary: str
) -> int:
    """Put the bot's conversation into the queue; answers its new version. Raises OwnershipChanged, NotFound."""
    now = uow.now()
    new = await _change(
        uow,
        conversation_id,
        (C.status == "bot") & (C.version == version),
        status="queued",
        queued_at=now,
        waiting_since=now,
        handoff_reason=reason,
        handoff_summary=summary,
        strong_negatives=0,
    )
    if new is None:
        raise OwnershipChanged((await _row(uow, conversation_id)).status)
    note_activity(
        uow, conversation_id, "handoff.requested", "The bot asked for a person.", data={"reason": reason}
    )
    return new


async def expire_queue(
    uow: UnitOfWork, *, before: datetime, content: dict[str, Any], limit: int = 100
) -> tuple[str, ...]:
    """Give conversations that were queued before that time back to the bot, each told `content`.

    Answers their ids. Two processes doing it at once expire each conversation once.
    """
    late = (
        await uow.session.execute(
            select(C.id, C.channel)
            .where(C.status == "queued", C.queued_at <= before)
            .order_by(C.queued_at)
            .limit(limit)
        )
    ).all()
    expired = []
    for conversation_id, channel in sorted(late):
        condition = (C.status == "queued") & (C.queued_at <= before)
        if await _change(uow, conversation_id, condition, status="bot", **_NOT_WAITING, **EASED) is None:
            continue
        position = await advance(uow, conversation_id, 1)
        await store(
            uow,
            [outbound(uow, conversation_id, channel, seq=position.last_seq, author="bot", content=content)],
        )
        note_activity(uow, conversation_id, "queue.expired", "Nobody was free in time; the bot is back.")
        expired.append(conversation_id)
    return tuple(expired)


async def claim(
    uow: UnitOfWork, conversation_id: str, user_id: str, *, notice: str | None = None
) -> ConversationView:
    """Take the conversation over from the queue or the bot. Claiming one's own again changes nothing.

    `notice` is told the customer; without one they are told the agent's first name.
    Raises AlreadyClaimed, OwnershipChanged (resolved), NotFound.
    """
    user = await _staff(uow, user_id)
    new = await _change(
        uow,
        conversation_id,
        C.status.in_(("bot", "queued")),
        status="human",
        assignee_id=user_id,
        queued_at=None,
        waiting_since=func.coalesce(C.waiting_since, uow.now()),
        handback=None,
    )
    if new is None:
        row = await _row(uow, conversation_id)
        if row.status != "human":
            raise OwnershipChanged(row.status)
        if row.assignee_id != user_id:
            raise AlreadyClaimed(await _name(uow, row.assignee_id))
        return await _view(uow, conversation_id)
    note_activity(uow, conversation_id, "handoff.claimed", f"{user.name} took over.", user_id=user_id)
    words = notice or f"{first_name(user.name)} is here now and will answer you."
    await _tell(uow, conversation_id, words, user_id=user_id)
    return await _view(uow, conversation_id)


async def reply(
    uow: UnitOfWork, conversation_id: str, user_id: str, text: str, *, delivery_id: str | None = None
) -> MessageView:
    """Answer the customer. `delivery_id` names the agent's message on their channel: repeated, it is sent once.

    Raises InvalidInput, OwnershipChanged when no human owns it, AlreadyClaimed when another does, NotFound.
    """
    words = text.replace("\x00", "").strip()
    if not words or len(words) > MAX_REPLY:
        raise InvalidInput("text", f"{len(words)} characters", f"write 1 to {MAX_REPLY} characters")
    user = await _staff(uow, user_id)
    position = await advance(uow, conversation_id, 1)
    row = await _row(uow, conversation_id)
    if row.status != "human":
        raise OwnershipChanged(row.status)
    if row.assignee_id != user_id:
        raise AlreadyClaimed(await _name(uow, row.assignee_id))
    if delivery_id is not None:
        delivery_id = f"agent:{delivery_id}"[:120]
        if sent := await _sent(uow, row.channel, delivery_id):
            await uow.rollback()
            return sent
    await uow.session.execute(
        update(conversation_table)
        .where(C.id == conversation_id)
        .values(waiting_since=None, first_reply_at=func.coalesce(C.first_reply_at, uow.now()))
    )
    message = outbound(
        uow,
        conversation_id,
        row.channel,
        seq=position.last_seq,
        author="agent",
        text=words,
        user_id=user.id,
        delivery_id=delivery_id,
    )
    return (await store(uow, [message]))[0]


async def note(
    uow: UnitOfWork, conversation_id: str, user_id: str, text: str, *, delivery_id: str | None = None
) -> None:
    """Keep a private note in the transcript: agents read it, the customer never does. Repeated, it is kept once.

    Raises InvalidInput, NotFound.
    """
    words = text.replace("\x00", "").strip()
    if not words or len(words) > MAX_REPLY:
        raise InvalidInput("text", f"{len(words)} characters", f"write 1 to {MAX_REPLY} characters")
    user = await _staff(uow, user_id)
    position = await advance(uow, conversation_id, 1)
    row = await _row(uow, conversation_id)
    if delivery_id is not None:
        delivery_id = f"agent:{delivery_id}"[:120]
        if await _sent(uow, row.channel, delivery_id):
            await uow.rollback()
            return
    kept = outbound(
        uow,
        conversation_id,
        row.channel,
        seq=position.last_seq,
        author="agent",
        text=words,
        user_id=user.id,
        delivery_id=delivery_id,
        state="delivered",
    )
    await store(uow, [{**kept, "direction": "note"}])


async def return_to_bot(
    uow: UnitOfWork, conversation_id: str, user_id: str, *, note: str | None = None
) -> ConversationView:
    """Give the conversation back; with its next turn the bot learns that a human helped, and the note.

    Raises OwnershipChanged, AlreadyClaimed, NotFound.
    """
    user = await _staff(uow, user_id)
    handback: dict[str, Any] = {**HELPED, **({"human_note": note[:500]} if note else {})}
    await _release(uow, conversation_id, user_id, status="bot", handback=handback, **EASED)
    note_activity(uow, conversation_id, "handoff.returned", f"{user.name} gave it back.", user_id=user_id)
    await _tell(uow, conversation_id, "The assistant is back and will go on from here.")
    return await _view(uow, conversation_id)


async def resolve(uow: UnitOfWork, conversation_id: str, user_id: str) -> ConversationView:
    """Close the conversation; when the customer writes again the bot takes it, knowing that a human helped.

    Raises OwnershipChanged, AlreadyClaimed, NotFound.
    """
    user = await _staff(uow, user_id)
    await _release(uow, conversation_id, user_id, status="resolved", handback=dict(HELPED), **EASED)
    note_activity(uow, conversation_id, "conversation.resolved", f"{user.name} resolved it.", user_id=user_id)
    await _tell(
        uow, conversation_id, "This conversation is closed. Write any time and the assistant answers."
    )
    return await _view(uow, conversation_id)


async def reopen(uow: UnitOfWork, conversation_id: str) -> int:
    """A resolved conversation goes to the bot because its customer wrote again; answers the new version."""
    new = await _change(uow, conversation_id, C.status == "resolved", status="bot", **_NOT_WAITING)
    if new is None:
        raise OwnershipChanged((await _row(uow, conversation_id)).status)
    note_activity(uow, conversation_id, "conversation.reopened", "The customer wrote again.")
    return new


async def list_inbox(
    uow: UnitOfWork,
    *,
    statuses: tuple[str, ...] = ("queued", "human"),
    assignee_id: str | None = None,
    limit: int = 50,
) -> tuple[InboxEntry, ...]:
    """Conversations for agents: who waits longest first."""
    said = message_table.alias("said").c
    last = (
        select(func.max(said.seq))
        .where(said.conversation_id == C.id, said.direction != "note", said.state != "suppressed")
        .correlate(conversation_table)
        .scalar_subquery()
    )
    query = (
        select(Conversation, User.name, Contact.name, M.text, M.author)
        .outerjoin(User, User.id == Conversation.assignee_id)
        .outerjoin(Contact, Contact.id == Conversation.contact_id)
        .outerjoin(message_table, (M.conversation_id == C.id) & (M.seq == last))
        .where(C.status.in_(statuses), C.ended_at.is_(None))
        .order_by(case((C.waiting_since.is_(None), 1), else_=0), C.waiting_since, C.updated_at.desc())
        .limit(limit)
    )
    if assignee_id is not None:
        query = query.where(C.assignee_id == assignee_id)
    rows = (await uow.session.execute(query)).all()
    scores = await _recent_scores(uow, [row.id for row, *_ in rows])
    return tuple(
        InboxEntry(
            view(row, assignee), text or "", author or "", row.updated_at, contact, mood.trend(scores[row.id])
        )
        for row, assignee, contact, text, author in rows
    )


async def _recent_scores(uow: UnitOfWork, conversation_ids: list[str]) -> dict[str, list[float]]:
    """The sentiments of the customers' last messages, oldest first."""
    place = func.row_number().over(partition_by=M.conversation_id, order_by=M.seq.desc()).label("place")
    told = (
        select(M.conversation_id, M.seq, M.sentiment, place)
        .where(M.conversation_id.in_(conversation_ids), M.sentiment.is_not(None))
        .subquery()
    )
    last = select(told).where(told.c.place <= mood.RECENT + mood.BEFORE).order_by(told.c.seq)
    scores: dict[str, list[float]] = {conversation_id: [] for conversation_id in conversation_ids}
    for row in await uow.session.execute(last):
        scores[row.conversation_id].append(row.sentiment)
    return scores


async def sentiments(uow: UnitOfWork, conversation_id: str) -> dict[str, float]:
    """How each of the customer's messages sounded, by the message's id, in order. For agents, never for customers."""
    rows = await uow.session.execute(
        select(M.id, M.sentiment)
        .where(M.conversation_id == conversation_id, M.sentiment.is_not(None))
        .order_by(M.seq)
    )
    return {row.id: row.sentiment for row in rows}


async def timeline(uow: UnitOfWork, conversation_id: str) -> tuple[TimelineEntry, ...]:
    """What happened in the conversation, oldest first."""
    rows = await uow.session.scalars(
        select(Activity).where(Activity.conversation_id == conversation_id).order_by(Activity.at)
    )
    return tuple(TimelineEntry(row.kind, row.summary, row.at, row.data or {}) for row in rows)


def first_name(name: str) -> str:
    """What a customer is told of an agent's name."""
    return name.split(maxsplit=1)[0] if name.strip() else "A colleague"


def view(row: Conversation, assignee: str | None) -> ConversationView:
    """A conversation's row as a view."""
    return ConversationView(
        id=row.id,
        channel=row.channel,
        status=row.status,  # type: ignore[arg-type]  # a CHECK constraint holds it to the literal's values
        version=row.version,
        last_seq=row.last_seq,
        mood=row.mood,
        assignee_id=row.assignee_id,
        assignee=assignee,
        contact_id=row.contact_id,
        handoff_reason=row.handoff_reason,
        handoff_summary=row.handoff_summary,
        waiting_since=row.waiting_since,
    )


_NOT_WAITING: dict[str, Any] = {"assignee_id": None, "queued_at": None, "waiting_since": None}


async def _change(
    uow: UnitOfWork, conversation_id: str, condition: ColumnElement[bool], **values: Any
) -> int | None:
    changed = await uow.session.execute(
        update(conversation_table)
        .where(C.id == conversation_id, C.ended_at.is_(None), condition)
        .values(version=C.version + 1, updated_at=uow.now(), **values)
        .returning(C.version)
    )
    version: int | None = changed.scalar_one_or_none()
    return version


async def _release(uow: UnitOfWork, conversation_id: str, user_id: str, **values: Any) -> None:
    condition = (C.status == "human") & (C.assignee_id == user_id)
    while await _change(uow, conversation_id, condition, **{**_NOT_WAITING, **values}) is None:
        row = await _row(uow, conversation_id)
        if row.status != "human":
            raise OwnershipChanged(row.status)
        if row.assignee_id != user_id:
            raise AlreadyClaimed(await _name(uow, row.assignee_id))
        # Theirs since the attempt a moment ago: who claims and resolves at once gets both.


async def _tell(uow: UnitOfWork, conversation_id: str, words: str, *, user_id: str | None = None) -> None:
    position = await advance(uow, conversation_id, 1)
    row = await _row(uow, conversation_id)
    notice = outbound(
        uow, conversation_id, row.channel, seq=position.last_seq, author="system", text=words, user_id=user_id
    )
    await store(uow, [notice])


async def _row(uow: UnitOfWork, conversation_id: str) -> Conversation:
    found = await uow.session.scalar(
        select(Conversation)
        .where(Conversation.id == conversation_id, Conversation.ended_at.is_(None))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("conversation", conversation_id)
    return found


async def _view(uow: UnitOfWork, conversation_id: str) -> ConversationView:
    row = await _row(uow, conversation_id)
    return view(row, await _name(uow, row.assignee_id) if row.assignee_id else None)


async def _sent(uow: UnitOfWork, channel: str, delivery_id: str) -> MessageView | None:
    row = (
        await uow.session.execute(
            select(*MESSAGE_COLUMNS, User.name)
            .outerjoin(User, User.id == M.user_id)
            .where(M.channel == channel, M.delivery_id == delivery_id)
        )
    ).one_or_none()
    return None if row is None else message_view(row)


async def _staff(uow: UnitOfWork, user_id: str) -> User:
    user = await uow.session.get(User, user_id)
    if user is None or not user.active:
        raise NotFound("user", user_id)
    return user


async def _name(uow: UnitOfWork, user_id: str | None) -> str:
    user = await uow.session.get(User, user_id) if user_id else None
    return user.name if user else "somebody else"
