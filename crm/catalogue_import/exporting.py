"""The catalogue as a file that `import` takes back: the same products, none of them changed."""

import csv
import json
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sqlalchemy import func, select

from crm.catalogue_import.errors import CatalogueUnreadable
from crm.catalogue_import.mapping import FIELDS
from crm.database import Database, UnitOfWork
from crm.model.product import Product as ProductRow
from crm.services import catalogue
from crm.views import AttributeValue, Product

BATCH = 500
SEPARATOR = "|"


async def export(
    database: Database, path: Path, *, progress: Callable[[int, int], None] = lambda done, total: None
) -> int:
    """Write what is for sale to `path` (.csv or .jsonl), whole or not at all; gives how many products.

    Raises CatalogueUnreadable for another suffix or a folder that can't be written to.
    """
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".jsonl"):
        raise CatalogueUnreadable(f"{path.name}: name it .csv or .jsonl, so that its form is known.")
    with _swapped_in(path) as stream:
        async with database.read() as uow:
            total = await _count(uow)
            columns = await _attributes(uow) if suffix == ".csv" else []
            table = csv.writer(stream)
            if suffix == ".csv":
                table.writerow([*FIELDS, *(f"attributes.{name}" for name in columns)])
            done = 0
            async for product in _products(uow):
                if suffix == ".csv":
                    table.writerow(_cells(product, columns))
                else:
                    stream.write(_line(product) + "\n")
                done += 1
                progress(done, total)
    return done


@contextmanager
def _swapped_in(path: Path) -> Iterator[TextIO]:
    """A file to write that becomes `path` when the block ends well."""
    try:
        handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
        unfinished = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
                yield stream
            unfinished.chmod(0o644)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as exc:
        raise CatalogueUnreadable(f"{path}: can't be written: {exc.strerror}.") from exc


async def _count(uow: UnitOfWork) -> int:
    return int(await uow.session.scalar(select(func.count()).where(ProductRow.active)) or 0)


async def _products(uow: UnitOfWork) -> AsyncIterator[Product]:
    skus = list(
        await uow.session.scalars(select(ProductRow.sku).where(ProductRow.active).order_by(ProductRow.sku))
    )
    for start in range(0, len(skus), BATCH):
        for product in (await catalogue.get_many(uow, skus[start : start + BATCH])).values():
            yield product


async def _attributes(uow: UnitOfWork) -> list[str]:
    names: dict[str, None] = {}
    async for product in _products(uow):
        names |= dict.fromkeys(product.attributes)
    return sorted(names)


def _cells(product: Product, attributes: list[str]) -> list[str]:
    fields = [getattr(product, field) for field in FIELDS]
    return [
        *("" if value is None else str(value) for value in fields),
        *(_cell(product.attributes.get(name)) for name in attributes),
    ]


def _cell(value: AttributeValue | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return SEPARATOR.join(value) if isinstance(value, list) else str(value)


def _line(product: Product) -> str:
    fields = {field: getattr(product, field) for field in FIELDS}
    return json.dumps(
        {**fields, "price": str(product.price), "attributes": product.attributes}, ensure_ascii=False
    )
