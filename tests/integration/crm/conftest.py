"""A small shop to sell from: three products and a conversation."""

from typing import Any

import pytest
from sqlalchemy import func, select

from crm.catalogue_records import ProductRecord
from crm.database import Database, UnitOfWork
from crm.model import Conversation
from crm.services import carts, catalogue, orders
from crm.services.orders import CheckoutDetails
from crm.views import OrderView

DANA = CheckoutDetails("Dana Fischer", "Dana@Example.com", None, "14 rue du Pluvier\n67000 Strasbourg")


def record(sku: str, price: str, stock: int, **more: Any) -> ProductRecord:
    fields = {
        "sku": sku,
        "name": f"Product {sku}",
        "brand": "Norrvik",
        "category": "laptops",
        "price": price,
        "currency": "EUR",
        "stock": stock,
        "description": "A product.",
        "attributes": {"memory_gb": 16, "weight_kg": 1.2, "color": "red", "backlit": True},
    }
    return ProductRecord.model_validate({**fields, **more})


async def conversation(database: Database) -> str:
    async with database.write() as uow:
        row = Conversation(channel="web")
        uow.session.add(row)
        await uow.commit()
        return row.id


async def restock(database: Database, sku: str, price: str, stock: int, **more: Any) -> None:
    async with database.write() as uow:
        await catalogue.import_products(uow, [record(sku, price, stock, **more)])
        await uow.commit()


async def stock_of(database: Database, sku: str) -> int:
    async with database.read() as uow:
        product = await catalogue.get(uow, sku)
        assert product is not None
        return product.stock


async def fill(database: Database, talk: str, sku: str, quantity: int = 1) -> None:
    async with database.write() as uow:
        await carts.add(uow, talk, sku, quantity)
        await uow.commit()


async def order(database: Database, talk: str, cause: str = "cause-1") -> OrderView:
    async with database.write() as uow:
        placed = await orders.place(uow, talk, DANA, cause=cause)
        await uow.commit()
    return placed


@pytest.fixture
async def shop(database: Database) -> Database:
    """LAP-0001 at 1199.00 (5 left), CAB-0001 at 9.99 (50 left), LAP-0002 at 0.10 (1 left)."""
    async with database.write() as uow:
        records = [
            record("LAP-0001", "1199.00", 5),
            record("CAB-0001", "9.99", 50),
            record("LAP-0002", "0.10", 1),
        ]
        await catalogue.import_products(uow, records)
        await uow.commit()
    return database


@pytest.fixture
async def talk(shop: Database) -> str:
    """Id of a conversation of the shop."""
    return await conversation(shop)


async def table_count(uow: UnitOfWork, model: type) -> int:
    return int((await uow.session.execute(select(func.count()).select_from(model))).scalar_one())


@pytest.fixture
async def placed(shop: Database, talk: str) -> OrderView:
    """An order of two laptops and a cable: 2 × 1199.00 + 9.99, delivered free."""
    await fill(shop, talk, "LAP-0001", 2)
    await fill(shop, talk, "CAB-0001", 1)
    return await order(shop, talk)
