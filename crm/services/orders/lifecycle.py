"""What happens to an order after it was placed: each step at most once, whoever asks and how often.

    placed ─► paid ─► shipped ─► delivered ─► returned
       └────────┴──► cancelled (stock goes back)

An invoice may be paid after the goods were sent, so `ship` takes a placed order too, and a later `mark_paid`
only notes the payment.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update

from crm.database import UnitOfWork
from crm.errors import NotFound, WrongStatus
from crm.model.order import Order, OrderLine
from crm.services import audit, deals, stock
from crm.services.orders.reading import get
from crm.views import OrderView


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
    values = {"shipped_at": uow.now(), "tracking": tracking, "expected_delivery": expected}
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


async def cancel(uow: UnitOfWork, number: str) -> OrderView:
    """Cancel what isn't sent yet; its stock goes back, once. Raises NotFound, WrongStatus."""
    await stock.lock(uow)
    order_id = await _move(uow, number, ("placed", "paid"), "cancelled", cancelled_at=uow.now())
    if order_id is None:
        await _expect(uow, number, ("cancelled",))
    else:
        await undo_sale(uow, [order_id])
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


def working_days_after(day: date, days: int) -> date:
    """The date so many working days (Monday to Friday) later. Public holidays aren't known here."""
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def note_step(uow: UnitOfWork, order: Order, status: str) -> None:
    """Write a step into the timeline and the audit trail."""
    audit.note(
        uow,
        f"order.{status}",
        f"Order {order.number} {status}",
        conversation_id=order.conversation_id,
        contact_id=order.contact_id,
        data={"order": order.number},
    )
    audit.record(uow, f"order.{status}", f"order:{order.number}")


async def _move(
    uow: UnitOfWork, number: str, before: tuple[str, ...], after: str, **values: Any
) -> str | None:
    """Id of the order when it was in one of the states `before` and is `after` now; else None."""
    moved = await uow.session.scalar(
        update(Order)
        .where(Order.number == number, Order.status.in_(before))
        .values(status=after, **values)
        .returning(Order)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if moved is None:
        return None
    note_step(uow, moved, after)
    return moved.id


async def _expect(uow: UnitOfWork, number: str, statuses: tuple[str, ...]) -> None:
    """A repeated step is fine; an impossible one isn't."""
    status = await uow.session.scalar(select(Order.status).where(Order.number == number))
    if status is None:
        raise NotFound("order", number)
    if status not in statuses:
        raise WrongStatus(number, status)
