"""The catalogue: imports by SKU, all or nothing, and a version that tells of every change."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from crm.catalogue_records import ProductRecord, read_jsonl
from crm.database import Database
from crm.errors import InvalidInput, OutOfStock
from crm.services import catalogue, stock
from crm.services.catalogue import ImportReport
from tests.integration.crm.conftest import record


async def load(
    database: Database, *records: ProductRecord, withdraw_missing: bool = False, keep_stock: bool = False
) -> ImportReport:
    async with database.write() as uow:
        report = await catalogue.import_products(
            uow, records, withdraw_missing=withdraw_missing, keep_stock=keep_stock
        )
        await uow.commit()
    return report


async def version(database: Database) -> int:
    async with database.read() as uow:
        return await catalogue.version(uow)


async def test_a_product_comes_back_as_it_was_imported(database: Database) -> None:
    attributes = {"memory_gb": 16, "weight_kg": 1.04, "ports": ["USB-C"], "lit": True, "color": "grey"}
    assert await load(database, record("LAP-0001", "1199.00", 5, attributes=attributes)) == ImportReport(
        1, 0, 0
    )
    async with database.read() as uow:
        product = await catalogue.get(uow, "LAP-0001")
        assert product is not None
        assert (product.price, product.stock, product.active) == (Decimal("1199.00"), 5, True)
        assert product.attributes == attributes
        assert isinstance(product.attributes["memory_gb"], int)
        assert await catalogue.get(uow, "LAP-9999") is None


async def test_products_are_got_in_the_order_asked_for(database: Database) -> None:
    await load(database, *(record(f"LAP-000{n}", "1.00", 1) for n in range(4)))
    async with database.read() as uow:
        found = await catalogue.get_many(uow, ["LAP-0003", "LAP-9999", "LAP-0000"])
        assert list(found) == ["LAP-0003", "LAP-0000"]
        assert await catalogue.get_many(uow, []) == {}


async def test_importing_again_updates_by_sku_and_counts(database: Database) -> None:
    await load(database, record("LAP-0001", "10.00", 5), record("LAP-0002", "20.00", 5))
    report = await load(
        database, record("LAP-0001", "11.00", 5), record("LAP-0003", "1.00", 1), withdraw_missing=True
    )
    assert report == ImportReport(added=1, changed=1, withdrawn=1)
    async with database.read() as uow:
        assert [product.sku for product in await catalogue.all_active(uow)] == ["LAP-0001", "LAP-0003"]
        withdrawn = await catalogue.get(uow, "LAP-0002")
        assert withdrawn is not None
        assert not withdrawn.active
    assert await load(database, record("LAP-0002", "20.00", 5)) == ImportReport(0, 1, 0)


async def test_known_stock_is_kept_when_the_records_are_no_stock_count(database: Database) -> None:
    await load(database, record("LAP-0001", "10.00", 5))
    assert await load(database, record("LAP-0001", "10.00", 9), keep_stock=True) == ImportReport(0, 0, 0, 1)
    await load(database, record("LAP-0001", "12.00", 9), keep_stock=True)
    async with database.read() as uow:
        product = await catalogue.get(uow, "LAP-0001")
        assert product is not None
        assert (product.price, product.stock) == (Decimal("12.00"), 5)


async def test_a_refused_record_imports_nothing(database: Database) -> None:
    for bad in (record("LAP-0001", "10.00", 5), record("LAP-0002", "10.00", 5, currency="USD")):
        with pytest.raises(InvalidInput):
            await load(database, record("LAP-0001", "10.00", 5), bad)
    async with database.read() as uow:
        assert await catalogue.all_active(uow) == []


async def test_the_version_rises_by_one_with_each_committed_change(database: Database) -> None:
    assert await version(database) == 0
    await load(database, record("LAP-0001", "10.00", 5), record("LAP-0002", "10.00", 5))
    assert await version(database) == 1
    await load(database, record("LAP-0001", "10.00", 5))
    assert await version(database) == 1
    async with database.write() as uow:
        await stock.take(uow, {"LAP-0001": 2, "LAP-0002": 1})
        await uow.commit()
    assert await version(database) == 2
    async with database.write() as uow:
        await stock.give_back(uow, {"LAP-0001": 2})
    assert await version(database) == 2


async def test_stock_never_falls_below_zero(database: Database) -> None:
    await load(database, record("LAP-0001", "10.00", 2))
    async with database.write() as uow:
        with pytest.raises(OutOfStock) as refused:
            await stock.take(uow, {"LAP-0001": 3})
    assert refused.value.available == 2


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"price": "-1"}, "price"),
        ({"price": "1.999"}, "price"),
        ({"price": "cheap"}, "price"),
        ({"price": "NaN"}, "price"),
        ({"stock": -1}, "stock"),
        ({"stock": "5"}, "stock"),
        ({"sku": "has blank"}, "sku"),
        ({"name": " "}, "name"),
        ({"category": "Laptops & more"}, "category"),
        ({"colour": "red"}, "colour"),
        ({"attributes": {"size": {"w": 1}}}, "attributes.size"),
    ],
)
def test_a_bad_line_is_refused_with_line_field_and_fix(
    tmp_path: Path, change: dict[str, object], names: str
) -> None:
    good = record("LAP-0001", "10.00", 5).model_dump(mode="json")
    path = tmp_path / "catalogue.jsonl"
    path.write_text(f"{json.dumps(good)}\n\n{json.dumps({**good, **change})}\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"catalogue\.jsonl line 3") as refused:
        list(read_jsonl(path))
    assert refused.value.field.startswith(names)


@pytest.mark.parametrize("line", ["{", "[1]", "null"])
def test_a_line_that_is_no_object_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "catalogue.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="line 1"):
        list(read_jsonl(path))


def test_a_price_written_as_a_number_is_exact(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.jsonl"
    good = record("LAP-0001", "10.00", 5).model_dump(mode="json")
    path.write_text(json.dumps({**good, "price": 4.1}), encoding="utf-8")
    assert [product.price for product in read_jsonl(path)] == [Decimal("4.1")]
