"""Writing rows of products, in batches. To raise the catalogue's version is the caller's part."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import Table, insert, update

from crm.catalogue_records import ProductRecord
from crm.database import UnitOfWork
from crm.model.product import Product as ProductRow
from crm.views import Product

BATCH = 500
# By the table, not the class: no bookkeeping of the ORM's while the shop's other writers wait.
TABLE = cast(Table, ProductRow.__table__)
T = TypeVar("T")


def values_of(record: ProductRecord) -> dict[str, Any]:
    """A record's columns; what is imported is for sale."""
    return {**record.model_dump(), "active": True}


def differs(values: Mapping[str, Any], known: Product, *, keep_stock: bool) -> bool:
    """Whether importing the values would change the product."""
    return any(
        getattr(known, field) != value
        for field, value in values.items()
        if not (keep_stock and field == "stock")
    )


async def insert_rows(uow: UnitOfWork, rows: Sequence[Mapping[str, Any]], marks: Mapping[str, Any]) -> None:
    """Add products. `marks` are `changed_in` and `updated_at`."""
    for batch in _batches(rows):
        created = [{**values, **marks, "created_at": marks["updated_at"]} for values in batch]
        await uow.session.execute(insert(TABLE), created)


async def update_rows(
    uow: UnitOfWork, rows: Sequence[Mapping[str, Any]], marks: Mapping[str, Any], *, keep_stock: bool
) -> None:
    """Change products by SKU."""
    kept = ("stock",) if keep_stock else ()
    for batch in _batches(rows):
        changed = [{k: v for k, v in {**values, **marks}.items() if k not in kept} for values in batch]
        await uow.session.execute(update(ProductRow), changed)


async def withdraw_rows(uow: UnitOfWork, skus: Sequence[str], marks: Mapping[str, Any]) -> None:
    """Take products off sale."""
    for batch in _batches(skus):
        withdrawal = update(ProductRow).where(ProductRow.sku.in_(batch)).values(active=False, **marks)
        await uow.session.execute(withdrawal.execution_options(synchronize_session=False))


def _batches(items: Sequence[T]) -> Iterable[Sequence[T]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
