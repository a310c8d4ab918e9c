"""What a person ordered, for staff."""

from sqlalchemy import select

from crm.database import UnitOfWork
from crm.model.order import Order, OrderLine
from crm.services.orders import reading
from crm.views import OrderView


async def of_contact(uow: UnitOfWork, contact_id: str, *, limit: int = 5) -> tuple[OrderView, ...]:
    """A person's orders, newest first."""
    rows = await uow.session.scalars(
        select(Order)
        .where(Order.contact_id == contact_id)
        .order_by(Order.placed_at.desc(), Order.number)
        .limit(limit)
    )
    return tuple([await reading.view(uow, order) for order in rows])


async def skus_of(uow: UnitOfWork, contact_id: str) -> tuple[str, ...]:
    """Everything that a person ever bought, so that it isn't recommended again."""
    rows = await uow.session.scalars(
        select(OrderLine.sku)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.contact_id == contact_id)
        .order_by(Order.placed_at.desc())
    )
    return tuple(dict.fromkeys(rows))


async def get(uow: UnitOfWork, number: str) -> OrderView:
    """One order. Raises NotFound."""
    return await reading.get(uow, number)
