"""Small writes of many tasks in one transaction: each waits until its own is committed, and few commits are needed.

A commit waits for the disk. While one does, whatever else is to be written gathers, and goes with the next.
"""

import asyncio
from collections.abc import Awaitable, Callable

from crm.database import Database, UnitOfWork

Write = Callable[[UnitOfWork], Awaitable[None]]


class Together:
    """For writes that can't fail by themselves (marking rows), since a failure is everybody's of that commit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[Write, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, act: Write) -> None:
        """Return when it is committed. Raises StorageUnavailable when it isn't."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((act, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        await done

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                error = await self._commit([act for act, _ in batch])
                for _, done in batch:
                    if done.done():  # whoever waited was cancelled
                        continue
                    if error is None:
                        done.set_result(None)
                    else:
                        done.set_exception(error)
        finally:
            self._writing = None

    async def _commit(self, acts: list[Write]) -> Exception | None:
        try:
            async with self._database.write() as uow:
                for act in acts:
                    await act(uow)
                await uow.commit()
        except Exception as exc:
            return exc
        return None
