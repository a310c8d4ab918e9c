"""What happens to an order after it was placed: each step at most once, whoever asks and how often.

    placed ─► paid ─► shipped ─► delivered ─► returned
       └────────┴──► cancelled (stock goes back, and what was paid)

An invoice may be paid after the goods were sent, so `ship` takes a placed order too, and a later `mark_paid`
only notes the payment.
"""

from typing import Any

from sqlalchemy import select, update

from crm.database import UnitOfWork
from crm.errors import NotFound, WrongStatus
from crm.model.order import Order, OrderLine
from crm.services import audit, deals, refunds, stock
from crm.services.orders.reading import get
from crm.views import OrderView
from crm.working_days import working_days_after


async def mark_paid(uow: UnitOfWork, number: str, *, reference: str | None = None) -> OrderView:
    """The payment arrived; `reference` is the provider's or the bank's. Raises NotFound, WrongStatus."""
    paid: dict[str, Any] = {"paid_at": uow.now()}
    if reference:
        paid["payment_reference"] = reference
    expected = working_days_after(uow.now().date(), uow.policy.delivery_days)
    moved = await _move(uow, number, ("placed",), "paid", **paid, expected_delivery=expected)
    if moved is None:
        unpaid = (Order.number == number, Order.status.in_(("shipped", "delivered")), Order.paid_at.is_(None))
        await uow.session.execute(
            update(Order).where(*unpaid).values(**paid).execution_options(synchronize_session=False)
        )
        await _expect(uow, number, ("paid", "shipped", "delivered", "returned"))
    return await get(uow, number)


async def ship(uow: UnitOfWork, number: str, *, tracking: str | None = None) -> OrderView:
    """The parcel is on its way. Raises NotFound, WrongStatus."""
    expected = working_days_after(uow.now().date(), uow.policy.delivery_days)
    values: dict[str, Any] = {"shipped_at": uow.now(), "tracking": tracking, "expected_delivery": expected}
    if await _move(uow, number, ("placed", "paid"), "shipped", **values) is None:
        await _expect(uow, number, ("shipped",))
    return await get(uow, number)


async def deliver(uow: UnitOfWork, number: str) -> OrderView:
    """The parcel arrived. Raises NotFound, WrongStatus."""
    if await _move(uow, number, ("shipped",), "delivered", delivered_at=uow.now()) is None:
        await _expect(uow, number, ("delivered",))
    return await get(uow, number)


async def take_back(uow: UnitOfWork, number: str) -> OrderView:
    """The customer sent it back. The stock isn't raised: somebody looks at the goods first.

    Raises NotFound, WrongStatus.
    """
    if await _move(uow, number, ("delivered",), "returned", returned_at=uow.now()) is None:
        await _expect(uow, number, ("returned",))
    return await get(uow, number)


async def cancel(
    uow: UnitOfWork, number: str, *, conversation_id: str | None = None, by_customer: bool = False
) -> OrderView:
    """Cancel what isn't sent yet: its stock goes back and, when it was paid, a refund is owed, both once.

    `conversation_id` is where it was asked for, if that is another chat than the order's. A customer may only
    cancel as long as the shop's policy says. Raises NotFound, WrongStatus.
    """
    await stock.lock(uow)
    allowed = uow.policy.cancellable if by_customer else ("placed", "paid")
    actor = audit.CUSTOMER if by_customer else audit.SYSTEM
    order = await _move(
        uow,
        number,
        allowed,
        "cancelled",
        conversation_id=conversation_id,
        actor=actor,
        cancelled_at=uow.now(),
    )
    if order is None:
        await _expect(uow, number, ("cancelled",))
        return await get(uow, number)
    await undo_sale(uow, [order.id])
    if order.paid_at is not None:
        await refunds.owe(
            uow,
            order,
            order.total,
            reason="cancelled",
            source=f"cancel:{order.id}",
            conversation_id=conversation_id or order.conversation_id,
        )
    return await get(uow, number)


async def undo_sale(uow: UnitOfWork, order_ids: list[str]) -> None:
    """Give the stock of orders back that were cancelled just now, and close their deals as lost."""
    lines = await uow.session.execute(
        select(OrderLine.sku, OrderLine.quantity).where(OrderLine.order_id.in_(order_ids))
    )
    quantities: dict[str, int] = {}
    for sku, quantity in lines:
        quantities[sku] = quantities.get(sku, 0) + quantity
    await stock.give_back(uow, quantities)
    for order_id in order_ids:
        await deals.lose_order(uow, order_id)


def note_step(
    uow: UnitOfWork,
    order: Order,
    status: str,
    *,
    conversation_id: str | None = None,
    actor: str = audit.SYSTEM,
) -> None:
    """Write a step into the timeline and the audit trail."""
    audit.note(
        uow,
        f"order.{status}",
        f"Order {order.number} {status}",
        conversation_id=conversation_id or order.conversation_id,
        contact_id=order.contact_id,
        data={"order": order.number},
    )
    audit.record(uow, f"order.{status}", f"order:{order.number}", actor=actor)


async def _move(
    uow: UnitOfWork,
    number: str,
    before: tuple[str, ...],
    after: str,
    *,
    conversation_id: str | None = None,
    actor: str = audit.SYSTEM,
    **values: Any,
) -> Order | None:
    """The order when it was in one of the states `before` and is `after` now; else None."""
    moved: Order | None = await uow.session.scalar(
        update(Order)
        .where(Order.number == number, Order.status.in_(before))
        .values(status=after, **values)
        .returning(Order)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if moved is not None:
        note_step(uow, moved, after, conversation_id=conversation_id, actor=actor)
    return moved


async def _expect(uow: UnitOfWork, number: str, statuses: tuple[str, ...]) -> None:
    """A repeated step is fine; an impossible one isn't."""
    status = await uow.session.scalar(select(Order.status).where(Order.number == number))
    if status is None:
        raise NotFound("order", number)
    if status not in statuses:
        raise WrongStatus(number, status)
