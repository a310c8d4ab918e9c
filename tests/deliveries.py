"""Orders that have arrived, for the tests of what can be done with them then."""

from datetime import timedelta

from sqlalchemy import update

from crm.database import Database
from crm.model import Order
from crm.services import orders


async def deliver(database: Database, number: str, *, days_ago: int = 0) -> None:
    """Mark the order paid, shipped, and delivered so many days ago."""
    async with database.write() as uow:
        await orders.mark_paid(uow, number)
        await orders.ship(uow, number)
        await orders.deliver(uow, number)
        at = uow.now() - timedelta(days=days_ago)
        await uow.session.execute(update(Order).where(Order.number == number).values(delivered_at=at))
        await uow.commit()
