"""What was ordered reaches the recommender as baskets, without people and without what was cancelled."""

from sqlalchemy import select

from crm.database import Database
from crm.model import Order
from crm.services import orders, purchases
from tests.integration.crm.conftest import conversation, fill, order


async def contact_of(database: Database, number: str) -> str:
    async with database.read() as uow:
        found = await uow.session.scalar(select(Order.contact_id).where(Order.number == number))
        assert found is not None
        return found


async def test_each_order_is_a_basket_of_different_products(shop: Database, talk: str) -> None:
    await fill(shop, talk, "LAP-0001", 2)
    await fill(shop, talk, "CAB-0001")
    placed = await order(shop, talk)
    async with shop.read() as uow:
        assert [set(basket) for basket in await purchases.baskets(uow)] == [{"LAP-0001", "CAB-0001"}]
        bought = await purchases.of_contact(uow, await contact_of(shop, placed.number))
        assert set(bought) == {"LAP-0001", "CAB-0001"}


async def test_a_cancelled_order_teaches_nothing(shop: Database, talk: str) -> None:
    await fill(shop, talk, "LAP-0001")
    placed = await order(shop, talk)
    async with shop.write() as uow:
        await orders.cancel(uow, placed.number)
        await uow.commit()
    async with shop.read() as uow:
        assert await purchases.baskets(uow) == []
        assert await purchases.of_contact(uow, await contact_of(shop, placed.number)) == []


async def test_another_customers_orders_are_not_this_contacts(shop: Database, talk: str) -> None:
    await fill(shop, talk, "LAP-0001")
    mine = await order(shop, talk)
    other = await conversation(shop)
    await fill(shop, other, "CAB-0001")
    await order(shop, other, "cause-2")
    async with shop.read() as uow:
        assert await purchases.of_contact(uow, await contact_of(shop, mine.number)) == ["LAP-0001"]
        assert len(await purchases.baskets(uow)) == 2
