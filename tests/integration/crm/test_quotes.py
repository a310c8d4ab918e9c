"""Quotes: exact, once, only for whom they were made, and an order at their prices while they are valid."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm import quote_number
from crm.database import Database
from crm.errors import InvalidInput, NeedsOffer, NotFound, OutOfStock, WrongStatus
from crm.model import Activity, Company, Contact, Deal, DealStageChange, Order, Quote, QuoteLine
from crm.policy import ShopPolicy
from crm.sales_views import QuoteView
from crm.selling import Opening, QuantityTier, SellingRules
from crm.services import carts, catalogue, contacts, quotes
from crm.services.quotes import Wanted
from crm.views import OrderView
from tests.integration.crm.conftest import conversation, record, restock, stock_of, table_count

TIERS = (QuantityTier(5, Decimal(3)), QuantityTier(10, Decimal("7.5")), QuantityTier(100, None))
ADDRESS = "14 rue du Pluvier, 67000 Strasbourg"


class Clock:
    now = datetime(2026, 11, 25, 22, 30, tzinfo=UTC)  # 23:30 in Strasbourg

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def shop(database_url: str, clock: Clock) -> AsyncIterator[Database]:
    opening = Opening(zone=ZoneInfo("Europe/Paris"))
    policy = ShopPolicy(selling=SellingRules(tiers=TIERS, quote_days=14, opening=opening))
    opened = Database.connect(database_url, policy=policy, clock=clock)
    async with opened.write() as uow:
        products = [record("LAP-0001", "1199.00", 5), record("CAB-0001", "9.99", 50)]
        await catalogue.import_products(uow, products)
        await uow.commit()
    yield opened
    await opened.close()


@pytest.fixture
async def talk(shop: Database) -> str:
    return await conversation(shop)


async def quote(
    shop: Database, talk: str, *wanted: tuple[str, int], cause: str = "q-1", company: str | None = None
) -> QuoteView:
    async with shop.write() as uow:
        made = await quotes.make(
            uow, talk, [Wanted(*one) for one in wanted], name="Dana Fischer", email="Dana@Example.com",
            company=company, cause=cause,
        )  # fmt: skip
        await uow.commit()
    return made


async def accept(shop: Database, talk: str, number: str, cause: str = "a-1") -> OrderView:
    async with shop.write() as uow:
        order = await quotes.accept(uow, talk, number, phone=None, address=ADDRESS, cause=cause)
        await uow.commit()
    return order


async def test_a_quote_has_exact_prices_by_quantity_a_number_and_a_last_day(
    shop: Database, talk: str
) -> None:
    made = await quote(shop, talk, ("CAB-0001", 10), ("LAP-0001", 2), company="Fischer & Co")
    assert quote_number.find(made.number) == made.number
    assert [(line.quantity, line.list_price, line.unit_price, line.line_total) for line in made.lines] == [
        (10, Decimal("9.99"), Decimal("9.24"), Decimal("92.40")),
        (2, Decimal("1199.00"), Decimal("1199.00"), Decimal("2398.00")),
    ]
    assert (made.subtotal, made.delivery, made.total) == (Decimal("2490.40"), Decimal(0), Decimal("2490.40"))
    assert made.net + made.vat_included == made.total
    assert (made.name, made.email, made.company, made.status) == (
        "Dana Fischer",
        "Dana@example.com",
        "Fischer & Co",
        "open",
    )
    # By the shop's clock: half an hour before midnight in Strasbourg it is still the 25th.
    assert made.valid_until.isoformat() == "2026-12-09"
    async with shop.read() as uow:
        assert await quotes.get(uow, made.number) == made
        assert await quotes.listed(uow) == [made]
        assert await quotes.latest_of_conversation(uow, talk) == made


async def test_delivery_is_charged_below_the_shops_threshold(shop: Database, talk: str) -> None:
    made = await quote(shop, talk, ("CAB-0001", 5))
    assert (made.lines[0].unit_price, made.subtotal) == (Decimal("9.69"), Decimal("48.45"))
    assert (made.delivery, made.total) == (Decimal("4.90"), Decimal("53.35"))


async def test_the_same_message_makes_one_quote_however_often_it_comes(shop: Database, talk: str) -> None:
    made = await asyncio.gather(*(quote(shop, talk, ("CAB-0001", 6)) for _ in range(4)))
    assert len({one.number for one in made}) == 1
    async with shop.read() as uow:
        counts = [await table_count(uow, table) for table in (Quote, QuoteLine, Contact, Deal)]
        assert counts == [1, 1, 1, 1]


async def test_a_quote_moves_the_deal_to_a_proposal_and_its_order_wins_it(shop: Database, talk: str) -> None:
    made = await quote(shop, talk, ("CAB-0001", 6))
    async with shop.read() as uow:
        deal = (await uow.session.scalars(select(Deal))).one()
        assert (deal.stage, deal.amount) == ("proposal", made.total)
    await accept(shop, talk, made.number)
    async with shop.read() as uow:
        steps = await uow.session.scalars(select(DealStageChange.after).order_by(DealStageChange.id))
        assert steps.all() == ["proposal", "won"]


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ([], InvalidInput),
        ([("CAB-0001", 0)], InvalidInput),
        ([("CAB-0001", -3)], InvalidInput),
        ([("NOP-0001", 3)], NotFound),
        ([("CAB-0001", 100)], NeedsOffer),
        ([("CAB-0001", 60), ("CAB-0001", 60)], NeedsOffer),
    ],
)
async def test_what_cannot_be_quoted_leaves_nothing_behind(
    shop: Database, talk: str, wanted: list[tuple[str, int]], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await quote(shop, talk, *wanted)
    async with shop.read() as uow:
        assert [await table_count(uow, table) for table in (Quote, Contact, Deal, Company)] == [0, 0, 0, 0]


async def test_an_accepted_quote_is_one_order_at_its_prices_with_its_stock(shop: Database, talk: str) -> None:
    made = await quote(shop, talk, ("CAB-0001", 10))
    await restock(shop, "CAB-0001", "19.99", 50)
    async with shop.write() as uow:
        await carts.add(uow, talk, "LAP-0001", 1)
        await uow.commit()
    order = await accept(shop, talk, made.number)
    assert [(line.unit_price, line.quantity) for line in order.lines] == [(Decimal("9.24"), 10)]
    assert (order.total, order.email, order.status) == (made.total, "Dana@example.com", "placed")
    assert await stock_of(shop, "CAB-0001") == 40
    async with shop.read() as uow:
        found = await quotes.get(uow, made.number)
        assert (found.status, found.order) == ("accepted", order.number)
        assert len((await carts.view(uow, talk)).lines) == 1, "the cart is something else"
        kinds = await uow.session.scalars(select(Activity.kind).order_by(Activity.at))
        assert {"quote.made", "quote.accepted", "order.placed"} <= set(kinds)


async def test_a_repeated_yes_orders_once_and_a_second_quote_yes_is_refused(
    shop: Database, talk: str
) -> None:
    made = await quote(shop, talk, ("CAB-0001", 10))
    first, again = await asyncio.gather(*(accept(shop, talk, made.number) for _ in range(2)))
    assert first == again
    with pytest.raises(WrongStatus, match=r"^quote .* is accepted"):
        await accept(shop, talk, made.number, cause="a-2")
    async with shop.read() as uow:
        assert await table_count(uow, Order) == 1
    assert await stock_of(shop, "CAB-0001") == 40


async def test_too_little_stock_is_refused_and_the_quote_stays_open(shop: Database, talk: str) -> None:
    made = await quote(shop, talk, ("CAB-0001", 10), ("LAP-0001", 6))
    with pytest.raises(OutOfStock) as refused:
        await accept(shop, talk, made.number)
    assert (refused.value.sku, refused.value.available) == ("LAP-0001", 5)
    assert await stock_of(shop, "CAB-0001") == 50
    await restock(shop, "LAP-0001", "1199.00", 6)
    assert (await accept(shop, talk, made.number, cause="a-2")).total == made.total


async def test_a_quote_holds_through_its_last_day_and_not_longer(
    shop: Database, talk: str, clock: Clock
) -> None:
    made = await quote(shop, talk, ("CAB-0001", 10))
    clock.now += timedelta(days=14, minutes=29)  # 23:59 of the last day
    async with shop.read() as uow:
        assert (await quotes.get(uow, made.number)).status == "open"
    clock.now += timedelta(minutes=1)
    with pytest.raises(WrongStatus, match="expired"):
        await accept(shop, talk, made.number)
    async with shop.read() as uow:
        assert await quotes.listed(uow) == []
        assert [one.status for one in await quotes.listed(uow, statuses=("expired",))] == ["expired"]
        assert await table_count(uow, Order) == 0


async def test_nobody_else_sees_or_accepts_a_quote(shop: Database, talk: str) -> None:
    made = await quote(shop, talk, ("CAB-0001", 10))
    other = await conversation(shop)
    with pytest.raises(NotFound):
        await accept(shop, other, made.number)
    async with shop.read() as uow:
        assert await quotes.latest_of_conversation(uow, other, number=made.number) is None


async def test_a_withdrawn_quote_cannot_be_accepted_nor_an_accepted_one_withdrawn(
    shop: Database, talk: str
) -> None:
    made = await quote(shop, talk, ("CAB-0001", 10))
    async with shop.write() as uow:
        await quotes.withdraw(uow, made.number)
        assert (await quotes.withdraw(uow, made.number)).status == "withdrawn"
        await uow.commit()
    with pytest.raises(WrongStatus, match="withdrawn"):
        await accept(shop, talk, made.number)
    second = await quote(shop, talk, ("CAB-0001", 10), cause="q-2")
    await accept(shop, talk, second.number)
    async with shop.write() as uow:
        with pytest.raises(WrongStatus, match="accepted"):
            await quotes.withdraw(uow, second.number)


async def test_two_customers_who_name_the_same_company_stay_apart(shop: Database, talk: str) -> None:
    other = await conversation(shop)
    await quote(shop, talk, ("CAB-0001", 5), company="Fischer & Co")
    await quote(shop, talk, ("CAB-0001", 6), company="fischer & co", cause="q-2")
    await quote(shop, other, ("CAB-0001", 5), company="Fischer & Co", cause="q-3")
    async with shop.read() as uow:
        assert await table_count(uow, Company) == 2


async def test_erasing_a_person_empties_their_quotes_and_keeps_the_amounts(shop: Database, talk: str) -> None:
    made = await quote(shop, talk, ("CAB-0001", 10), company="Fischer & Co")
    async with shop.write() as uow:
        contact = (await uow.session.scalars(select(Contact.id))).one()
        await contacts.erase(uow, contact)
        await uow.commit()
    async with shop.read() as uow:
        kept = await quotes.get(uow, made.number)
        assert (kept.name, kept.email, kept.company, kept.total) == ("", "", None, made.total)
        assert await table_count(uow, Company) == 0


async def test_of_two_quotes_for_the_last_pieces_one_is_ordered(shop: Database, talk: str) -> None:
    other = await conversation(shop)
    mine = await quote(shop, talk, ("LAP-0001", 3))
    theirs = await quote(shop, other, ("LAP-0001", 3), cause="q-2")
    tried = await asyncio.gather(
        accept(shop, talk, mine.number),
        accept(shop, other, theirs.number, cause="a-2"),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in tried) == ["OrderView", "OutOfStock"]
    assert await stock_of(shop, "LAP-0001") == 2
    async with shop.read() as uow:
        statuses = await uow.session.scalars(select(Quote.status).order_by(Quote.status))
        assert statuses.all() == ["accepted", "open"]
