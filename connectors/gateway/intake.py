"""Deliveries of a channel that must neither be lost nor dealt with twice: claimed, acknowledged, then worked off.

take(deliveries)  claims them in the database; afterwards the channel may acknowledge
handle(delivery)  called once each, in order within a lane, lanes side by side; again after a crash or a failure

What `handle` does must be safe to do again: it names its messages to the gateway by the delivery's id.
"""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from connectors.errors import GatewayClosed
from connectors.gateway.sequence import Sequencer
from connectors.gateway.together import Together
from crm.database import Database
from crm.errors import StorageUnavailable
from crm.services import deliveries
from crm.services.deliveries import Delivered

log = structlog.get_logger(__name__)

Handle = Callable[[Delivered], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class IntakePolicy:
    """Seconds, unless the name says otherwise.

    `hold_seconds` is how long a claimed delivery belongs to this process. A failed one is tried again after
    `retry_first`, doubling to `retry_most`, and given up after `attempts`; while the database is away it isn't
    counted. `settle` is how long a lane that begins waits for what was overtaken on its way; `patience` is how long a
    delivery waits for an earlier one that a gap in the positions announces; 0 for channels that deliver in order.
    """

    side_by_side: int = 64
    hold_seconds: float = 120.0
    retry_first: float = 0.5
    retry_most: float = 30.0
    attempts: int = 5
    settle: float = 0.0
    patience: float = 0.0
    closing_seconds: float = 3.0


@dataclass(slots=True)
class _Lane:
    heap: list[tuple[int, str]] = field(default_factory=list)
    task: asyncio.Task[None] | None = None


class Intake:
    """One channel's deliveries in this process. `start()` and `close()` frame its life."""

    def __init__(
        self,
        database: Database,
        channel: str,
        handle: Handle,
        *,
        holder: str,
        policy: IntakePolicy | None = None,
    ) -> None:
        self._database = database
        self._together = Together(database)
        self._channel = channel
        self._handle = handle
        self._holder = holder
        self._policy = policy or IntakePolicy()
        self._lanes: dict[str, _Lane] = {}
        self._known: dict[str, Delivered] = {}
        self._gate = asyncio.Semaphore(self._policy.side_by_side)
        self._sequencer = Sequencer(self._policy.patience)
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many deliveries aren't dealt with yet."""
        return len(self._known)

    async def start(self) -> None:
        """Take up what an earlier process of this name left behind. Raises StorageUnavailable."""
        async with self._database.write() as uow:
            await deliveries.release(uow, self._channel, self._holder)
            await uow.commit()
        await self.recover()

    async def take(self, delivered: Sequence[Delivered]) -> int:
        """Claim deliveries; answers how many are new. Afterwards all of them may be acknowledged.

        Raises StorageUnavailable and GatewayClosed: then none may.
        """
        if self._closed:
            raise GatewayClosed
        async with self._database.write() as uow:
            new = await deliveries.claim(
                uow, self._channel, delivered, holder=self._holder, hold_for=self._hold_for
            )
            if new:
                await uow.commit()
        self._line_up(new)
        return len(new)

    async def recover(self) -> int:
        """Take up what is due; answers how many."""
        async with self._database.write() as uow:
            found = await deliveries.take_up(uow, self._channel, holder=self._holder, hold_for=self._hold_for)
            if found:
                await uow.commit()
        new = [one for one in found if one.delivery_id not in self._known]
        self._line_up(new)
        return len(new)

    async def close(self) -> None:
        """Take nothing more, let what is under way end for a moment; the rest is due for the next process."""
        self._closed = True
        tasks = [lane.task for lane in self._lanes.values() if lane.task]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self._policy.closing_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        try:
            async with self._database.write() as uow:
                if await deliveries.release(uow, self._channel, self._holder):
                    await uow.commit()
        except StorageUnavailable:
            log.warning("deliveries_not_released", channel=self._channel)

    @property
    def _hold_for(self) -> timedelta:
        return timedelta(seconds=self._policy.hold_seconds)

    def _line_up(self, new: Sequence[Delivered]) -> None:
        for one in new:
            self._known[one.delivery_id] = one
            self._sequencer.saw(one.position)
            lane = self._lanes.setdefault(one.lane, _Lane())
            heapq.heappush(lane.heap, (one.position, one.delivery_id))
            if lane.task is None and not self._closed:
                lane.task = asyncio.create_task(self._drain(one.lane, lane))

    async def _drain(self, name: str, lane: _Lane) -> None:
        try:
            if self._policy.settle:
                await asyncio.sleep(self._policy.settle)
            while lane.heap and not self._closed:
                await self._sequencer.wait_for_those_before(lane.heap[0][0])
                _, delivery_id = heapq.heappop(lane.heap)
                async with self._gate:
                    await self._work_off(self._known[delivery_id])
                del self._known[delivery_id]
        finally:
            lane.task = None
            if not lane.heap:
                self._lanes.pop(name, None)

    async def _work_off(self, one: Delivered) -> None:
        """Bring one delivery to its end. Faults of the handler and the database are met here."""
        failures, pause = one.attempts, self._policy.retry_first
        while (failed := await self._attempt(one)) is not None:
            failures += failed is not StorageUnavailable
            if failures >= self._policy.attempts:
                await self._give_up(one)
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._policy.retry_most)

    async def _attempt(self, one: Delivered) -> type[Exception] | None:
        """What kind of error it met, or None when it is done."""
        try:
            await self._handle(one)
            await self._finish(one)
        except StorageUnavailable:
            log.warning("delivery_waits_for_the_database", channel=self._channel)
            return StorageUnavailable
        except Exception as exc:
            log.exception("delivery_failed", channel=self._channel)
            return type(exc)
        return None

    async def _finish(self, one: Delivered, *, failed: bool = False) -> None:
        await self._together.write(
            lambda uow: deliveries.finish(uow, self._channel, one.delivery_id, failed=failed)
        )

    async def _give_up(self, one: Delivered) -> None:
        log.error("delivery_given_up", channel=self._channel, delivery=one.delivery_id)
        try:
            await self._finish(one, failed=True)
        except StorageUnavailable:
            log.warning("giving_up_not_stored", channel=self._channel)
