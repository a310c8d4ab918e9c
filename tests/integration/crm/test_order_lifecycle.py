"""What happens to an order afterwards: each step once, stock given back once."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from crm.database import Database
from crm.errors import NotFound, WrongStatus
from crm.model import Deal, DealStageChange, Order
from crm.services import orders
from crm.views import OrderView
from tests.integration.crm.conftest import fill, order, stock_of


@pytest.fixture
async def placed(shop: Database, talk: str) -> OrderView:
    """An order of two laptops."""
    await fill(shop, talk, "LAP-0001", 2)
    return await order(shop, talk)


async def release(database: Database, order: OrderView, hours: int) -> int:
    async with database.write() as uow:
        released = await orders.release_unpaid(uow, now=order.placed_at + timedelta(hours=hours))
        await uow.commit()
    return released


async def test_an_order_goes_its_way_step_by_step(shop: Database, placed: OrderView) -> None:
    async with shop.write() as uow:
        assert placed.expected_delivery is None
        paid = await orders.mark_paid(uow, placed.number, reference="bank-1")
        assert paid.status == "paid"
        assert paid.expected_delivery is not None
        shipped = await orders.ship(uow, placed.number, tracking="PP-1")
        assert (shipped.status, shipped.tracking) == ("shipped", "PP-1")
        assert (await orders.deliver(uow, placed.number)).status == "delivered"
        assert (await orders.take_back(uow, placed.number)).status == "returned"


async def test_a_repeated_step_changes_nothing(shop: Database, placed: OrderView) -> None:
    async with shop.write() as uow:
        assert await orders.mark_paid(uow, placed.number) == await orders.mark_paid(uow, placed.number)
        assert await orders.ship(uow, placed.number) == await orders.ship(uow, placed.number)


async def test_impossible_steps_are_refused_with_the_status(shop: Database, placed: OrderView) -> None:
    async with shop.write() as uow:
        with pytest.raises(WrongStatus, match="placed"):
            await orders.deliver(uow, placed.number)
        await orders.ship(uow, placed.number)
        with pytest.raises(WrongStatus, match="shipped"):
            await orders.cancel(uow, placed.number)
        with pytest.raises(NotFound):
            await orders.ship(uow, "PL-0000-0000")


async def test_an_invoice_may_be_paid_after_the_goods_were_sent(shop: Database, placed: OrderView) -> None:
    async with shop.write() as uow:
        await orders.ship(uow, placed.number)
        assert (await orders.mark_paid(uow, placed.number)).status == "shipped"
        assert await uow.session.scalar(select(Order.paid_at)) is not None


async def test_cancelling_gives_the_stock_back_once_and_loses_the_deal(
    shop: Database, placed: OrderView
) -> None:
    assert await stock_of(shop, "LAP-0001") == 3
    for _ in range(2):
        async with shop.write() as uow:
            assert (await orders.cancel(uow, placed.number)).status == "cancelled"
            await uow.commit()
    assert await stock_of(shop, "LAP-0001") == 5
    async with shop.read() as uow:
        assert (await uow.session.scalars(select(Deal.stage))).all() == ["lost"]
        steps = await uow.session.execute(
            select(DealStageChange.before, DealStageChange.after).order_by(DealStageChange.id)
        )
        assert [tuple(step) for step in steps] == [(None, "won"), ("won", "lost")]


async def test_an_unpaid_order_is_released_when_its_time_is_over(shop: Database, placed: OrderView) -> None:
    assert await release(shop, placed, 383) == 0
    assert await stock_of(shop, "LAP-0001") == 3
    assert await release(shop, placed, 384) == 1
    assert await release(shop, placed, 385) == 0
    assert await stock_of(shop, "LAP-0001") == 5
    async with shop.write() as uow:
        with pytest.raises(WrongStatus, match="cancelled"):
            await orders.mark_paid(uow, placed.number)


async def test_a_paid_order_is_never_released(shop: Database, placed: OrderView) -> None:
    async with shop.write() as uow:
        await orders.mark_paid(uow, placed.number)
        await uow.commit()
    assert await release(shop, placed, 10_000) == 0
    assert await stock_of(shop, "LAP-0001") == 3


async def test_releasing_in_two_processes_at_once_gives_the_stock_back_once(
    shop: Database, placed: OrderView, database_url: str
) -> None:
    other = Database.connect(database_url)
    released = await asyncio.gather(release(shop, placed, 400), release(other, placed, 400))
    await other.close()
    assert sorted(released) == [0, 1]
    assert await stock_of(shop, "LAP-0001") == 5


async def test_cancelling_while_releasing_gives_the_stock_back_once(
    shop: Database, placed: OrderView
) -> None:
    async def cancel() -> None:
        async with shop.write() as uow:
            await orders.cancel(uow, placed.number)
            await uow.commit()

    await asyncio.gather(release(shop, placed, 400), cancel(), cancel())
    assert await stock_of(shop, "LAP-0001") == 5
