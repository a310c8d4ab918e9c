"""What goes on beside the turns: taking up what was left, the queue's time-out, the outbox, unpaid orders.

Each job runs in its own loop, so a slow one holds up no other, and one that fails is reported and tried again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from connectors.errors import BotError
from connectors.gateway import phrases
from connectors.gateway.gateway import Gateway
from crm.errors import StorageUnavailable
from crm.services import conversations, deliveries, inbox, orders

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so many seconds; `bell` wakes it early."""

    name: str
    every: float
    run: Callable[[], Awaitable[object]]
    bell: asyncio.Event | None = None


class Housekeeping:
    """The gateway's background tasks. `run()` goes on until it is cancelled."""

    def __init__(self, gateway: Gateway, *, extra: tuple[Job, ...] = ()) -> None:
        self._gateway = gateway
        policy = gateway.policy
        self._jobs = (
            Job("recover", policy.recover_every, gateway.recover),
            Job("queue", policy.queue_every, self.expire_queue),
            Job("outbox", policy.outbox_every, gateway.delivering.pump, gateway.channels.ready),
            Job("forget", policy.forget_every, self.forget_ended, gateway.ended),
            Job("unpaid_orders", policy.shop_every, self.release_unpaid),
            Job("deliveries", policy.remember_every, self.forget_deliveries),
            *extra,
        )

    async def run(self) -> None:
        """Do every job at its time, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for job in self._jobs:
                group.create_task(self._repeat(job), name=f"housekeeping-{job.name}")

    async def expire_queue(self) -> int:
        """Apologise to those for whom nobody came in time, and give them back to the bot."""
        gateway = self._gateway
        async with gateway.database.write() as uow:
            before = uow.now() - timedelta(seconds=gateway.policy.queue_seconds)
            expired = await inbox.expire_queue(uow, before=before, content=phrases.NOBODY_FREE.to_content())
            if expired:
                await uow.commit()
        if expired:
            gateway.channels.ready.set()
        return len(expired)

    async def release_unpaid(self) -> int:
        """Give the stock of orders that were never paid back to the shop."""
        async with self._gateway.database.write() as uow:
            released = await orders.release_unpaid(uow, now=uow.now())
            if released:
                await uow.commit()
        return released

    async def forget_deliveries(self) -> int:
        """Forget the ids of deliveries that no channel repeats any more."""
        gateway = self._gateway
        async with gateway.database.write() as uow:
            before = uow.now() - timedelta(days=gateway.policy.remember_days)
            forgotten = await deliveries.forget(uow, before=before)
            if forgotten:
                await uow.commit()
        return forgotten

    async def forget_ended(self) -> int:
        """Have the bot erase its part of ended chats, until it has."""
        gateway = self._gateway
        async with gateway.database.read() as uow:
            ended = await conversations.unforgotten(uow)
        for conversation_id in ended:
            try:
                await gateway.bot.forget(conversation_id)
            except BotError as exc:
                log.warning("bot_has_not_forgotten", conversation=conversation_id, reason=str(exc))
                return 0
            async with gateway.database.write() as uow:
                await conversations.mark_forgotten(uow, conversation_id)
                await uow.commit()
        return len(ended)

    async def _repeat(self, job: Job) -> None:
        while True:
            try:
                await job.run()
            except StorageUnavailable:
                log.warning("housekeeping_waits_for_the_database", job=job.name)
            except Exception:
                log.exception("housekeeping_failed", job=job.name)
            await _pause(job)


async def _pause(job: Job) -> None:
    if job.bell is None:
        await asyncio.sleep(job.every)
        return
    try:
        async with asyncio.timeout(job.every):
            await job.bell.wait()
    except TimeoutError:
        return
    job.bell.clear()
