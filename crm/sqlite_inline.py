"""SQLite behind SQLAlchemy's asyncio interface, without a thread for each statement.

A statement on a local file takes microseconds; handing it to another thread and back takes ten times that, and more
when the two fight over the interpreter. So statements run where they are awaited, and only what may wait runs in a
thread: a commit (for the disk) and a writer's turn (for another process's lock). docs/adr/0033 has the figures.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL
from sqlalchemy.engine.characteristics import ConnectionCharacteristic
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import AsyncAdaptedQueuePool, Pool
from sqlalchemy.util import await_only

NAME = "sqlite+inline"
CHECKPOINT_PAGES = 1000
"""SQLite's own number of pages in the log from which a commit moves it into the database."""
SYNCHRONOUS = ("off", "normal", "full", "extra")
"""SQLite's names by its numbers."""


class InlineCursor(sqlite3.Cursor):
    """A cursor that SQLAlchemy may leave open behind a result whose rows it hasn't all read."""

    async def _async_soft_close(self) -> None:
        """Nothing to wait for: the rows are in this process."""


class InlineConnection(sqlite3.Connection):
    """Gives cursors of our kind. `waits` says whether a commit waits for the disk."""

    waits = True

    def cursor(self, *_: Any) -> InlineCursor:  # type: ignore[override]  # always the same factory
        return super().cursor(InlineCursor)


class Synchronous(ConnectionCharacteristic):
    """The execution option `synchronous`: what a connection's commits wait for until it goes back to the pool.

    Those that wait for nothing leave it to the others to move the log into the database, which waits for the disk.
    """

    def set_characteristic(self, dialect: Any, dbapi_conn: Any, value: str) -> None:
        dbapi_conn.execute(f"PRAGMA synchronous = {value}")
        dbapi_conn.waits = value not in ("off", "normal")
        if not dbapi_conn.waits:
            dbapi_conn.execute("PRAGMA wal_autocheckpoint = 0")

    def reset_characteristic(self, dialect: Any, dbapi_conn: Any) -> None:
        dbapi_conn.execute(f"PRAGMA synchronous = {dialect.synchronous}")
        dbapi_conn.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        dbapi_conn.waits = True

    def get_characteristic(self, dialect: Any, dbapi_conn: Any) -> str:
        return SYNCHRONOUS[dbapi_conn.execute("PRAGMA synchronous").fetchone()[0]]


class InlineSqlite(SQLiteDialect_pysqlite):
    """`begin` is the statement that begins a transaction; `patience` (seconds) is how long it may wait for the lock;
    `synchronous` is what commits wait for unless a connection is told otherwise.

    The driver's own busy time-out must be 0, so that nothing but `begin` waits, and that in a thread.
    """

    driver = "inline"
    is_async = True
    supports_statement_cache = True
    connection_characteristics = SQLiteDialect_pysqlite.connection_characteristics.union(
        {"synchronous": Synchronous()}
    )

    def __init__(
        self, begin: str = "BEGIN", patience: float = 0.0, synchronous: str = "full", **options: Any
    ) -> None:
        super().__init__(**options)
        self._begin = begin
        self._patience = patience
        self.synchronous = synchronous

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:
        return AsyncAdaptedQueuePool

    def get_driver_connection(self, connection: DBAPIConnection) -> Any:
        return connection

    def do_begin(self, dbapi_connection: Any) -> None:
        try:
            dbapi_connection.execute(self._begin)
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            await_only(_in_thread(lambda: self._begin_patiently(dbapi_connection)))

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        await_only(_at_once())
        cursor.execute(statement, parameters)

    def do_executemany(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        await_only(_at_once())
        cursor.executemany(statement, parameters)

    def do_commit(self, dbapi_connection: Any) -> None:
        if not dbapi_connection.in_transaction:
            return
        if dbapi_connection.waits:
            await_only(_in_thread(dbapi_connection.commit))
        else:
            dbapi_connection.commit()

    def _begin_patiently(self, connection: Any) -> None:
        connection.execute(f"PRAGMA busy_timeout = {int(self._patience * 1000)}")
        try:
            connection.execute(self._begin)
        finally:
            connection.execute("PRAGMA busy_timeout = 0")


async def _at_once() -> None:
    """SQLAlchemy takes a driver that never awaits for one that doesn't fit asyncio."""


async def _in_thread(work: Callable[[], object]) -> None:
    """Run it to its end even when the caller is cancelled: a connection must not be used by two at once."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


registry.register("sqlite.inline", __name__, InlineSqlite.__name__)
