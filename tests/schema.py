"""Making the schema in a new database, from code that has no event loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from crm.storage import migrate


def create_schema(url: str) -> None:
    """Migrate the database at `url`. In a thread, away from a test's event loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, migrate(url)).result()
