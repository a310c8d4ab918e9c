"""Cancelling and changing: exactly, once, and also when two want different things at once."""

import asyncio
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.aftersales_views import make_it, move_to, put_in
from crm.database import Database
from crm.errors import (
    CrmError,
    InvalidInput,
    NothingLeft,
    OutOfStock,
    PaidAlready,
    QuantityTooLarge,
    TotalChanged,
    WrongStatus,
)
from crm.model import Activity, AuditEvent, Deal, OrderChange, Refund
from crm.services import orders, refunds
from crm.views import OrderView
from tests.integration.crm.aftersales import do, pay
from tests.integration.crm.conftest import fill, order, restock, stock_of, table_count

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
