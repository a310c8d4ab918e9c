"""Placing an order: exact, once, and never with stock that isn't there."""

import asyncio
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from crm import order_number
from crm.database import Database
from crm.errors import CartChanged, CrmError, EmptyCart, InvalidInput, NotFound
from crm.model import Activity, AuditEvent, Contact, Deal, DealStageChange, Identity, Order, OrderLine
from crm.model import Conversation as ConversationRow
from crm.services import carts, catalogue, contacts, once, orders
from crm.services.orders import CheckoutDetails
from crm.views import OrderView
from crm.working_days import working_days_after
from tests.integration.crm.conftest import DANA, conversation, fill, order, restock, stock_of, table_count

BUY = """
import asyncio, sys
from crm.database import Database
from crm.errors import CartChanged
from crm.services import orders
from crm.services.orders import CheckoutDetails

async def main(url, talk):
    database = Database.connect(url)
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        async with database.write() as uow:
            details = CheckoutDetails("Dana Fischer", "dana@example.com", None, "14 rue du Pluvier, Strasbourg")
            await orders.place(uow, talk, details, cause=talk)
            await uow.commit()
        print("won", flush=True)
    except CartChanged:
        print("lost", flush=True)
    finally:
        await database.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_an_order_has_its_lines_at_the_prices_shown_and_exact_sums(shop: Database, talk: str) -> None:
    await fill(shop, talk, "CAB-0001", 3)
    await fill(shop, talk, "LAP-0002")
    placed = await order(shop, talk)
    assert order_number.parse(placed.number) == placed.number
    assert [(line.sku, line.quantity, line.unit_price, line.line_total) for line in placed.lines] == [
        ("CAB-0001", 3, Decimal("9.99"), Decimal("29.97")),
        ("LAP-0002", 1, Decimal("0.10"), Decimal("0.10")),
    ]
    assert (placed.subtotal, placed.delivery, placed.total) == (
        Decimal("30.07"),
        Decimal("4.90"),
        Decimal("34.97"),
    )
    assert placed.vat_included == Decimal("5.83")
    assert (placed.status, placed.payment, placed.name) == ("placed", "invoice", "Dana Fischer")
    assert placed.payment_due == placed.placed_at.date() + timedelta(days=14)
    async with shop.read() as uow:
        assert await orders.get(uow, placed.number) == placed
        assert (await carts.view(uow, talk)).lines == ()
    assert (await stock_of(shop, "CAB-0001"), await stock_of(shop, "LAP-0002")) == (47, 0)


async def test_a_later_change_of_the_product_leaves_the_order_alone(shop: Database, talk: str) -> None:
    await fill(shop, talk, "CAB-0001")
    placed = await order(shop, talk)
    await restock(shop, "CAB-0001", "19.99", 50, name="Renamed")
    async with shop.read() as uow:
        assert await orders.get(uow, placed.number) == placed


async def test_an_order_is_written_down_for_sales_agents_and_auditors(shop: Database, talk: str) -> None:
    await fill(shop, talk, "CAB-0001")
    placed = await order(shop, talk)
    async with shop.read() as uow:
        deal = (await uow.session.scalars(select(Deal))).one()
        assert (deal.stage, deal.amount, deal.conversation_id) == ("won", placed.total, talk)
        steps = (await uow.session.scalars(select(DealStageChange))).all()
        assert [(step.before, step.after) for step in steps] == [(None, "won")]
        activity = (await uow.session.scalars(select(Activity))).one()
        assert (activity.kind, activity.conversation_id) == ("order.placed", talk)
        event = (await uow.session.scalars(select(AuditEvent))).one()
        assert (event.action, event.subject) == ("order.placed", f"order:{placed.number}")
        assert "dana" not in str((event.data, activity.data, activity.summary)).lower()


async def test_a_repeated_yes_places_one_order(shop: Database, talk: str) -> None:
    await fill(shop, talk, "LAP-0001")
    first = await order(shop, talk, "yes-1")
    again = await order(shop, talk, "yes-1")
    assert again == first
    assert await stock_of(shop, "LAP-0001") == 4


async def test_repeated_yes_at_once_places_one_order(shop: Database, talk: str) -> None:
    await fill(shop, talk, "LAP-0001")
    placed = await asyncio.gather(*(order(shop, talk, "yes-1") for _ in range(5)))
    assert len({one.number for one in placed}) == 1
    assert await stock_of(shop, "LAP-0001") == 4


async def test_another_yes_after_the_order_finds_an_empty_cart(shop: Database, talk: str) -> None:
    await fill(shop, talk, "LAP-0001")
    await order(shop, talk, "yes-1")
    with pytest.raises(EmptyCart):
        await order(shop, talk, "yes-2")
    assert await stock_of(shop, "LAP-0001") == 4


async def test_a_cause_of_another_conversation_shows_nothing_of_its_order(shop: Database, talk: str) -> None:
    await fill(shop, talk, "LAP-0001")
    await order(shop, talk, "yes-1")
    with pytest.raises(InvalidInput, match="cause"):
        await order(shop, await conversation(shop), "yes-1")


async def test_a_changed_price_is_told_before_anything_is_written(shop: Database, talk: str) -> None:
    await fill(shop, talk, "LAP-0001")
    await restock(shop, "LAP-0001", "1249.00", 5)
    async with shop.write() as uow:
        with pytest.raises(CartChanged) as told:
            await orders.place(uow, talk, DANA, cause="yes-1")
        await once.remember(uow, "yes-1", "checkout", {"said": "the price changed"})
        await uow.commit()
    change = told.value.changes[0]
    assert (change.kind, change.before, change.after) == ("price", Decimal("1199.00"), Decimal("1249.00"))
    async with shop.read() as uow:
        for table in (Order, OrderLine, Deal, Contact, AuditEvent):
            assert await table_count(uow, table) == 0
    assert await stock_of(shop, "LAP-0001") == 5
    async with shop.write() as uow:
        await carts.accept_changes(uow, talk)
        await uow.commit()
    assert (await order(shop, talk, "yes-2")).total == Decimal("1249.00")


@pytest.mark.parametrize(
    ("field", "details"),
    [
        ("name", CheckoutDetails("  ", "dana@example.com", None, "14 rue du Pluvier")),
        ("email", CheckoutDetails("Dana", "dana@", None, "14 rue du Pluvier")),
        ("phone", CheckoutDetails("Dana", "dana@example.com", "12", "14 rue du Pluvier")),
        ("address", CheckoutDetails("Dana", "dana@example.com", None, "--")),
    ],
)
async def test_details_that_cannot_be_right_are_refused_by_field(
    shop: Database, talk: str, field: str, details: CheckoutDetails
) -> None:
    await fill(shop, talk, "LAP-0001")
    async with shop.write() as uow:
        with pytest.raises(InvalidInput) as refused:
            await orders.place(uow, talk, details, cause="yes-1")
    assert refused.value.field == field


async def attempt(database: Database, talk: str) -> OrderView | CrmError:
    try:
        return await order(database, talk, talk)
    except CartChanged as told:
        return told


async def test_of_two_customers_only_one_gets_the_last_item(shop: Database, talk: str) -> None:
    other = await conversation(shop)
    await fill(shop, talk, "LAP-0002")
    await fill(shop, other, "LAP-0002")
    results = await asyncio.gather(attempt(shop, talk), attempt(shop, other))
    assert sorted(type(result).__name__ for result in results) == ["CartChanged", "OrderView"]
    assert await stock_of(shop, "LAP-0002") == 0


async def test_many_customers_at_once_never_sell_more_than_there_is(shop: Database) -> None:
    talks = [await conversation(shop) for _ in range(8)]
    for talk in talks:
        await fill(shop, talk, "LAP-0001")
        await fill(shop, talk, "CAB-0001", 2)
    results = await asyncio.gather(*(attempt(shop, talk) for talk in talks))
    assert sum(isinstance(result, OrderView) for result in results) == 5
    assert await stock_of(shop, "LAP-0001") == 0
    assert await stock_of(shop, "CAB-0001") == 40


async def test_of_two_processes_only_one_gets_the_last_item(
    shop: Database, talk: str, database_url: str
) -> None:
    other = await conversation(shop)
    await fill(shop, talk, "LAP-0002")
    await fill(shop, other, "LAP-0002")
    buyers = [
        subprocess.Popen(  # noqa: ASYNC220
            [sys.executable, "-c", BUY, database_url, who],
            cwd=Path(__file__).parents[3],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for who in (talk, other)
    ]
    for buyer in buyers:
        assert buyer.stdout is not None
        assert await asyncio.to_thread(buyer.stdout.readline) == "ready\n"
    for buyer in buyers:
        assert buyer.stdin is not None
        buyer.stdin.write("go\n")
        buyer.stdin.flush()
    said = [(await asyncio.to_thread(buyer.communicate))[0] for buyer in buyers]
    assert sorted(said) == ["lost\n", "won\n"]
    assert await stock_of(shop, "LAP-0002") == 0


async def test_the_same_email_in_two_conversations_stays_two_contacts(shop: Database, talk: str) -> None:
    other = await conversation(shop)
    for who in (talk, other):
        await fill(shop, who, "CAB-0001")
        await order(shop, who, who)
    async with shop.read() as uow:
        owners = set(await uow.session.scalars(select(Order.contact_id)))
        assert len(owners) == 2


async def test_two_orders_of_one_conversation_have_one_contact(shop: Database, talk: str) -> None:
    for cause in ("yes-1", "yes-2"):
        await fill(shop, talk, "CAB-0001")
        await order(shop, talk, cause)
    async with shop.read() as uow:
        assert await table_count(uow, Contact) == 1


async def test_conversations_of_one_identity_share_their_contact(shop: Database) -> None:
    async with shop.write() as uow:
        identity = Identity(channel="telegram", external_id="42")
        uow.session.add(identity)
        await uow.session.flush()
        talks = [ConversationRow(channel="telegram", identity_id=identity.id) for _ in range(2)]
        uow.session.add_all(talks)
        await uow.session.flush()
        found = [
            await contacts.of_conversation(uow, talk.id, name="Dana", email=None, phone=None)
            for talk in talks
        ]
    assert found[0] == found[1]


async def test_an_order_without_a_conversation_is_not_found(shop: Database, talk: str) -> None:
    async with shop.write() as uow:
        with pytest.raises(EmptyCart):
            await orders.place(uow, "nobody", DANA, cause="yes-1")
        with pytest.raises(NotFound):
            await contacts.of_conversation(uow, "nobody", name="Dana", email=None, phone=None)


async def test_the_catalogue_version_rises_with_each_order(shop: Database, talk: str) -> None:
    async with shop.read() as uow:
        before = await catalogue.version(uow)
    await fill(shop, talk, "CAB-0001")
    await order(shop, talk)
    async with shop.read() as uow:
        assert await catalogue.version(uow) == before + 1


def test_working_days_skip_the_weekend() -> None:
    friday = date(2024, 5, 3)
    assert working_days_after(friday, 1) == date(2024, 5, 6)
    assert working_days_after(friday, 3) == date(2024, 5, 8)
