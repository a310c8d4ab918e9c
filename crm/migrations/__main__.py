"""`python -m crm.migrations "what changes"`: writes the migration that brings the tables to the models.

It compares the models with a throw-away SQLite file that has all migrations so far. Read what it wrote: it
sees tables, columns, indexes and constraints, but no triggers, no renames and no data.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from crm.engines import migration_engine
from crm.storage import config, migrate


def _write(connection: Connection, message: str) -> None:
    made = config()
    made.attributes["connection"] = connection
    command.revision(made, message=message, autogenerate=True)


async def main(message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'models.db'}"
        await migrate(url)
        engine = migration_engine(url)
        async with engine.connect() as connection:
            await connection.run_sync(_write, message)
        await engine.dispose()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit('usage: python -m crm.migrations "what changes"')
    asyncio.run(main(sys.argv[1]))
