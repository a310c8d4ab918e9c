"""Erasing what is stored about a conversation's customer, from within the conversation, which goes on empty."""

from dataclasses import dataclass

from sqlalchemy import delete, select, union, update

from crm.database import UnitOfWork
from crm.errors import StillNeeded
from crm.model.aftersales import Refund, Return
from crm.model.cart import Cart
from crm.model.conversation import conversation_table, message_table
from crm.model.history import Activity
from crm.model.newsletter import Subscription
from crm.model.once import Processed
from crm.model.order import Order
from crm.services import audit, contacts, exposures, tickets
from crm.services.privacy.people import contacts_of

C = conversation_table.c
M = message_table.c
# While one of these is under way somebody must know where to send it, and whom to ask for the money.
UNDER_WAY = ("placed", "paid", "shipped")
# So it is as long as something is coming back or money is owed.
UNSETTLED = union(
    select(Return.order_id).where(Return.status == "announced"),
    select(Refund.order_id).where(Refund.sent_at.is_(None)),
)


@dataclass(frozen=True, slots=True)
class Erased:
    """What is left: `orders` whose amounts stay, without a person, because bookkeeping law asks for them."""

    orders: int
    contact: bool


async def erase(
    uow: UnitOfWork, conversation_id: str, *, now_answering: str, contact_id: str | None = None
) -> Erased:
    """Erase the transcript and the proven contacts' data (`contacts.erase`), but not the conversation itself.

    `now_answering` is the message that asks for it: its row stays, emptied, so that it can be answered. The gateway
    has the bot forget its part. Raises StillNeeded while an order of theirs is under way or isn't settled, NotFound.
    """
    people = await contacts_of(uow, conversation_id, contact_id)
    query = select(Order.number, Order.status.in_(UNDER_WAY) | Order.id.in_(UNSETTLED)).where(
        Order.contact_id.in_(people), Order.name.is_not(None)
    )
    orders = (await uow.session.execute(query)).all()
    if waiting := tuple(number for number, needed in orders if needed):
        raise StillNeeded(waiting)
    await empty(uow, conversation_id, keep=now_answering)
    for contact_id in people:
        await contacts.erase(uow, contact_id, here=conversation_id)
    audit.record(uow, "privacy.erased", f"conversation:{conversation_id}", actor=audit.CUSTOMER)
    await uow.session.flush()
    return Erased(len(orders), bool(people))


async def empty(uow: UnitOfWork, conversation_id: str, *, keep: str) -> None:
    """Erase everything said and noted in a conversation, but for the bare row of the message `keep`."""
    messages = select(M.id).where(M.conversation_id == conversation_id)
    await tickets.forget(uow, [conversation_id], [])
    await exposures.forget(uow, conversation_id)
    for statement in (
        delete(Processed).where(Processed.message_id.in_(messages)),
        delete(message_table).where(M.conversation_id == conversation_id, M.id != keep),
        update(message_table).where(M.id == keep).values(text="", payload=None, content=None, client=None),
        delete(Activity).where(Activity.conversation_id == conversation_id),
        delete(Cart).where(Cart.conversation_id == conversation_id),
        delete(Subscription).where(Subscription.conversation_id == conversation_id),
        update(conversation_table)
        .where(C.id == conversation_id)
        .values(
            contact_id=None, locale=None, mood=0.0, strong_negatives=0, handoff_reason=None, handoff_summary=None,
            handback=None, first_reply_at=None, erased_at=uow.now(), forgotten_at=None, updated_at=uow.now(),
        ),
    ):  # fmt: skip
        await uow.session.execute(statement.execution_options(synchronize_session=False))
    uow.session.expire_all()
