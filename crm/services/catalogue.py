"""The products: reading them, and importing an operator's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, case, func, select

from crm.catalogue_records import ProductRecord
from crm.database import UnitOfWork
from crm.errors import InvalidInput
from crm.model.product import CatalogueState
from crm.model.product import Product as ProductRow
from crm.services import catalogue_rows, stock
from crm.views import Product


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many products an import added, changed, withdrew and found as they were."""

    added: int
    changed: int
    withdrawn: int
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """How many products are for sale, how many of these are sold out, and how many are withdrawn."""

    for_sale: int
    sold_out: int
    withdrawn: int


async def get(uow: UnitOfWork, sku: str) -> Product | None:
    """The product, also a withdrawn one (`active` is false then)."""
    return (await get_many(uow, [sku])).get(sku)


async def get_many(uow: UnitOfWork, skus: Sequence[str]) -> dict[str, Product]:
    """Those of the products that exist, by SKU, in the order asked for."""
    if not skus:
        return {}
    rows = await uow.session.execute(_named(), {"skus": list(skus)})
    found = {row.sku: _view(row) for row in rows}
    return {sku: found[sku] for sku in skus if sku in found}


async def all_active(uow: UnitOfWork) -> list[Product]:
    """Everything that is for sale, in or out of stock, by SKU."""
    query = _columns().where(ProductRow.active).order_by(ProductRow.sku)
    return [_view(row) for row in await uow.session.execute(query)]


async def changed_since(uow: UnitOfWork, version: int) -> list[Product]:
    """What has changed in the catalogue's later versions, withdrawn products too, by SKU."""
    query = _columns().where(ProductRow.changed_in > version).order_by(ProductRow.sku)
    return [_view(row) for row in await uow.session.execute(query)]


async def version(uow: UnitOfWork) -> int:
    """Rises with every committed change of any product, of its stock too."""
    return int((await uow.session.execute(select(CatalogueState.version))).scalar_one())


async def counts(uow: UnitOfWork) -> Counts:
    """The catalogue in numbers."""
    sold_out = ProductRow.active & (ProductRow.stock == 0)
    sums = (func.sum(case((condition, 1), else_=0)) for condition in (ProductRow.active, sold_out))
    row = (await uow.session.execute(select(func.count(), *sums).select_from(ProductRow))).one()
    every, active, out = (int(value or 0) for value in row)
    return Counts(active, out, every - active)


async def import_products(
    uow: UnitOfWork,
    records: Iterable[ProductRecord],
    *,
    withdraw_missing: bool = False,
    keep_stock: bool = False,
) -> ImportReport:
    """Add and update products by SKU; all of them or, when one is refused, none.

    `withdraw_missing` takes what isn't among `records` off sale (orders keep naming it). `keep_stock` leaves
    the stock of products that are known already, for records that aren't a stock count. Raises InvalidInput
    naming the SKU and the fix.
    """
    wanted = _by_sku(records, uow.policy.currency)
    await stock.lock(uow)
    known = {row.sku: _view(row) for row in await uow.session.execute(_columns())}
    new = [values for sku, values in wanted.items() if sku not in known]
    changed = [
        values
        for sku, values in wanted.items()
        if sku in known and catalogue_rows.differs(values, known[sku], keep_stock=keep_stock)
    ]
    gone = [p.sku for p in known.values() if withdraw_missing and p.active and p.sku not in wanted]
    if new or changed or gone:
        marks = {"changed_in": await stock.next_version(uow), "updated_at": uow.now()}
        await catalogue_rows.insert_rows(uow, new, marks)
        await catalogue_rows.update_rows(uow, changed, marks, keep_stock=keep_stock)
        await catalogue_rows.withdraw_rows(uow, gone, marks)
    return ImportReport(len(new), len(changed), len(gone), len(wanted) - len(new) - len(changed))


def _by_sku(records: Iterable[ProductRecord], currency: str) -> dict[str, dict[str, Any]]:
    wanted: dict[str, dict[str, Any]] = {}
    for record in records:
        if record.sku in wanted:
            raise InvalidInput("sku", record.sku, "name each product once")
        if record.currency != currency:
            raise InvalidInput(
                "currency", record.currency, f"{record.sku}: prices are in {currency}, as shop.toml says"
            )
        wanted[record.sku] = catalogue_rows.values_of(record)
    return wanted


@cache
def _named() -> Select[Any]:
    return _columns().where(ProductRow.sku.in_(bindparam("skus", expanding=True)))


@cache
def _columns() -> Select[Any]:
    return select(*(getattr(ProductRow, field) for field in Product.__dataclass_fields__))


def _view(row: Any) -> Product:
    return Product(**row._mapping)
