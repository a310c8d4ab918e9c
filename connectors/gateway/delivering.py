"""Taking stored messages to customers: in order within a conversation, conversations side by side.

A message that a channel doesn't take is sent again after a growing pause; meanwhile only its own conversation
waits. One that can never be taken is marked so, and the conversation goes on with the next.
"""

import asyncio
from collections import OrderedDict
from datetime import timedelta

import structlog

from connectors.errors import Undeliverable
from connectors.gateway.channels import Channels
from connectors.gateway.events import Hub, MessageStored, StatusChanged
from connectors.gateway.policy import GatewayPolicy
from connectors.gateway.together import Together
from crm.database import Database, UnitOfWork
from crm.errors import StorageUnavailable
from crm.services import conversations, outbox
from crm.services.conversation_views import MessageView

log = structlog.get_logger(__name__)
REMEMBERED = 2000


class Delivering:
    """The outbox at work. `pump()` looks what is ready and returns; what it found leaves by itself."""

    def __init__(self, database: Database, *, channels: Channels, hub: Hub, policy: GatewayPolicy) -> None:
        self._database = database
        self._together = Together(database)
        self._channels = channels
        self._hub = hub
        self._policy = policy
        self._gate = asyncio.Semaphore(policy.deliveries_side_by_side)
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._failures: dict[str, int] = {}
        self._left: OrderedDict[str, None] = OrderedDict()
        self._awaited: dict[str, asyncio.Event] = {}

    async def pump(self) -> int:
        """Begin to deliver what is ready; answers how many conversations. Raises StorageUnavailable."""
        async with self._database.read() as uow:
            waiting = await outbox.undelivered(uow, self._channels.names, busy=tuple(self._busy))
        found: dict[str, list[tuple[str, MessageView]]] = {}
        for channel, message in waiting:
            found.setdefault(message.conversation_id, []).append((channel, message))
        for conversation_id, messages in found.items():
            if conversation_id not in self._busy:
                messages.sort(key=lambda one: one[1].seq)
                self._busy[conversation_id] = asyncio.create_task(self._deliver(conversation_id, messages))
        return len(found)

    async def left(self, message_id: str, *, within: float) -> None:
        """Return when this message has left (or never will), or after so many seconds."""
        if message_id in self._left:
            return
        event = self._awaited.setdefault(message_id, asyncio.Event())
        try:
            async with asyncio.timeout(within):
                await event.wait()
        except TimeoutError:
            log.info("message_leaves_late", message=message_id)
        finally:
            self._awaited.pop(message_id, None)

    async def close(self) -> None:
        """Let what is on its way arrive, for a moment; the rest is ready still for the next process."""
        tasks = tuple(self._busy.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=self._policy.closing_seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _deliver(self, conversation_id: str, messages: list[tuple[str, MessageView]]) -> None:
        try:
            for channel, message in messages:
                async with self._gate:
                    arrived = await self._one(channel, message)
                if not arrived:
                    await self._pause(conversation_id)
                    break
                self._failures.pop(conversation_id, None)
            await self._announce(conversation_id)
        except StorageUnavailable:
            log.warning("delivering_waits_for_the_database", conversation=conversation_id)
            await asyncio.sleep(self._policy.deliver_first)
        except Exception:
            log.exception("delivering_broke", conversation=conversation_id)
            await self._pause(conversation_id)
        finally:
            del self._busy[conversation_id]
            self._channels.ready.set()

    async def _one(self, channel: str, message: MessageView) -> bool:
        """Send and mark one message; whether the next may follow."""
        where = message.conversation_id
        try:
            await self._channels.deliver(message, channel)
        except Undeliverable as exc:
            log.warning("message_undeliverable", conversation=where, channel=channel, reason=str(exc))
            await self._mark(message, failed=True)
            return True
        except StorageUnavailable:
            raise
        except Exception:
            log.warning("delivery_failed", conversation=where, channel=channel, exc_info=True)
            if not self._too_old(message):
                return False
            log.error("delivery_given_up", conversation=where, channel=channel)  # noqa: TRY400 - told above
            await self._mark(message, failed=True)
            return True
        await self._mark(message)
        self._hub.publish(where, MessageStored(message))
        return True

    async def _mark(self, message: MessageView, *, failed: bool = False) -> None:
        async def note(uow: UnitOfWork) -> None:
            if failed:
                await outbox.mark_failed(uow, message.id)
            else:
                await outbox.mark_delivered(uow, (message.id,))

        await self._together.write(note)
        self._left[message.id] = None
        while len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        if (event := self._awaited.get(message.id)) is not None:
            event.set()

    async def _announce(self, conversation_id: str) -> None:
        """Tell listeners who owns the conversation now: what other processes stored may have changed that."""
        async with self._database.read() as uow:
            found = await conversations.get(uow, conversation_id)
        if found is None:
            log.info("conversation_ended_meanwhile", conversation=conversation_id)
            return
        self._hub.publish(conversation_id, StatusChanged(found.status, found.assignee))

    async def _pause(self, conversation_id: str) -> None:
        failures = self._failures[conversation_id] = self._failures.get(conversation_id, 0) + 1
        await asyncio.sleep(min(self._policy.deliver_first * 2 ** (failures - 1), self._policy.deliver_most))

    def _too_old(self, message: MessageView) -> bool:
        age = self._database.read().now() - message.created_at
        return age > timedelta(hours=self._policy.deliver_hours)
