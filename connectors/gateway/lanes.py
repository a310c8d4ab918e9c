"""Order: within a conversation one message after the other, conversations side by side.

A lane is a conversation's messages that await their turn, lowest `seq` first. Its task lives while there are any.
A turn that failed stays at the head and is repeated, after a pause or as soon as the customer writes again or the
database is back, so nothing overtakes it; those who wait are told at once.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from connectors.gateway.policy import GatewayPolicy
from connectors.gateway.turns import Outcome, still_pending
from crm.services.conversation_views import PendingTurn

log = structlog.get_logger(__name__)


@dataclass(order=True, slots=True)
class Waiting:
    """A message in its lane. `fresh`: what `turn` says of the owner was read just now."""

    seq: int
    turn: PendingTurn = field(compare=False)
    fresh: bool = field(compare=False)
    outcome: asyncio.Future[Outcome] = field(compare=False)
    told: bool = field(compare=False, default=False)

    def settle(self, outcome: Outcome) -> None:
        """Tell whoever waits for it; the first word counts."""
        if not self.outcome.done():
            self.outcome.set_result(outcome)


Perform = Callable[["Lane", Waiting], Awaitable[None]]


class Lane:
    """The messages of one conversation that await their turn."""

    def __init__(self) -> None:
        self.intake = asyncio.Lock()
        self.guests = 0
        self.heap: list[Waiting] = []
        self.arrival = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    async def pause(self, seconds: float) -> None:
        """Sleep, but not longer than until the customer writes again or the cause is gone."""
        self.arrival.clear()
        try:
            async with asyncio.timeout(seconds):
                await self.arrival.wait()
        except TimeoutError:
            return


class Lanes:
    """All lanes of this process. `perform` brings one message to its end and never raises but when cancelled."""

    def __init__(self, perform: Perform, *, policy: GatewayPolicy) -> None:
        self._perform = perform
        self._policy = policy
        self._lanes: dict[str, Lane] = {}

    @asynccontextmanager
    async def intake(self, conversation_id: str) -> AsyncIterator[Lane]:
        """Storing and lining up a message, one at a time per conversation, so that lines keep stored order."""
        lane = self._lanes.get(conversation_id)
        if lane is None:
            lane = self._lanes[conversation_id] = Lane()
        lane.guests += 1
        try:
            async with lane.intake:
                yield lane
        finally:
            lane.guests -= 1
            self._tidy(conversation_id, lane)

    def put(self, lane: Lane, turn: PendingTurn, *, fresh: bool) -> Waiting:
        """Line a message up; one that waits already is answered as it is."""
        for known in lane.heap:
            if known.turn.message_id == turn.message_id:
                return known
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        waiting = Waiting(turn.seq, turn, fresh and not lane.heap, future)
        heapq.heappush(lane.heap, waiting)
        lane.arrival.set()
        if lane.task is None:
            lane.task = asyncio.create_task(self._drain(turn.conversation_id, lane))
        return waiting

    def find(self, conversation_id: str, message_id: str) -> Waiting | None:
        """A message that waits or is being answered in this process."""
        lane = self._lanes.get(conversation_id)
        waiting = lane.heap if lane else []
        return next((item for item in waiting if item.turn.message_id == message_id), None)

    def wake(self) -> None:
        """Repeat at once what failed and pauses: the cause is gone."""
        for lane in self._lanes.values():
            lane.arrival.set()

    async def close(self) -> None:
        """Let turns under way end for a moment, then stop; what isn't answered is pending in the database."""
        tasks = [lane.task for lane in self._lanes.values() if lane.task]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=self._policy.closing_seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _drain(self, conversation_id: str, lane: Lane) -> None:
        try:
            while lane.heap:
                head = lane.heap[0]
                try:
                    await self._perform(lane, head)
                except Exception:
                    # A fault of ours must not silence the conversation: the message is taken up again later.
                    log.exception("turn_broke", conversation=conversation_id)
                    head.settle(still_pending())
                lane.heap.remove(head)
                heapq.heapify(lane.heap)
        finally:
            for item in lane.heap:
                item.settle(still_pending())
            lane.heap.clear()
            lane.task = None
            self._tidy(conversation_id, lane)

    def _tidy(self, conversation_id: str, lane: Lane) -> None:
        idle = lane.task is None and not lane.heap and not lane.guests
        if idle and self._lanes.get(conversation_id) is lane:
            del self._lanes[conversation_id]
