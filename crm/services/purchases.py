"""What was ordered, as the recommender learns from it: products, without people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import func, select

from crm.database import UnitOfWork
from crm.model.order import Order, OrderLine


@dataclass(frozen=True, slots=True)
class State:
    """Equal as long as `baskets` gives the same: how many orders count, and when the last one was placed."""

    orders: int
    newest: datetime | None


async def state(uow: UnitOfWork) -> State:
    """What tells whether there is something new to learn, without reading the orders."""
    query = select(func.count(), func.max(Order.placed_at)).where(Order.status != "cancelled")
    orders, newest = (await uow.session.execute(query)).one()
    return State(orders, newest)


async def baskets(uow: UnitOfWork) -> list[tuple[str, ...]]:
    """The SKUs of each order that wasn't cancelled, oldest order first. What was returned was wanted once."""
    query = (
        select(OrderLine.order_id, OrderLine.sku)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.status != "cancelled")
        .order_by(Order.placed_at, OrderLine.order_id, OrderLine.position)
    )
    rows = await uow.session.execute(query)
    return [_distinct(sku for _, sku in lines) for _, lines in groupby(rows, key=lambda row: row.order_id)]


async def of_contact(uow: UnitOfWork, contact_id: str) -> list[str]:
    """What a contact has ordered and not cancelled or sent back, the latest first, each product once."""
    query = (
        select(OrderLine.sku)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.contact_id == contact_id, Order.status.not_in(("cancelled", "returned")))
        .order_by(Order.placed_at.desc(), OrderLine.position)
    )
    return list(_distinct(await uow.session.scalars(query)))


def _distinct(skus: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(skus))
