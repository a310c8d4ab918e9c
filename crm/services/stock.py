"""Taking stock and giving it back: exactly, and one writer of the catalogue at a time.

Whoever changes a product first holds the catalogue's row (`lock`). On PostgreSQL that makes writers of
products wait for each other, so what was read after locking stays true until the commit, and two of them
can't deadlock; on SQLite the write transaction does that already.
"""

from collections.abc import Mapping

from sqlalchemy import select, update

from crm.database import UnitOfWork
from crm.errors import OutOfStock
from crm.model.product import CatalogueState, Product


async def lock(uow: UnitOfWork) -> None:
    """Let nobody else change a product until this unit of work ends."""
    await uow.session.execute(select(CatalogueState.version).with_for_update())


async def next_version(uow: UnitOfWork) -> int:
    """Count one more change of the catalogue; gives its version."""
    step = (
        update(CatalogueState)
        .values(version=CatalogueState.version + 1)
        .returning(CatalogueState.version)
        .execution_options(synchronize_session=False)
    )
    return int((await uow.session.execute(step)).scalar_one())


async def take(uow: UnitOfWork, quantities: Mapping[str, int]) -> None:
    """Take these many of each product out of stock. Raises OutOfStock; roll back then."""
    version = await next_version(uow)
    for sku, quantity in sorted(quantities.items()):
        taken = await uow.session.execute(
            update(Product)
            .where(Product.sku == sku, Product.stock >= quantity)
            .values(stock=Product.stock - quantity, changed_in=version, updated_at=uow.now())
            .returning(Product.sku)
            .execution_options(synchronize_session=False)
        )
        if taken.scalar_one_or_none() is None:
            left = await uow.session.scalar(select(Product.stock).where(Product.sku == sku))
            raise OutOfStock(sku, left or 0)


async def give_back(uow: UnitOfWork, quantities: Mapping[str, int]) -> None:
    """Put these many of each product back into stock, also of withdrawn ones."""
    version = await next_version(uow)
    for sku, quantity in sorted(quantities.items()):
        await uow.session.execute(
            update(Product)
            .where(Product.sku == sku)
            .values(stock=Product.stock + quantity, changed_in=version, updated_at=uow.now())
            .execution_options(synchronize_session=False)
        )
