"""The newsletter: asked for in a chat, confirmed from the mailbox (double opt-in), ended at a word.

Nobody learns here whether an address is on the list: asking for it and ending it answer the same either way.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update

from crm.database import UnitOfWork
from crm.errors import NotFound
from crm.model.newsletter import Subscription
from crm.people import checked_email, checked_text, email_key
from crm.services import audit

# A mailbox isn't written to more often, whoever asks: nobody can have a stranger's inbox filled.
PAUSE = timedelta(hours=1)
UNCONFIRMED_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Unmailed:
    """A subscription whose letter that asks for confirmation has yet to leave."""

    id: str
    email: str


async def request(uow: UnitOfWork, *, conversation_id: str, email: str, consent: str) -> None:
    """Ask the mailbox to confirm; `consent` is the sentence the customer agreed to.

    A mailbox that gets the newsletter already isn't written to again, nor is one within the hour.
    Raises InvalidInput for what is no address.
    """
    address = checked_email(email)
    words = checked_text("consent", consent, 2000)
    row = await uow.session.scalar(
        select(Subscription).where(Subscription.mailbox == email_key(address)).with_for_update()
    )
    now = uow.now()
    if row is None:
        row = Subscription(mailbox=email_key(address))
        uow.session.add(row)
    elif row.confirmed_at is not None and row.ended_at is None:
        return
    # The link in a letter that left a moment ago is as good as another one's.
    mailed = row.mailed_at if row.mailed_at is not None and now - row.mailed_at < PAUSE else None
    row.email, row.consent, row.conversation_id = address, words, conversation_id
    row.requested_at, row.mailed_at, row.confirmed_at, row.ended_at = now, mailed, None, None
    await uow.session.flush()
    audit.note(
        uow, "newsletter.requested", "Asked for the newsletter; to be confirmed by e-mail.",
        conversation_id=conversation_id,
    )  # fmt: skip
    audit.record(uow, "newsletter.requested", f"newsletter:{row.id}", actor=audit.CUSTOMER)


async def end(uow: UnitOfWork, *, email: str, conversation_id: str | None = None) -> None:
    """Send this mailbox nothing more. Does nothing for one that isn't on the list. Raises InvalidInput."""
    row = await uow.session.scalar(
        select(Subscription).where(Subscription.mailbox == email_key(checked_email(email)))
    )
    if row is None or row.ended_at is not None:
        return
    row.ended_at = uow.now()
    await uow.session.flush()
    audit.note(
        uow, "newsletter.ended", "Doesn't want the newsletter any more.", conversation_id=conversation_id
    )
    audit.record(uow, "newsletter.ended", f"newsletter:{row.id}", actor=audit.CUSTOMER)


async def unmailed(uow: UnitOfWork, *, limit: int = 20) -> tuple[Unmailed, ...]:
    """Whom to ask for confirmation, oldest first."""
    rows = await uow.session.execute(
        select(Subscription.id, Subscription.email)
        .where(Subscription.mailed_at.is_(None), Subscription.ended_at.is_(None))
        .order_by(Subscription.requested_at)
        .limit(limit)
    )
    return tuple(Unmailed(*row) for row in rows)


async def mark_mailed(uow: UnitOfWork, subscription_id: str) -> None:
    """Note that the letter left."""
    await uow.session.execute(
        update(Subscription)
        .where(Subscription.id == subscription_id, Subscription.mailed_at.is_(None))
        .values(mailed_at=uow.now())
        .execution_options(synchronize_session=False)
    )


async def confirm(uow: UnitOfWork, subscription_id: str) -> None:
    """The link in the letter was followed. Following it again changes nothing.

    Raises NotFound when the wish was ended, forgotten or never made.
    """
    row = await uow.session.get(Subscription, subscription_id)
    if row is None or row.ended_at is not None:
        raise NotFound("subscription", subscription_id)
    if row.confirmed_at is None:
        row.confirmed_at = uow.now()
        audit.record(uow, "newsletter.confirmed", f"newsletter:{row.id}", actor=audit.CUSTOMER)
    await uow.session.flush()


async def drop_unconfirmed(uow: UnitOfWork) -> None:
    """Forget addresses that nobody confirmed in time."""
    await uow.session.execute(
        delete(Subscription)
        .where(Subscription.confirmed_at.is_(None), Subscription.requested_at < uow.now() - UNCONFIRMED_FOR)
        .execution_options(synchronize_session=False)
    )
