"""The products: reading them, and importing an operator's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Select, insert, select, update

from crm.catalogue_records import ProductRecord
from crm.database import UnitOfWork
from crm.errors import InvalidInput
from crm.model.product import CatalogueState
from crm.model.product import Product as ProductRow
from crm.services import stock
from crm.views import Product

BATCH = 500
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many products an import added, changed, withdrew and found as they were."""

    added: int
    changed: int
    withdrawn: int
    unchanged: int = 0


async def get(uow: UnitOfWork, sku: str) -> Product | None:
    """The product, also a withdrawn one (`active` is false then)."""
    return (await get_many(uow, [sku])).get(sku)


async def get_many(uow: UnitOfWork, skus: Sequence[str]) -> dict[str, Product]:
    """Those of the products that exist, by SKU, in the order asked for."""
    rows = await uow.session.execute(_columns().where(ProductRow.sku.in_(skus)))
    found = {row.sku: _view(row) for row in rows}
    return {sku: found[sku] for sku in skus if sku in found}


async def all_active(uow: UnitOfWork) -> list[Product]:
    """Everything that is for sale, in or out of stock, by SKU."""
    query = _columns().where(ProductRow.active).order_by(ProductRow.sku)
    return [_view(row) for row in await uow.session.execute(query)]


async def version(uow: UnitOfWork) -> int:
    """Rises with every committed change of any product, of its stock too."""
    return int((await uow.session.execute(select(CatalogueState.version))).scalar_one())


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
        if sku in known and _differs(values, known[sku], keep_stock=keep_stock)
    ]
    gone = [p.sku for p in known.values() if withdraw_missing and p.active and p.sku not in wanted]
    if new or changed or gone:
        marks = {"changed_in": await stock.next_version(uow), "updated_at": uow.now()}
        await _write(uow, new, changed, gone, marks, keep_stock=keep_stock)
    return ImportReport(len(new), len(changed), len(gone), len(wanted) - len(new) - len(changed))


async def _write(
    uow: UnitOfWork,
    new: list[dict[str, Any]],
    changed: list[dict[str, Any]],
    gone: list[str],
    marks: dict[str, Any],
    *,
    keep_stock: bool,
) -> None:
    for rows in _batches(new):
        created = [{**values, **marks, "created_at": marks["updated_at"]} for values in rows]
        await uow.session.execute(insert(ProductRow), created)
    kept = ("stock",) if keep_stock else ()
    for rows in _batches(changed):
        updates = [{k: v for k, v in {**values, **marks}.items() if k not in kept} for values in rows]
        await uow.session.execute(update(ProductRow), updates)
    for skus in _batches(gone):
        withdrawal = update(ProductRow).where(ProductRow.sku.in_(skus)).values(active=False, **marks)
        await uow.session.execute(withdrawal.execution_options(synchronize_session=False))


def _by_sku(records: Iterable[ProductRecord], currency: str) -> dict[str, dict[str, Any]]:
    wanted: dict[str, dict[str, Any]] = {}
    for record in records:
        if record.sku in wanted:
            raise InvalidInput("sku", record.sku, "name each product once")
        if record.currency != currency:
            raise InvalidInput(
                "currency", record.currency, f"{record.sku}: prices are in {currency}, as shop.toml says"
            )
        wanted[record.sku] = {**record.model_dump(), "active": True}
    return wanted


def _differs(values: dict[str, Any], known: Product, *, keep_stock: bool) -> bool:
    return any(
        getattr(known, field) != value
        for field, value in values.items()
        if not (keep_stock and field == "stock")
    )


def _batches(items: list[T]) -> Iterable[list[T]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def _columns() -> Select[Any]:
    return select(*(getattr(ProductRow, field) for field in Product.__dataclass_fields__))


def _view(row: Any) -> Product:
    return Product(**row._mapping)
