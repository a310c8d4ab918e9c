"""Orders that were placed before a scenario's conversation began, and what the shop does with them meanwhile."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import update

from crm.database import Database
from crm.model import Order
from crm.services import carts, orders, refunds, returns
from crm.services.orders import CheckoutDetails
from tests.scenarios.script import EarlierOrder

DANA = CheckoutDetails("Dana Fischer", "dana@example.com", None, "14 rue du Pluvier\n67000 Strasbourg")


async def place(database: Database, conversation: str, wanted: EarlierOrder) -> str:
    """Place it and bring it into its state; gives its number."""
    async with database.write() as uow:
        for sku, quantity in wanted.lines.items():
            await carts.add(uow, conversation, sku, quantity)
        order = await orders.place(uow, conversation, DANA, cause=str(uuid.uuid4()))
        await uow.commit()
    for status in ("paid", "shipped", "delivered"):
        if wanted.status == "placed":
            break
        await move_on(database, order.number, becomes=status)
        if status == wanted.status:
            break
    if wanted.status == "delivered":
        async with database.write() as uow:
            at = uow.now() - timedelta(days=wanted.delivered_days_ago)
            changed = update(Order).where(Order.number == order.number).values(delivered_at=at)
            await uow.session.execute(changed)
            await uow.commit()
    return order.number


async def move_on(
    database: Database, number: str, *, becomes: str | None = None, parcel: str | None = None
) -> None:
    """The shop takes the order one step further, receives its return, or sends its refund."""
    async with database.write() as uow:
        match becomes:
            case "paid":
                await orders.mark_paid(uow, number)
            case "shipped":
                await orders.ship(uow, number, tracking="PP-FR-0000-0001")
            case "delivered":
                await orders.deliver(uow, number)
        if parcel == "back":
            for announced in await returns.of_order(uow, number):
                await returns.receive(uow, announced.number)
        elif parcel == "refunded":
            await refunds.mark_sent(uow, number, reference="bank-1")
        await uow.commit()
