"""Who somebody is on a channel, the conversation they are in, and whether the channel still reaches them.

An identity is an account that the channel vouches for. Its conversations follow each other: the current one is
that which it began or took over last, unless it was ended.
"""

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select, update

from crm.database import UnitOfWork
from crm.model.base import new_id
from crm.model.contact import Identity
from crm.model.conversation import Conversation
from crm.services import conversations
from crm.services.conversation_views import Role
from crm.upsert import insert

# Built once: they are read with every message that comes and goes on a chat app.
_CURRENT = (
    select(Identity.id, Conversation.id.label("conversation_id"), Identity.blocked_at)
    .join(Conversation, Conversation.identity_id == Identity.id)
    .where(
        Identity.channel == bindparam("on"),
        Identity.external_id == bindparam("who"),
        Conversation.role == bindparam("as_role"),
        Conversation.ended_at.is_(None),
    )
    .order_by(func.coalesce(Conversation.joined_at, Conversation.created_at).desc(), Conversation.id)
    .limit(1)
)
_OF_CONVERSATION = (
    select(Identity.id, Identity.external_id, Identity.blocked_at)
    .join(Conversation, Conversation.identity_id == Identity.id)
    .where(Conversation.id == bindparam("which"), Conversation.ended_at.is_(None))
)


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Somebody's account and the conversation they are in. `new`: it was begun just now."""

    identity_id: str
    external_id: str
    conversation_id: str
    blocked: bool = False
    new: bool = False


async def current(
    uow: UnitOfWork, channel: str, external_id: str, *, role: Role = "customer"
) -> Correspondent | None:
    """Who this is and the conversation they are in; None when there is none. Only reads."""
    connection = await uow.session.connection()
    which = {"on": channel, "who": external_id, "as_role": role}
    row = (await connection.execute(_CURRENT, which)).one_or_none()
    if row is None:
        return None
    return Correspondent(row.id, external_id, row.conversation_id, row.blocked_at is not None)


async def reach(
    uow: UnitOfWork, channel: str, external_id: str, *, role: Role = "customer", locale: str | None = None
) -> Correspondent:
    """Who this is and the conversation they are in; either is begun when there is none.

    The channel has proved who they are, or don't call this. Who was marked as blocked writes again: unmarked.
    Holds the identity's row, so that two messages at once begin one conversation.
    """
    identity_id = await known(uow, channel, external_id)
    found = await current(uow, channel, external_id, role=role)
    if found is not None:
        return Correspondent(identity_id, external_id, found.conversation_id)
    conversation_id = await begin(uow, channel, identity_id, role=role, locale=locale)
    return Correspondent(identity_id, external_id, conversation_id, new=True)


async def begin(
    uow: UnitOfWork, channel: str, identity_id: str, *, role: Role = "customer", locale: str | None = None
) -> str:
    """Begin a conversation that becomes the identity's current one; answers its id."""
    conversation_id = await conversations.start(
        uow, channel=channel, role=role, identity_id=identity_id, locale=locale
    )
    contact_id = select(Identity.contact_id).where(Identity.id == identity_id).scalar_subquery()
    await uow.session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(joined_at=uow.now(), contact_id=contact_id)
        .execution_options(synchronize_session=False)
    )
    return conversation_id


async def of_conversation(uow: UnitOfWork, conversation_id: str) -> Correspondent | None:
    """To whom a conversation's messages go on its channel; None when it has no identity or was ended."""
    connection = await uow.session.connection()
    row = (await connection.execute(_OF_CONVERSATION, {"which": conversation_id})).one_or_none()
    if row is None:
        return None
    return Correspondent(row.id, row.external_id, conversation_id, row.blocked_at is not None)


async def mark_blocked(uow: UnitOfWork, channel: str, external_id: str, *, blocked: bool = True) -> bool:
    """Note that the channel takes nothing for them any more, or that it does again; whether that is news."""
    is_news = Identity.blocked_at.is_(None) if blocked else Identity.blocked_at.is_not(None)
    changed = await uow.session.execute(
        update(Identity)
        .where(Identity.channel == channel, Identity.external_id == external_id, is_news)
        .values(blocked_at=uow.now() if blocked else None)
        .returning(Identity.id)
        .execution_options(synchronize_session=False)
    )
    return changed.scalar_one_or_none() is not None


async def known(uow: UnitOfWork, channel: str, external_id: str) -> str:
    """The identity's id, its row locked; made when there is none, unmarked when it was blocked."""
    now = uow.now()
    await uow.session.execute(
        insert(uow, Identity)
        .values(id=new_id(), channel=channel, external_id=external_id, verified_at=now, created_at=now)
        .on_conflict_do_nothing()
    )
    row = (
        await uow.session.execute(
            select(Identity.id, Identity.blocked_at)
            .where(Identity.channel == channel, Identity.external_id == external_id)
            .with_for_update()
        )
    ).one()
    if row.blocked_at is not None:
        await mark_blocked(uow, channel, external_id, blocked=False)
    identity_id: str = row.id
    return identity_id
