"""Sales from before the software: they become baskets to learn from, and nothing else changes by them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crm.database import Database
from crm.errors import InvalidInput
from crm.model import Contact, Deal, Order
from crm.seed_sales import COUNTER, read_sales, seed_sales
from crm.services import purchases
from tests.integration.crm.conftest import stock_of, table_count

TILL = "receipt,sold,products\nC-1,12,LAP-0001 CAB-0001 CAB-0001\nC-2,2024-02-29,CAB-0001\n"


def file(folder: Path, text: str) -> Path:
    path = folder / "sales.csv"
    path.write_text(text, encoding="utf-8")
    return path


async def add(database: Database, folder: Path, text: str) -> int:
    sales = read_sales(file(folder, text))
    async with database.write() as uow:
        added = await seed_sales(uow, sales)
        await uow.commit()
    return added


async def test_sales_are_baskets_and_take_no_stock(shop: Database, tmp_path: Path) -> None:
    assert await add(shop, tmp_path, TILL) == 2
    async with shop.read() as uow:
        assert await purchases.baskets(uow) == [("CAB-0001",), ("LAP-0001", "CAB-0001")]
        assert await table_count(uow, Deal) == 0
    assert (await stock_of(shop, "LAP-0001"), await stock_of(shop, "CAB-0001")) == (5, 50)


async def test_a_sale_is_an_order_of_nobody_at_the_catalogues_prices(shop: Database, tmp_path: Path) -> None:
    await add(shop, tmp_path, TILL)
    async with shop.read() as uow:
        sold = await uow.session.scalar(select(Order).where(Order.cause == "sale:C-1"))
        assert sold is not None
        assert (sold.status, sold.total, sold.delivery) == ("delivered", Decimal("1218.98"), Decimal("0.00"))
        assert (sold.name, sold.email, sold.phone, sold.address) == (None, None, None, None)
        assert timedelta(days=11) < datetime.now(UTC) - sold.placed_at < timedelta(days=13)
        old = await uow.session.scalar(select(Order.placed_at).where(Order.cause == "sale:C-2"))
        assert old == datetime(2024, 2, 29, 12, tzinfo=UTC)
        assert (await uow.session.scalars(select(Contact.name))).all() == [COUNTER]


async def test_a_second_seeding_adds_only_new_receipts(shop: Database, tmp_path: Path) -> None:
    await add(shop, tmp_path, TILL)
    assert await add(shop, tmp_path, TILL) == 0
    assert await add(shop, tmp_path, TILL + "C-3,0,LAP-0002\n") == 1
    async with shop.read() as uow:
        assert await uow.session.scalar(select(func.count(Order.number.distinct()))) == 3
        assert await table_count(uow, Contact) == 1


async def test_a_product_the_catalogue_does_not_have_adds_no_sale(shop: Database, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="SKU of the catalogue") as refused:
        await add(shop, tmp_path, TILL + "C-3,1,LAP-9999\n")
    assert refused.value.field == "sales.csv line 4: products"
    async with shop.read() as uow:
        assert await purchases.baskets(uow) == []


def test_no_file_means_no_sales(tmp_path: Path) -> None:
    assert read_sales(tmp_path / "sales.csv") == []


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("sku,day\nLAP-0001,1\n", "sales.csv"),
        ("", "sales.csv"),
        ("receipt,sold,products\n,1,LAP-0001\n", "sales.csv line 2: receipt"),
        ("receipt,sold,products\nC-1,soon,LAP-0001\n", "sales.csv line 2: sold"),
        ("receipt,sold,products\nC-1,2025-02-30,LAP-0001\n", "sales.csv line 2: sold"),
        ("receipt,sold,products\nC-1,-4,LAP-0001\n", "sales.csv line 2: sold"),
        ("receipt,sold,products\nC-1,999999999999,LAP-0001\n", "sales.csv line 2: sold"),
        ("receipt,sold,products\nC-1,1,\n", "sales.csv line 2: products"),
        ("receipt,sold,products\nC-1,1\n", "sales.csv line 2: products"),
        ("receipt,sold,products\nC-1,1,LAP-0001,CAB-0001\n", "sales.csv line 2: products"),
        ("receipt,sold,products\nC-1,1,LAP-0001\nC-1,1,LAP-0001\n", "sales.csv: receipt"),
    ],
)
def test_a_wrong_file_is_refused_by_row_and_column(tmp_path: Path, text: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_sales(file(tmp_path, text))
    assert refused.value.field == field


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_bytes("receipt,sold,products\nÄ-1,1,LAP-0001\n".encode("latin-1"))
    with pytest.raises(InvalidInput, match="UTF-8"):
        read_sales(path)
