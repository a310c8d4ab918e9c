"""Taking a conversation along to another channel, by proof: a single-use code that expires.

Whoever holds a conversation's token may ask for a code; who shows it on the other channel, within minutes and for
the first time, has the conversation from then on, and only they. It moves, it isn't shared: had both channels it,
somebody could send their own link to another person and read along what that person writes (docs/adr/0142).
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Literal

from sqlalchemy import delete, func, select, update

from crm.database import UnitOfWork
from crm.model.contact import Identity
from crm.model.conversation import Conversation
from crm.model.link import LinkCode
from crm.services import carts
from crm.services.transcript import note_activity

# 32 characters of A-Z, a-z, 0-9, _ and -: a deep link of Telegram's takes 64 of those.
CODE_BYTES = 24
KEPT = timedelta(days=1)

Refusal = Literal["unknown", "used", "late"]


async def issue(uow: UnitOfWork, conversation_id: str, channel: str, *, valid_for: timedelta) -> str:
    """A code for taking this conversation to `channel`. Kept as a hash only. Forgets old ones."""
    now = uow.now()
    code = secrets.token_urlsafe(CODE_BYTES)
    await uow.session.execute(delete(LinkCode).where(LinkCode.expires_at < now - KEPT))
    uow.session.add(
        LinkCode(
            code_hash=_hash(code),
            channel=channel,
            conversation_id=conversation_id,
            expires_at=now + valid_for,
            created_at=now,
        )
    )
    await uow.session.flush()
    return code


async def redeem(
    uow: UnitOfWork, code: str, *, channel: str, identity_id: str, delivery_id: str
) -> tuple[str, str] | Refusal:
    """Move the code's conversation to this identity; answers its id and the channel that it came from.

    What the account had in its cart until now comes along. Of two who show a code at once, one has it. Other codes
    for the conversation are void then. The same delivery again gets the same answer. A code of an ended conversation
    is late.
    """
    now = uow.now()
    mine = (LinkCode.code_hash == _hash(code)) & (LinkCode.channel == channel)
    conversation_id = await uow.session.scalar(
        update(LinkCode)
        .where(mine, LinkCode.used_at.is_(None), LinkCode.expires_at > now)
        .values(used_at=now, used_by=delivery_id)
        .returning(LinkCode.conversation_id)
        .execution_options(synchronize_session=False)
    )
    if conversation_id is None:
        return await _why_not(uow, code, channel, delivery_id)
    row = (
        await uow.session.execute(
            select(Conversation.channel, Conversation.contact_id)
            .where(Conversation.id == conversation_id, Conversation.ended_at.is_(None))
            .with_for_update()
        )
    ).one_or_none()
    if row is None:
        return "late"
    await uow.session.execute(
        update(LinkCode)
        .where(LinkCode.conversation_id == conversation_id, LinkCode.used_at.is_(None))
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    earlier = await _current(uow, identity_id)
    await _move(uow, conversation_id, channel, identity_id, row.contact_id)
    if earlier not in (None, conversation_id):
        await carts.take_over(uow, conversation_id, out_of=str(earlier))
    note_activity(
        uow, conversation_id, "conversation.moved", f"The customer went on with it on {channel}.",
        data={"from": row.channel, "to": channel},
    )  # fmt: skip
    return conversation_id, row.channel


async def _move(
    uow: UnitOfWork, conversation_id: str, channel: str, identity_id: str, contact_id: str | None
) -> None:
    """An identity without a contact gets the conversation's, and a conversation without one the identity's.

    Two contacts are never merged: what was said and ordered before stays with whom it was.
    """
    own: str | None = await uow.session.scalar(
        select(Identity.contact_id).where(Identity.id == identity_id).with_for_update()
    )
    await uow.session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(
            channel=channel, identity_id=identity_id, contact_id=contact_id or own, joined_at=uow.now(),
            updated_at=uow.now(),
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if own is None and contact_id is not None:
        await uow.session.execute(
            update(Identity)
            .where(Identity.id == identity_id)
            .values(contact_id=contact_id)
            .execution_options(synchronize_session=False)
        )


async def _current(uow: UnitOfWork, identity_id: str) -> str | None:
    """The conversation that the account was in until now."""
    found: str | None = await uow.session.scalar(
        select(Conversation.id)
        .where(
            Conversation.identity_id == identity_id,
            Conversation.role == "customer",
            Conversation.ended_at.is_(None),
        )
        .order_by(func.coalesce(Conversation.joined_at, Conversation.created_at).desc())
        .limit(1)
    )
    return found


async def _why_not(uow: UnitOfWork, code: str, channel: str, delivery_id: str) -> tuple[str, str] | Refusal:
    found = await uow.session.scalar(
        select(LinkCode).where(LinkCode.code_hash == _hash(code), LinkCode.channel == channel)
    )
    if found is None:
        return "unknown"
    if found.used_at is None:
        return "late"
    if found.used_by == delivery_id:
        return found.conversation_id, channel
    return "used"


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
