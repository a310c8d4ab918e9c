"""Making the schema in a new database, from code that has no event loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import crm.model
from crm.database import Database


async def _create(url: str) -> None:
    database = Database.connect(url)
    async with database.write() as uow:
        connection = await uow.session.connection()
        await connection.run_sync(crm.model.Base.metadata.create_all)
        await uow.commit()
    await database.close()


def create_schema(url: str) -> None:
    """Bring the database at `url` to the current schema. In a thread, away from a test's event loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, _create(url)).result()
