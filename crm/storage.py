"""Bringing a database to the tables that this version needs; Alembic does the work.

Processes that start together may all call `migrate`: the first takes SQLite's write lock or an advisory lock
of PostgreSQL, and the others find the work done.
"""

from io import StringIO
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random

from crm.engines import migration_engine, parse_url
from crm.errors import StorageUnavailable
from crm.storage_errors import first_line

MIGRATIONS = Path(__file__).with_name("migrations")
# Any number, as long as every version of this program uses the same one.
ADVISORY_LOCK = 0x5061726C6579
PATIENCE_SECONDS = 20.0


async def migrate(url: str) -> None:
    """Upgrade the database at `url` to the newest tables, making the SQLite file when there is none.

    One transaction: when it fails, nothing is changed. Safe to call again, and by several processes at once.
    Raises InvalidInput for the URL, StorageUnavailable when the database can't be reached or stays locked.
    """
    engine = migration_engine(url)
    # Turning a new SQLite file's write-ahead log on doesn't wait for its turn: it fails, and is tried again.
    tries = AsyncRetrying(
        retry=retry_if_exception_type(OperationalError),
        stop=stop_after_delay(PATIENCE_SECONDS if engine.dialect.name == "sqlite" else 0),
        wait=wait_random(0.02, 0.2),
        reraise=True,
    )
    try:
        async for attempt in tries:
            with attempt:
                async with engine.begin() as connection:
                    await _upgrade(connection)
    except (DBAPIError, OSError) as exc:
        raise StorageUnavailable(f"the database can't be migrated: {first_line(exc)}") from exc
    finally:
        await engine.dispose()


async def is_current(url: str) -> bool:
    """Whether the database has exactly this version's tables. Raises as `migrate` does."""
    if _is_missing_file(url):
        return False
    engine = migration_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_revision) == script().get_current_head()
    except (DBAPIError, OSError) as exc:
        raise StorageUnavailable(f"the database is unavailable: {first_line(exc)}") from exc
    finally:
        await engine.dispose()


def config() -> Config:
    """Alembic's configuration: no file, nothing printed."""
    made = Config(stdout=StringIO())
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return made


def script() -> ScriptDirectory:
    """The migrations there are."""
    return ScriptDirectory.from_config(config())


async def _upgrade(connection: AsyncConnection) -> None:
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
    await connection.run_sync(_run)
    if connection.dialect.name == "sqlite":
        orphans = (await connection.exec_driver_sql("PRAGMA foreign_key_check")).all()
        if orphans:
            raise StorageUnavailable(f"the migration would leave rows that refer to nothing: {orphans[:3]}")


def _run(connection: Connection) -> None:
    made = config()
    made.attributes["connection"] = connection
    command.upgrade(made, "head")


def _is_missing_file(url: str) -> bool:
    """Whether the URL names a SQLite file that isn't there; connecting would make it."""
    parsed = parse_url(url)
    return parsed.drivername.startswith("sqlite") and not Path(parsed.database or "").exists()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
