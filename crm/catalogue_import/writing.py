"""Checked products into the shop: all of them in one transaction, whose lock is held for the writing alone.

What is new and what has changed is found out before, in a reading transaction. Products that somebody changed in
between (a sale takes stock) are compared again under the lock.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from sqlalchemy import select

from crm.catalogue_import.spool import Spool
from crm.catalogue_records import ProductRecord
from crm.database import Database, UnitOfWork
from crm.model.product import Product as ProductRow
from crm.services import catalogue, catalogue_rows, stock
from crm.services.catalogue import ImportReport

BATCH = 500
Decision = Literal["new", "changed", "same"]


async def write(
    database: Database,
    spool: Spool,
    *,
    withdraw_missing: bool = False,
    keep_stock: bool = False,
    progress: Callable[[int], None] = lambda count: None,
) -> ImportReport:
    """Add and update the spool's products by SKU, all or none; `progress` is told products done, twice over.

    `withdraw_missing` takes what the spool lacks off sale; orders keep naming it. `keep_stock` leaves the stock of
    known products. Raises StorageError, and then nothing was written.
    """
    async with database.read() as uow:
        seen = await catalogue.version(uow)
        decisions: dict[str, Decision] = {}
        for batch in spool.batches(BATCH):
            decisions |= await _decided(uow, batch, keep_stock=keep_stock)
            progress(len(batch))
    async with database.write() as uow:
        await stock.lock(uow)
        moved = set(await uow.session.scalars(select(ProductRow.sku).where(ProductRow.changed_in > seen)))
        gone = await _gone(uow, spool) if withdraw_missing else []
        counts = {"new": 0, "changed": 0, "same": 0}
        marks: dict[str, Any] | None = None
        for batch in spool.batches(BATCH):
            again = [record for record in batch if record.sku in moved]
            decisions |= await _decided(uow, again, keep_stock=keep_stock)
            rows = {kind: [r for r in batch if decisions[r.sku] == kind] for kind in counts}
            counts = {kind: counts[kind] + len(rows[kind]) for kind in counts}
            if rows["new"] or rows["changed"]:
                marks = marks or await _marks(uow)
                await catalogue_rows.insert_rows(uow, _values(rows["new"]), marks)
                await catalogue_rows.update_rows(uow, _values(rows["changed"]), marks, keep_stock=keep_stock)
            progress(len(batch))
        if gone:
            await catalogue_rows.withdraw_rows(uow, gone, marks or await _marks(uow))
        await uow.commit()
    return ImportReport(counts["new"], counts["changed"], len(gone), counts["same"])


async def _decided(
    uow: UnitOfWork, batch: list[ProductRecord], *, keep_stock: bool
) -> Mapping[str, Decision]:
    if not batch:
        return {}
    known = await catalogue.get_many(uow, [record.sku for record in batch])
    return {
        record.sku: "new"
        if record.sku not in known
        else "changed"
        if catalogue_rows.differs(catalogue_rows.values_of(record), known[record.sku], keep_stock=keep_stock)
        else "same"
        for record in batch
    }


async def _gone(uow: UnitOfWork, spool: Spool) -> list[str]:
    active = await uow.session.scalars(select(ProductRow.sku).where(ProductRow.active))
    return [sku for sku in active if sku not in spool]


async def _marks(uow: UnitOfWork) -> dict[str, Any]:
    return {"changed_in": await stock.next_version(uow), "updated_at": uow.now()}


def _values(records: Iterable[ProductRecord]) -> list[dict[str, Any]]:
    return [catalogue_rows.values_of(record) for record in records]
