"""What happens to an order before it can be cancelled, changed or sent back."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import update

from crm.database import Database, UnitOfWork
from crm.model import Order
from crm.services import orders


async def do(database: Database, act: Callable[[UnitOfWork], Awaitable[object]]) -> object:
    async with database.write() as uow:
        result = await act(uow)
        await uow.commit()
    return result


async def pay(database: Database, number: str) -> None:
    await do(database, lambda uow: orders.mark_paid(uow, number))


async def deliver(database: Database, number: str, *, days_ago: int = 0) -> None:
    async with database.write() as uow:
        await orders.mark_paid(uow, number)
        await orders.ship(uow, number)
        await orders.deliver(uow, number)
        at = uow.now() - timedelta(days=days_ago)
        await uow.session.execute(update(Order).where(Order.number == number).values(delivered_at=at))
        await uow.commit()
