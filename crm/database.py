"""Where the CRM's rows live: SQLite by default, PostgreSQL by URL, one unit of work for both.

Reading and writing are told apart because SQLite has one writer: a write transaction takes the lock when it
begins (`BEGIN IMMEDIATE`), so it waits its turn instead of failing half-way, and a process's writers queue
for one connection instead of polling for the lock. See docs/adr/0030 and 0031.
"""

import asyncio
from datetime import datetime
from types import TracebackType
from typing import Self

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from crm.clock import Clock, utcnow
from crm.engines import Engines, connect_engines
from crm.policy import ShopPolicy
from crm.storage_errors import translate


class UnitOfWork:
    """One transaction. What isn't committed when the block ends is rolled back.

    Services take it as their first argument and never commit. It also carries what they decide by: the
    shop's `policy` and the time, `now()`. A database that is away leaves the block as StorageUnavailable, one
    without our tables as StorageOutdated, whatever the driver called it.
    """

    session: AsyncSession

    def __init__(
        self, engine: AsyncEngine, *, clock: Clock, policy: ShopPolicy, closing: set[asyncio.Task[None]]
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._closing = closing
        self.policy = policy

    def now(self) -> datetime:
        """The time, aware and in UTC."""
        return self._clock()

    async def commit(self) -> None:
        """Make everything since the beginning (or the last commit) durable."""
        await self.session.commit()

    async def rollback(self) -> None:
        """Forget everything since the beginning (or the last commit)."""
        await self.session.rollback()

    async def __aenter__(self) -> Self:
        self.session = AsyncSession(self._engine, expire_on_commit=False)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._engine.dialect.name == "sqlite":
            await self.session.close()  # never waits, so it can't be cancelled half-way
        else:
            # Shielded: a cancelled turn must still give its connection back, with its lock.
            closing = asyncio.create_task(self.session.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
            await asyncio.shield(closing)
        ours = translate(error)
        if ours is not None:
            raise ours from error


class Database:
    """The CRM's database. Making one does no I/O; the first unit of work connects."""

    def __init__(self, engines: Engines, *, clock: Clock, policy: ShopPolicy) -> None:
        self._engines = engines
        self._clock = clock
        self._closing: set[asyncio.Task[None]] = set()
        self.policy = policy

    @classmethod
    def connect(cls, url: str, *, clock: Clock = utcnow, policy: ShopPolicy | None = None) -> Self:
        """The database at `url`, as an operator writes it: `sqlite:///var/parley.db`, `postgresql://…`.

        Raises InvalidInput when the URL is malformed or names another kind of database.
        """
        return cls(connect_engines(url), clock=clock, policy=policy or ShopPolicy())

    def read(self) -> UnitOfWork:
        """A unit of work that sees one consistent state and can't write: trying to is an error."""
        return self._unit_of_work(self._engines.reader)

    def write(self, *, redone: bool = False) -> UnitOfWork:
        """A unit of work that writes when `commit()` is awaited. Never open one inside another.

        `redone`: should a power cut take the commit back, the same will be written again by itself (the message is
        still pending), so it needn't wait for the disk. A process that is killed loses nothing either way.
        """
        return self._unit_of_work(self._engines.redoer if redone else self._engines.writer)

    async def close(self) -> None:
        """Give all connections back, those too of units of work that were cancelled a moment ago."""
        await asyncio.gather(*self._closing, return_exceptions=True)
        await self._engines.dispose()

    def _unit_of_work(self, engine: AsyncEngine) -> UnitOfWork:
        return UnitOfWork(engine, clock=self._clock, policy=self.policy, closing=self._closing)
