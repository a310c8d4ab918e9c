"""Money that goes back to a customer: owed once for each reason, then sent by a person or a provider."""

from decimal import Decimal

from sqlalchemy import select, update

from crm.aftersales_views import RefundView
from crm.database import UnitOfWork
from crm.errors import NotFound
from crm.model.aftersales import Refund
from crm.model.order import Order
from crm.services import audit
from crm.working_days import working_days_after


async def owe(
    uow: UnitOfWork,
    order: Order,
    amount: Decimal,
    *,
    reason: str,
    source: str,
    conversation_id: str | None,
    return_id: str | None = None,
) -> RefundView | None:
    """Note that `amount` goes back; None when it is nothing. The same `source` is owed once."""
    if amount <= 0:
        return None
    known = await uow.session.scalar(select(Refund).where(Refund.source == source))
    if known is not None:
        return _view(known)
    refund = Refund(
        source=source,
        order_id=order.id,
        return_id=return_id,
        conversation_id=conversation_id,
        reason=reason,
        amount=amount,
        currency=order.currency,
        due=working_days_after(uow.now().date(), uow.policy.refund_days),
        created_at=uow.now(),
    )
    uow.session.add(refund)
    await uow.session.flush()
    facts = {"order": order.number, "amount": str(amount), "currency": order.currency, "reason": reason}
    audit.note(
        uow,
        "refund.owed",
        f"Refund of {amount} {order.currency} for order {order.number} due by {refund.due}: {reason}",
        conversation_id=conversation_id,
        contact_id=order.contact_id,
        data=facts,
    )
    audit.record(uow, "refund.owed", f"order:{order.number}", data=facts)
    return _view(refund)


async def of_order(uow: UnitOfWork, number: str) -> tuple[RefundView, ...]:
    """The order's refunds, oldest first."""
    rows = await uow.session.scalars(
        select(Refund)
        .join(Order, Order.id == Refund.order_id)
        .where(Order.number == number)
        .order_by(Refund.created_at, Refund.id)
        .execution_options(populate_existing=True)
    )
    return tuple(_view(row) for row in rows)


async def mark_sent(uow: UnitOfWork, number: str, *, reference: str | None = None) -> tuple[RefundView, ...]:
    """The order's open refunds were paid out; gives all of them. Raises NotFound when it has none."""
    order_id = select(Order.id).where(Order.number == number).scalar_subquery()
    sent = await uow.session.scalars(
        update(Refund)
        .where(Refund.order_id == order_id, Refund.sent_at.is_(None))
        .values(sent_at=uow.now(), reference=reference)
        .returning(Refund)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    for refund in sent:
        facts = {"order": number, "amount": str(refund.amount), "currency": refund.currency}
        told = f"Refund of {refund.amount} {refund.currency} for order {number} sent"
        audit.note(uow, "refund.sent", told, conversation_id=refund.conversation_id, data=facts)
        audit.record(uow, "refund.sent", f"order:{number}", data=facts)
    found = await of_order(uow, number)
    if not found:
        raise NotFound("refund of order", number)
    return found


def _view(row: Refund) -> RefundView:
    return RefundView(
        id=row.id,
        reason=row.reason,  # type: ignore[arg-type]  # the table's CHECK allows nothing else
        amount=row.amount,
        currency=row.currency,
        due=row.due,
        created_at=row.created_at,
        sent_at=row.sent_at,
    )
