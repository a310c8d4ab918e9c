"""Seeding the demo shop: complete, repeatable, and careful with what was sold since."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crm.database import Database
from crm.errors import InvalidInput
from crm.model import Contact, Order
from crm.seed import SeedReport, seed
from crm.services import carts, catalogue, contacts, orders
from crm.shop import load_shop
from tests.integration.crm.conftest import conversation, order

SHOP = Path(__file__).parents[3] / "data" / "shop"


@pytest.fixture
def demo(database: Database) -> Database:
    database.policy = load_shop(SHOP).policy
    return database


async def run(database: Database, folder: Path = SHOP) -> SeedReport:
    async with database.write() as uow:
        report = await seed(uow, folder)
        await uow.commit()
    return report


async def test_the_demo_shop_has_orders_in_every_state_with_dates_in_order(demo: Database) -> None:
    report = await run(demo)
    assert report.products.added >= 250
    assert min(report.users, report.customers, report.orders) > 0
    assert report.sales >= 1000
    async with demo.read() as uow:
        found = (await uow.session.scalars(select(Order))).all()
        states = {order.status for order in found}
        assert states == {"placed", "paid", "shipped", "delivered", "cancelled", "returned"}
        for one in found:
            steps = [one.placed_at, one.paid_at, one.shipped_at, one.delivered_at, one.returned_at]
            dated = [step for step in steps if step is not None]
            assert dated == sorted(dated)
            assert dated[-1] <= uow.now()
            if one.status == "placed":
                assert one.release_at > uow.now()


async def test_seeding_again_adds_nothing_and_keeps_what_was_sold(demo: Database) -> None:
    await run(demo)
    talk = await conversation(demo)
    async with demo.write() as uow:
        product = next(p for p in await catalogue.all_active(uow) if p.stock > 1)
        await carts.add(uow, talk, product.sku)
        await uow.commit()
    await order(demo, talk)
    report = await run(demo)
    assert (report.products.added, report.products.changed) == (0, 0)
    assert (report.users, report.customers, report.orders, report.sales) == (0, 0, 0, 0)
    async with demo.read() as uow:
        now = await catalogue.get(uow, product.sku)
        assert now is not None
        assert now.stock == product.stock - 1


async def test_seeding_does_not_bring_an_erased_customer_back(demo: Database) -> None:
    await run(demo)
    async with demo.write() as uow:
        contact_id = await uow.session.scalar(
            select(Order.contact_id).where(Order.email.is_not(None)).limit(1)
        )
        assert contact_id is not None
        await contacts.erase(uow, contact_id)
        await uow.commit()
        before = await uow.session.scalar(select(func.count()).select_from(Contact))
    assert (await run(demo)).customers == 0
    async with demo.read() as uow:
        assert await uow.session.scalar(select(func.count()).select_from(Contact)) == before


async def test_a_seeded_order_can_be_tracked_by_its_customer(demo: Database) -> None:
    await run(demo)
    async with demo.write() as uow:
        query = select(Order.number, Order.email).where(Order.email.is_not(None)).limit(1)
        number, email = (await uow.session.execute(query)).one()
        assert email is not None
        found = await orders.track(uow, number, email, conversation_id="talk", client=None)
        assert found is not None
        assert found.number == number


async def test_seeding_is_relative_to_the_clock(demo: Database) -> None:
    await run(demo)
    async with demo.read() as uow:
        newest = (await uow.session.scalars(select(Order.placed_at).order_by(Order.placed_at.desc()))).first()
        assert newest is not None
        assert uow.now() - newest < timedelta(days=3)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("customers: [{name: Dana}]", "customers.0"),
        ("users: [{email: a@example.com, name: A, role: boss}]", "users.0.role"),
        (": [", "customers.yml"),
        (
            "customers: [{name: Dana, email: d@example.com, address: {street: s, postal_code: '1', city: c, "
            "country: FR}, orders: [{number: PL-0000-0001, status: paid, days_ago: 1, "
            "lines: [{sku: LAP-0001, quantity: 1}]}]}]",
            "order",
        ),
    ],
)
async def test_a_wrong_customers_file_seeds_nothing(
    demo: Database, tmp_path: Path, text: str, names: str
) -> None:
    (tmp_path / "catalogue.jsonl").write_bytes((SHOP / "catalogue.jsonl").read_bytes())
    (tmp_path / "customers.yml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as refused:
        await run(demo, tmp_path)
    assert names in refused.value.field
    async with demo.read() as uow:
        assert await catalogue.all_active(uow) == []
