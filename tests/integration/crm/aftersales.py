"""What happens to an order before it can be cancelled, changed or sent back."""

from collections.abc import Awaitable, Callable

from crm.database import Database, UnitOfWork
from crm.services import orders


async def do(database: Database, act: Callable[[UnitOfWork], Awaitable[object]]) -> object:
    async with database.write() as uow:
        result = await act(uow)
        await uow.commit()
    return result


async def pay(database: Database, number: str) -> None:
    await do(database, lambda uow: orders.mark_paid(uow, number))
