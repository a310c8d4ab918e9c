"""Cancelling, changing, sending back, refunding: exactly, once, and also when two want different things at once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from crm.aftersales_views import make_it, move_to, put_in
from crm.database import Database, UnitOfWork
from crm.errors import (
    AlreadyReturned,
    CrmError,
    InvalidInput,
    NothingLeft,
    OutOfStock,
    PaidAlready,
    QuantityTooLarge,
    TooLate,
    TotalChanged,
    WrongStatus,
)
from crm.model import Activity, AuditEvent, Deal, Order, OrderChange, OrderLine, Refund, Return
from crm.services import contacts, orders, refunds, returns
from crm.views import OrderView
from tests.integration.crm.conftest import fill, order, restock, stock_of, table_count


@pytest.fixture
async def placed(shop: Database, talk: str) -> OrderView:
    """An order of two laptops and a cable: 2 × 1199.00 + 9.99, delivered free."""
    await fill(shop, talk, "LAP-0001", 2)
    await fill(shop, talk, "CAB-0001", 1)
    return await order(shop, talk)


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


# --- cancelling -------------------------------------------------------------------------------------


async def test_cancelling_a_paid_order_owes_its_total_once(shop: Database, placed: OrderView) -> None:
    await pay(shop, placed.number)
    for _ in range(2):
        await do(shop, lambda uow: orders.cancel(uow, placed.number, by_customer=True))
    async with shop.read() as uow:
        (refund,) = await refunds.of_order(uow, placed.number)
    assert (refund.amount, refund.reason, refund.sent_at) == (placed.total, "cancelled", None)
    assert await stock_of(shop, "LAP-0001") == 5
    assert await stock_of(shop, "CAB-0001") == 50


async def test_cancelling_an_unpaid_order_owes_nothing(shop: Database, placed: OrderView) -> None:
    await do(shop, lambda uow: orders.cancel(uow, placed.number, by_customer=True))
    async with shop.read() as uow:
        assert await refunds.of_order(uow, placed.number) == ()
        actor = await uow.session.scalar(
            select(AuditEvent.actor).where(AuditEvent.action == "order.cancelled")
        )
    assert actor == "customer"


async def test_two_cancels_at_once_give_stock_and_money_back_once(
    shop: Database, placed: OrderView, database_url: str
) -> None:
    await pay(shop, placed.number)
    other = Database.connect(database_url)
    both = await asyncio.gather(
        do(shop, lambda uow: orders.cancel(uow, placed.number, by_customer=True)),
        do(other, lambda uow: orders.cancel(uow, placed.number, by_customer=True)),
    )
    await other.close()
    assert {view.status for view in both} == {"cancelled"}  # type: ignore[attr-defined]
    assert await stock_of(shop, "LAP-0001") == 5
    async with shop.read() as uow:
        assert await table_count(uow, Refund) == 1


async def test_cancelling_while_shipping_does_one_of_the_two(
    shop: Database, placed: OrderView, database_url: str
) -> None:
    await pay(shop, placed.number)
    other = Database.connect(database_url)
    results = await asyncio.gather(
        do(shop, lambda uow: orders.cancel(uow, placed.number, by_customer=True)),
        do(other, lambda uow: orders.ship(uow, placed.number)),
        return_exceptions=True,
    )
    await other.close()
    failed = [result for result in results if isinstance(result, WrongStatus)]
    assert len(failed) == 1
    async with shop.read() as uow:
        now = await orders.get(uow, placed.number)
        owed = await table_count(uow, Refund)
    back = 5 if now.status == "cancelled" else 3
    assert (await stock_of(shop, "LAP-0001"), owed) == (back, 1 if back == 5 else 0)


async def test_the_shop_decides_until_when_a_customer_may_cancel(
    shop: Database, placed: OrderView, database_url: str
) -> None:
    from dataclasses import replace

    strict = Database.connect(database_url, policy=replace(shop.policy, cancellable=("placed",)))
    await pay(shop, placed.number)
    with pytest.raises(WrongStatus, match="paid"):
        await do(strict, lambda uow: orders.cancel(uow, placed.number, by_customer=True))
    await do(strict, lambda uow: orders.cancel(uow, placed.number))
    await strict.close()


# --- changing ---------------------------------------------------------------------------------------


async def amend(
    database: Database, number: str, change: object, cause: str = "m-1", **more: object
) -> object:
    return await do(
        database,
        lambda uow: orders.amend(uow, number, change, cause=cause, conversation_id=None, **more),  # type: ignore[arg-type]
    )


async def test_a_new_address_changes_nothing_else(shop: Database, placed: OrderView) -> None:
    await amend(shop, placed.number, move_to("Kastanienallee 58\n10119 Berlin"))
    async with shop.read() as uow:
        now = await orders.get(uow, placed.number)
        recorded = await uow.session.scalar(select(Activity.summary).where(Activity.kind == "order.changed"))
        assert "Kastanienallee" not in str(recorded)
    assert now.address == "Kastanienallee 58\n10119 Berlin"
    assert (now.lines, now.total) == (placed.lines, placed.total)


async def test_fewer_pieces_recompute_totals_and_give_stock_back_exactly(
    shop: Database, placed: OrderView
) -> None:
    for _ in range(3):
        await amend(shop, placed.number, make_it(1, position=1))
    async with shop.read() as uow:
        now = await orders.get(uow, placed.number)
        assert await table_count(uow, OrderChange) == 1
        assert await uow.session.scalar(select(Deal.amount)) == Decimal("1208.99")
    assert (now.subtotal, now.delivery, now.total) == (
        Decimal("1208.99"),
        Decimal("0.00"),
        Decimal("1208.99"),
    )
    assert now.vat_included == Decimal("201.50")
    assert await stock_of(shop, "LAP-0001") == 4


async def test_taking_a_line_out_may_bring_the_delivery_cost_back(shop: Database, placed: OrderView) -> None:
    changed = await amend(shop, placed.number, make_it(0, position=1))
    assert (changed.delivery, changed.total) == (Decimal("4.90"), Decimal("14.89"))  # type: ignore[attr-defined]
    assert await stock_of(shop, "LAP-0001") == 5


async def test_a_paid_order_that_gets_cheaper_owes_the_difference(shop: Database, placed: OrderView) -> None:
    await pay(shop, placed.number)
    await amend(shop, placed.number, make_it(1, position=1))
    async with shop.read() as uow:
        (refund,) = await refunds.of_order(uow, placed.number)
    assert (refund.amount, refund.reason) == (Decimal("1199.00"), "changed")


async def test_cancelling_after_a_change_owes_what_is_left(shop: Database, placed: OrderView) -> None:
    await pay(shop, placed.number)
    await amend(shop, placed.number, make_it(1, position=1))
    await do(shop, lambda uow: orders.cancel(uow, placed.number))
    async with shop.read() as uow:
        owed = [refund.amount for refund in await refunds.of_order(uow, placed.number)]
    assert sum(owed) == placed.total
    assert await stock_of(shop, "LAP-0001") == 5


async def test_a_paid_order_never_gets_dearer(shop: Database, placed: OrderView) -> None:
    await pay(shop, placed.number)
    with pytest.raises(PaidAlready) as refused:
        await amend(shop, placed.number, make_it(3, position=1))
    assert refused.value.difference == Decimal("1199.00")
    assert await stock_of(shop, "LAP-0001") == 3


async def test_more_pieces_take_stock_at_the_price_ordered(shop: Database, placed: OrderView) -> None:
    changed = await amend(shop, placed.number, make_it(4, position=1))
    assert changed.total == Decimal("4805.99")  # type: ignore[attr-defined]
    assert await stock_of(shop, "LAP-0001") == 1


async def test_pieces_added_after_a_price_change_cost_the_new_price(
    shop: Database, placed: OrderView
) -> None:
    await restock(shop, "LAP-0001", "1249.00", 3)
    changed = await amend(shop, placed.number, make_it(3, position=1))
    lines = [(line.quantity, line.unit_price) for line in changed.lines]  # type: ignore[attr-defined]
    assert lines == [(2, Decimal("1199.00")), (1, Decimal("9.99")), (1, Decimal("1249.00"))]


async def test_a_product_can_be_added(shop: Database, placed: OrderView) -> None:
    changed = await amend(shop, placed.number, put_in("LAP-0002"))
    assert changed.total == placed.total + Decimal("0.10")  # type: ignore[attr-defined]
    assert await stock_of(shop, "LAP-0002") == 0


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (make_it(6, position=1), OutOfStock),
        (make_it(99, position=1), QuantityTooLarge),
        (make_it(-1, position=1), InvalidInput),
        (put_in("LAP-0002", 2), OutOfStock),
        (put_in("NOTHING"), CrmError),
        (make_it(1, position=9), CrmError),
        (move_to("no"), InvalidInput),
    ],
)
async def test_what_cannot_be_changed_is_refused_and_leaves_no_trace(
    shop: Database, placed: OrderView, change: object, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await amend(shop, placed.number, change)
    async with shop.read() as uow:
        assert await orders.get(uow, placed.number) == placed
    assert await stock_of(shop, "LAP-0001") == 3


async def test_the_last_line_cannot_be_taken_out(shop: Database, talk: str) -> None:
    await fill(shop, talk, "CAB-0001", 2)
    small = await order(shop, talk)
    with pytest.raises(NothingLeft):
        await amend(shop, small.number, make_it(0, position=1))


async def test_a_total_that_is_not_the_one_shown_is_refused(shop: Database, placed: OrderView) -> None:
    with pytest.raises(TotalChanged):
        await amend(shop, placed.number, make_it(1, position=1), shown=Decimal("1.00"))


async def test_what_was_sent_cannot_be_changed(shop: Database, placed: OrderView) -> None:
    await do(shop, lambda uow: orders.ship(uow, placed.number))
    with pytest.raises(WrongStatus, match="shipped"):
        await amend(shop, placed.number, move_to("Kastanienallee 58\n10119 Berlin"))


async def test_changing_and_cancelling_at_once_gives_the_stock_back_exactly(
    shop: Database, placed: OrderView, database_url: str
) -> None:
    other = Database.connect(database_url)
    await asyncio.gather(
        amend(shop, placed.number, make_it(1, position=1)),
        do(other, lambda uow: orders.cancel(uow, placed.number)),
        return_exceptions=True,
    )
    await other.close()
    assert await stock_of(shop, "LAP-0001") == 5
    assert await stock_of(shop, "CAB-0001") == 50


# --- sending back -----------------------------------------------------------------------------------


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
