"""Sending back and refunding: announced, received and paid once, also when two want different things at once."""

import asyncio
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.database import Database
from crm.errors import (
    AlreadyReturned,
    InvalidInput,
    TooLate,
    WrongStatus,
)
from crm.model import Order, OrderLine, Refund, Return
from crm.services import contacts, orders, refunds, returns
from crm.views import OrderView
from tests.deliveries import deliver
from tests.integration.crm.aftersales import do, pay
from tests.integration.crm.conftest import fill, order, stock_of, table_count


async def announce(database: Database, number: str, pieces: dict[int, int], cause: str = "m-1") -> object:
    return await do(
        database,
        lambda uow: returns.announce(
            uow,
            number,
            pieces,
            cause=cause,
            conversation_id=None,
            reason="unsuitable",
            note="too big, my address is secret",
        ),
    )


async def test_a_return_is_announced_once_received_once_and_refunded_once(
    shop: Database, placed: OrderView
) -> None:
    await deliver(shop, placed.number)
    first = await announce(shop, placed.number, {1: 1})
    assert await announce(shop, placed.number, {1: 1}) == first
    number = first.number  # type: ignore[attr-defined]
    for _ in range(2):
        await do(shop, lambda uow: returns.receive(uow, number))
    async with shop.read() as uow:
        (refund,) = await refunds.of_order(uow, placed.number)
        assert (await orders.get(uow, placed.number)).status == "delivered"
    assert (refund.amount, refund.reason) == (Decimal("1199.00"), "returned")
    assert await stock_of(shop, "LAP-0001") == 3, "somebody looks at the goods first"


async def test_an_order_that_came_back_whole_is_returned(shop: Database, talk: str) -> None:
    await fill(shop, talk, "CAB-0001", 2)
    small = await order(shop, talk)
    await deliver(shop, small.number)
    back = await announce(shop, small.number, {1: 2})
    await do(shop, lambda uow: returns.receive(uow, back.number))  # type: ignore[attr-defined]
    async with shop.read() as uow:
        (refund,) = await refunds.of_order(uow, small.number)
        assert (await orders.get(uow, small.number)).status == "returned"
    assert refund.amount == Decimal("24.88"), "the goods and their delivery"


async def test_no_more_comes_back_than_was_bought(shop: Database, placed: OrderView) -> None:
    await deliver(shop, placed.number)
    await announce(shop, placed.number, {1: 1})
    with pytest.raises(AlreadyReturned):
        await announce(shop, placed.number, {1: 2}, "m-2")
    with pytest.raises(InvalidInput):
        await announce(shop, placed.number, {}, "m-3")
    await announce(shop, placed.number, {1: 1, 2: 1}, "m-4")
    async with shop.write() as uow:
        with pytest.raises(AlreadyReturned):
            await returns.returnable(uow, placed.number)


async def test_two_returns_of_the_same_piece_at_once_are_one(
    shop: Database, placed: OrderView, database_url: str
) -> None:
    await deliver(shop, placed.number)
    other = Database.connect(database_url)
    results = await asyncio.gather(
        announce(shop, placed.number, {2: 1}, "m-1"),
        announce(other, placed.number, {2: 1}, "m-2"),
        return_exceptions=True,
    )
    await other.close()
    assert sum(isinstance(result, AlreadyReturned) for result in results) == 1


@pytest.mark.parametrize(("days", "open_"), [(14, True), (15, False)])
async def test_the_window_closes_when_the_shop_says(
    shop: Database, placed: OrderView, days: int, open_: bool
) -> None:
    await deliver(shop, placed.number, days_ago=days)
    if open_:
        assert await announce(shop, placed.number, {1: 1})
    else:
        with pytest.raises(TooLate):
            await announce(shop, placed.number, {1: 1})


async def test_what_was_not_sent_cannot_come_back(shop: Database, placed: OrderView) -> None:
    with pytest.raises(WrongStatus, match="placed"):
        await announce(shop, placed.number, {1: 1})


async def test_what_is_withdrawn_can_be_announced_again(shop: Database, placed: OrderView) -> None:
    await deliver(shop, placed.number)
    first = await announce(shop, placed.number, {2: 1})
    await do(shop, lambda uow: returns.withdraw(uow, first.number))  # type: ignore[attr-defined]
    with pytest.raises(WrongStatus):
        await do(shop, lambda uow: returns.receive(uow, first.number))  # type: ignore[attr-defined]
    await announce(shop, placed.number, {2: 1}, "m-2")
    async with shop.read() as uow:
        assert len(await returns.of_order(uow, placed.number)) == 1


async def test_a_refund_is_sent_once(shop: Database, placed: OrderView) -> None:
    await pay(shop, placed.number)
    await do(shop, lambda uow: orders.cancel(uow, placed.number))
    for reference in ("bank-7", "bank-8"):
        await do(shop, lambda uow, ref=reference: refunds.mark_sent(uow, placed.number, reference=ref))  # type: ignore[misc]
    async with shop.read() as uow:
        assert await uow.session.scalar(select(Refund.reference)) == "bank-7"


async def test_forgetting_a_person_empties_the_reason_and_keeps_the_amounts(
    shop: Database, placed: OrderView
) -> None:
    await deliver(shop, placed.number)
    await announce(shop, placed.number, {1: 1})
    async with shop.write() as uow:
        contact = await uow.session.scalar(select(Order.contact_id))
        await contacts.erase(uow, str(contact))
        await uow.commit()
    async with shop.read() as uow:
        assert await uow.session.scalar(select(Return.note)) is None
        assert await table_count(uow, OrderLine) == 2
