"""Giving back the stock of orders that nobody paid."""

from datetime import datetime

from sqlalchemy import update

from crm.database import UnitOfWork
from crm.model.order import Order
from crm.services import stock
from crm.services.orders.lifecycle import note_step, undo_sale


async def release_unpaid(uow: UnitOfWork, *, now: datetime) -> int:
    """Cancel the orders that are still unpaid when their time is over at `now`; gives how many.

    Each gives its stock back exactly once, also when two processes do this at the same time: the second
    waits for the first and finds them cancelled.
    """
    await stock.lock(uow)
    overdue = await uow.session.scalars(
        update(Order)
        .where(Order.status == "placed", Order.release_at <= now)
        .values(status="cancelled", cancelled_at=now)
        .returning(Order)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    orders = list(overdue)
    for order in orders:
        note_step(uow, order, "cancelled")
    if orders:
        await undo_sale(uow, [order.id for order in orders])
    return len(orders)
