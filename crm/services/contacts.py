"""Who a conversation is with, and forgetting them.

A person is recognised by their conversation or their verified identity on a channel, never by an e-mail
address somebody typed: two contacts with the same address stay two, and no order of one shows to the other.
"""

from sqlalchemy import delete, select, update

from crm.database import UnitOfWork
from crm.errors import NotFound
from crm.model.aftersales import Invoice, Return
from crm.model.appointment import Appointment
from crm.model.cart import Cart
from crm.model.contact import Company, Consent, Contact, Identity
from crm.model.conversation import Conversation, Message
from crm.model.history import Activity
from crm.model.newsletter import Subscription
from crm.model.once import Processed
from crm.model.order import Order
from crm.model.quote import Quote
from crm.model.sales import Lead
from crm.services import audit, conversations, staff_chats, tickets

NOTED = "contact.noted"
EVERY_STAFF_CHAT = 10_000


async def of_conversation(
    uow: UnitOfWork, conversation_id: str, *, name: str, email: str | None, phone: str | None
) -> str:
    """Id of the conversation's contact, made when it has none. What the contact lacks is filled in.

    Holds the conversation's row, so of two callers the second finds the first's contact. Raises NotFound.
    """
    query = select(Conversation.contact_id, Conversation.identity_id).where(
        Conversation.id == conversation_id
    )
    row = (await uow.session.execute(query.with_for_update())).one_or_none()
    if row is None:
        raise NotFound("conversation", conversation_id)
    contact_id = row.contact_id or await _of_identity(uow, row.identity_id)
    contact = await uow.session.get(Contact, contact_id) if contact_id else None
    if contact is None:
        contact = Contact(created_at=uow.now())
        uow.session.add(contact)
    contact.name = contact.name or name
    contact.email = contact.email or email
    contact.phone = contact.phone or phone
    contact.updated_at = uow.now()
    await uow.session.flush()
    await _link(uow, contact.id, conversation_id, row.identity_id)
    return contact.id


async def erase(uow: UnitOfWork, contact_id: str, *, here: str | None = None) -> None:
    """Forget a person: their details, identities, consents, notes, what they said in conversations, and their details
    on leads, quotes and appointments; a company that only they belonged to.

    Conversations of staff with the bot may tell of them, so those begin anew.

    Their orders stay, with lines and amounts but without name, e-mail, phone and address, because
    bookkeeping law asks for them; so does the audit trail, which never held personal data. The contact stays
    as an empty row that those belong to, and so do conversations, ended, so that the bot is made to forget them too.
    `here` is a conversation that goes on: it is only untied. Doing it again changes nothing. Raises NotFound.
    """
    if await uow.session.scalar(select(Contact.id).where(Contact.id == contact_id)) is None:
        raise NotFound("contact", contact_id)
    nobody = {"name": None, "email": None, "phone": None}
    now = uow.now()
    here_identity = select(Conversation.identity_id).where(Conversation.id == here).scalar_subquery()
    await _end_talks(uow, contact_id, here)
    companies = await _companies_of(uow, contact_id)
    for statement in (
        # The account that the chat goes on with is needed to answer it.
        update(Identity).where(Identity.id == here_identity).values(contact_id=None, verified_at=None),
        delete(Identity).where(Identity.contact_id == contact_id),
        delete(Consent).where(Consent.contact_id == contact_id),
        delete(Activity).where(Activity.contact_id == contact_id, Activity.kind == NOTED),
        update(Lead).where(Lead.contact_id == contact_id).values(**nobody, needs="", status="closed"),
        update(Quote).where(Quote.contact_id == contact_id).values(name=None, email=None, company=None),
        update(Appointment)
        .where(
            Appointment.contact_id == contact_id, Appointment.status == "booked", Appointment.starts_at > now
        )
        .values(status="cancelled", cancelled_at=now),
        update(Appointment).where(Appointment.contact_id == contact_id).values(**nobody, topic=""),
        update(Return).where(Return.contact_id == contact_id).values(note=None),
        update(Invoice)
        .where(Invoice.order_id.in_(select(Order.id).where(Order.contact_id == contact_id)))
        .values(company=None, vat_id=None),
        update(Order).where(Order.contact_id == contact_id).values(**nobody, address=None),
        update(Contact)
        .where(Contact.id == contact_id)
        .values(**nobody, company_id=None, email_verified_at=None, erased_at=now, updated_at=now),
        delete(Company).where(
            Company.id.in_(companies),
            Company.id.not_in(select(Contact.company_id).where(Contact.company_id.is_not(None))),
        ),
    ):
        await uow.session.execute(statement.execution_options(synchronize_session=False))
    await staff_chats.clear(uow, before=now, limit=EVERY_STAFF_CHAT)
    uow.session.expire_all()
    audit.record(uow, "contact.erased", f"contact:{contact_id}")
    await uow.session.flush()


async def _companies_of(uow: UnitOfWork, contact_id: str) -> list[str]:
    """Companies that the contact belongs to or named for a quote."""
    own = select(Contact.company_id).where(Contact.id == contact_id, Contact.company_id.is_not(None))
    quoted = select(Quote.company_id).where(Quote.contact_id == contact_id, Quote.company_id.is_not(None))
    return [found for query in (own, quoted) for found in await uow.session.scalars(query) if found]


async def _end_talks(uow: UnitOfWork, contact_id: str, here: str | None) -> None:
    """End and empty the contact's conversations but `here`, and untie all of them from the contact."""
    theirs = select(Conversation.id, Conversation.ended_at).where(Conversation.contact_id == contact_id)
    talks = {row.id: row.ended_at for row in (await uow.session.execute(theirs)).all() if row.id != here}
    await tickets.forget(uow, list(talks), [contact_id])
    messages = select(Message.id).where(Message.conversation_id.in_(talks))
    await uow.session.execute(delete(Processed).where(Processed.message_id.in_(messages)))
    for talk, ended_at in talks.items():
        if ended_at is None:
            await conversations.end_and_clear(uow, talk)
    for statement in (
        delete(Cart).where(Cart.conversation_id.in_(talks)),
        delete(Subscription).where(Subscription.conversation_id.in_(talks)),
        update(Conversation).where(Conversation.id.in_(talks)).values(identity_id=None),
        update(Conversation)
        .where(Conversation.contact_id == contact_id)
        .values(contact_id=None, locale=None),
    ):
        await uow.session.execute(statement.execution_options(synchronize_session=False))


async def _of_identity(uow: UnitOfWork, identity_id: str | None) -> str | None:
    if identity_id is None:
        return None
    found: str | None = await uow.session.scalar(
        select(Identity.contact_id).where(Identity.id == identity_id).with_for_update()
    )
    return found


async def _link(uow: UnitOfWork, contact_id: str, conversation_id: str, identity_id: str | None) -> None:
    await uow.session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.contact_id.is_(None))
        .values(contact_id=contact_id)
        .execution_options(synchronize_session=False)
    )
    if identity_id is not None:
        await uow.session.execute(
            update(Identity)
            .where(Identity.id == identity_id, Identity.contact_id.is_(None))
            .values(contact_id=contact_id)
            .execution_options(synchronize_session=False)
        )
