"""SQLAlchemy's engines, set up so that reading and writing keep their promises on each database."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from crm import sqlite_inline
from crm.errors import InvalidInput

# How long a writer waits for another process's; an operator may add ?timeout=… to the URL.
BUSY_TIMEOUT_SECONDS = 5
POOL_TIMEOUT_SECONDS = 8
SQLITE_READERS = 4
# What a commit waits for; the first is the default. `normal` may lose the last commits with the power, never
# with the process. An operator may add ?synchronous=… to the URL.
SYNCHRONOUS = ("full", "normal", "extra")
POSTGRES_CONNECTIONS = 10

# A connection that a client holds open mid-transaction would block others for ever; a statement that takes
# longer than a customer waits is given up.
POSTGRES_OPTIONS = "-c timezone=UTC -c statement_timeout=10s -c idle_in_transaction_session_timeout=60s"
# Some servers are set up to answer a commit before it is on disk. A message is acknowledged when it is stored, so we
# wait for it; a server that waits for more (its standbys) is left as it is.
POSTGRES_KEEPS_COMMITS = """
    SELECT set_config('synchronous_commit', 'on', false)
    FROM pg_settings WHERE name = 'synchronous_commit' AND setting = 'off'
"""


@dataclass(frozen=True)
class Engines:
    """One engine to read with and one to write with; on PostgreSQL they share their connections.

    `redoer` writes with the writer's connections what would be done again after a power cut: its commits don't wait for
    SQLite's disk.
    """

    reader: AsyncEngine
    writer: AsyncEngine
    redoer: AsyncEngine

    async def dispose(self) -> None:
        await self.reader.dispose()
        await self.writer.dispose()


def parse_url(url: str) -> URL:
    """The URL with the driver that is used here, whichever spelling the operator chose."""
    try:
        parsed = make_url(url)
    except ArgumentError as exc:
        raise InvalidInput("DATABASE_URL", url, "write sqlite:///var/parley.db or postgresql://…") from exc
    kind = parsed.drivername.split("+")[0]
    if kind == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise InvalidInput("DATABASE_URL", url, "name a file, such as sqlite:///var/parley.db")
        if str(parsed.query.get("synchronous", SYNCHRONOUS[0])).lower() not in SYNCHRONOUS:
            fix = f"write ?synchronous= one of {', '.join(SYNCHRONOUS)}"
            raise InvalidInput("DATABASE_URL", parsed.query["synchronous"], fix)
        return parsed.set(drivername=sqlite_inline.NAME)
    if kind in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise InvalidInput("DATABASE_URL", parsed.drivername, "use sqlite:///… or postgresql://…")


def connect_engines(url: str) -> Engines:
    """Engines for an operator's database URL. No I/O."""
    parsed = parse_url(url)
    return _sqlite(parsed) if parsed.drivername.startswith("sqlite") else _postgres(parsed)


def migration_engine(url: str) -> AsyncEngine:
    """An engine to change tables with: no time limit, and SQLite's foreign keys not enforced.

    SQLite changes a table by copying it and dropping the old one, which would take the rows that refer to it
    along; the migration checks the keys at its end instead.
    """
    parsed = parse_url(url)
    if parsed.drivername.startswith("sqlite"):
        return _sqlite_engine(parsed, "BEGIN IMMEDIATE", size=1, foreign_keys=False)
    return create_async_engine(
        parsed, pool_size=1, connect_args={"connect_timeout": 5, "options": "-c timezone=UTC"}
    )


def _sqlite(url: URL) -> Engines:
    reader = _sqlite_engine(url, "BEGIN", size=SQLITE_READERS, read_only=True)
    writer = _sqlite_engine(url, "BEGIN IMMEDIATE", size=1)
    return Engines(reader, writer, writer.execution_options(synchronous="normal"))


def _sqlite_engine(
    url: URL, begin: str, *, size: int, read_only: bool = False, foreign_keys: bool = True
) -> AsyncEngine:
    patience = float(str(url.query.get("timeout", BUSY_TIMEOUT_SECONDS)))
    synchronous = str(url.query.get("synchronous", SYNCHRONOUS[0]))
    engine = create_async_engine(
        url.difference_update_query(["synchronous", "timeout"]),
        begin=begin,
        patience=patience,
        synchronous=synchronous,
        pool_size=size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        hide_parameters=True,
        # The driver begins no transactions of its own (it would begin late, and never IMMEDIATE); the dialect does.
        connect_args={
            "factory": sqlite_inline.InlineConnection,
            "isolation_level": None,
            "timeout": 0,
            "check_same_thread": False,
        },
    )
    folder = Path(url.database or "").parent
    pragmas = [
        "journal_mode = WAL",
        f"synchronous = {synchronous}",
        f"foreign_keys = {'ON' if foreign_keys else 'OFF'}",
        f"query_only = {'ON' if read_only else 'OFF'}",
    ]

    @event.listens_for(engine.sync_engine, "do_connect")
    def make_folder(*_: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)

    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def _postgres(url: URL) -> Engines:
    writer = create_async_engine(
        url,
        pool_size=POSTGRES_CONNECTIONS,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"connect_timeout": 5, "options": POSTGRES_OPTIONS},
    )

    @event.listens_for(writer.sync_engine, "connect")
    def keep_commits(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(POSTGRES_KEEPS_COMMITS)
        cursor.close()
        connection.commit()

    reader = writer.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
    return Engines(reader, writer, writer)
