"""The cart: exact sums, caps, and what the shop changed meanwhile."""

from decimal import Decimal

import pytest

from crm.database import Database
from crm.errors import InvalidInput, NotFound, OutOfStock, QuantityTooLarge, TooManyProducts
from crm.services import carts, catalogue
from crm.views import CartChange
from tests.integration.crm.conftest import conversation, fill, record, restock


async def test_sums_are_exact_to_the_cent(shop: Database, talk: str) -> None:
    async with shop.write() as uow:
        await carts.add(uow, talk, "CAB-0001", 3)
        view = await carts.add(uow, talk, "LAP-0002")
        await uow.commit()
    assert [(line.sku, line.quantity, line.line_total) for line in view.lines] == [
        ("CAB-0001", 3, Decimal("29.97")),
        ("LAP-0002", 1, Decimal("0.10")),
    ]
    assert (view.subtotal, view.delivery, view.total) == (Decimal("30.07"), Decimal("4.90"), Decimal("34.97"))
    assert view.vat_included == Decimal("5.83")
    assert (view.item_count, view.currency) == (4, "EUR")


async def test_delivery_is_free_from_the_threshold_on(shop: Database, talk: str) -> None:
    async with shop.write() as uow:
        view = await carts.add(uow, talk, "LAP-0001")
    assert view.delivery == 0
    assert view.total == Decimal("1199.00")


async def test_an_empty_cart_costs_nothing(shop: Database, talk: str) -> None:
    async with shop.read() as uow:
        view = await carts.view(uow, talk)
    assert view.lines == ()
    assert (view.total, view.delivery, view.vat_included) == (Decimal(0), Decimal(0), Decimal(0))


async def test_the_cart_survives_the_process(shop: Database, talk: str, database_url: str) -> None:
    await fill(shop, talk, "LAP-0001", 2)
    again = Database.connect(database_url)
    async with again.read() as uow:
        assert (await carts.view(uow, talk)).item_count == 2
    await again.close()


async def test_quantity_can_be_set_and_zero_removes(shop: Database, talk: str) -> None:
    async with shop.write() as uow:
        await carts.add(uow, talk, "LAP-0001")
        assert (await carts.set_quantity(uow, talk, "LAP-0001", 4)).item_count == 4
        assert (await carts.set_quantity(uow, talk, "LAP-0001", 0)).lines == ()


async def test_clearing_empties_the_cart_of_this_conversation_only(shop: Database, talk: str) -> None:
    other = await conversation(shop)
    await fill(shop, talk, "LAP-0001")
    await fill(shop, other, "LAP-0001")
    async with shop.write() as uow:
        assert (await carts.clear(uow, talk)).lines == ()
        assert (await carts.view(uow, other)).item_count == 1


async def test_more_than_the_cap_of_one_product_is_refused(shop: Database, talk: str) -> None:
    async with shop.write() as uow:
        await carts.add(uow, talk, "CAB-0001", 10)
        with pytest.raises(QuantityTooLarge) as refused:
            await carts.add(uow, talk, "CAB-0001")
        assert refused.value.limit == 10
        assert (await carts.view(uow, talk)).item_count == 10


async def test_more_products_than_the_cap_are_refused(shop: Database, talk: str) -> None:
    async with shop.write() as uow:
        await catalogue.import_products(uow, [record(f"HEA-{n:04}", "5.00", 9) for n in range(21)])
        for n in range(20):
            await carts.add(uow, talk, f"HEA-{n:04}")
        with pytest.raises(TooManyProducts) as refused:
            await carts.add(uow, talk, "HEA-0020")
        assert refused.value.limit == 20
        assert (await carts.add(uow, talk, "HEA-0000")).item_count == 21


async def test_more_than_there_is_is_refused_with_what_is_left(shop: Database, talk: str) -> None:
    async with shop.write() as uow:
        with pytest.raises(OutOfStock) as refused:
            await carts.add(uow, talk, "LAP-0001", 6)
    assert (refused.value.sku, refused.value.available) == ("LAP-0001", 5)


@pytest.mark.parametrize("quantity", [0, -1])
async def test_adding_nothing_or_less_is_refused(shop: Database, talk: str, quantity: int) -> None:
    async with shop.write() as uow:
        with pytest.raises(InvalidInput, match="quantity"):
            await carts.add(uow, talk, "LAP-0001", quantity)


async def test_unknown_and_withdrawn_products_and_conversations_are_not_found(
    shop: Database, talk: str
) -> None:
    async with shop.write() as uow:
        await catalogue.import_products(uow, [record("LAP-0001", "1199.00", 5)], withdraw_missing=True)
        for sku in ("LAP-9999", "LAP-0002"):
            with pytest.raises(NotFound):
                await carts.add(uow, talk, sku)
        with pytest.raises(NotFound, match="conversation"):
            await carts.add(uow, "nobody", "LAP-0001")
        with pytest.raises(NotFound, match="cart"):
            await carts.remove(uow, talk, "LAP-0001")


async def test_a_new_price_less_stock_and_withdrawal_are_told_as_changes(shop: Database, talk: str) -> None:
    await fill(shop, talk, "LAP-0001", 3)
    await fill(shop, talk, "CAB-0001", 2)
    await fill(shop, talk, "LAP-0002")
    async with shop.write() as uow:
        records = [record("LAP-0001", "1099.00", 2), record("CAB-0001", "9.99", 2)]
        await catalogue.import_products(uow, records, withdraw_missing=True)
        await uow.commit()
    async with shop.read() as uow:
        assert await carts.changes(uow, talk) == (
            CartChange("LAP-0001", "Product LAP-0001", "price", Decimal("1199.00"), Decimal("1099.00")),
            CartChange("LAP-0001", "Product LAP-0001", "stock", 3, 2),
            CartChange("LAP-0002", "Product LAP-0002", "withdrawn", 1, 0),
        )
        # Until accepted, the cart is what the customer was shown.
        assert (await carts.view(uow, talk)).lines[0].unit_price == Decimal("1199.00")
    async with shop.write() as uow:
        view = await carts.accept_changes(uow, talk)
        assert [(line.sku, line.quantity, line.unit_price) for line in view.lines] == [
            ("LAP-0001", 2, Decimal("1099.00")),
            ("CAB-0001", 2, Decimal("9.99")),
        ]
        assert await carts.changes(uow, talk) == ()


async def test_what_does_not_matter_to_the_cart_is_no_change(shop: Database, talk: str) -> None:
    await fill(shop, talk, "LAP-0001", 3)
    await restock(shop, "LAP-0001", "1199.00", 3, description="Another text.")
    async with shop.read() as uow:
        assert await carts.changes(uow, talk) == ()
