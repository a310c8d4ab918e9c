"""What happens in a conversation, for those who show it; and the hub that tells them, in this process."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from crm.services.conversation_views import MessageView

QUEUE_LENGTH = 256


@dataclass(frozen=True, slots=True)
class MessageStored:
    """A message that the customer may see is in the transcript."""

    message: MessageView


@dataclass(frozen=True, slots=True)
class Typing:
    """The bot works on an answer, or stopped. Showing it must expire by itself after `expires_in` seconds."""

    on: bool
    expires_in: int = 12


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The conversation has a new owner; `assignee` is an agent's name."""

    status: str
    assignee: str | None = None


@dataclass(frozen=True, slots=True)
class NotStored:
    """Something to tell the customer that the transcript couldn't take: only who listens now reads it."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The chat was ended and its transcript erased."""


Event = MessageStored | Typing | StatusChanged | NotStored | Ended


class Subscription:
    """One listener's events, in order. A listener that is too slow overflows and gets no more."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(QUEUE_LENGTH + 1)
        self.overflowed = False

    def put(self, event: Event) -> None:
        """Never blocks, so a dead listener can't hold up a conversation."""
        if self.overflowed:
            return
        if self._queue.qsize() >= QUEUE_LENGTH:
            self.overflowed = True
            self._queue.put_nowait(None)
            return
        self._queue.put_nowait(event)

    async def next(self) -> Event | None:
        """The next event; None when events were lost: read the transcript instead."""
        return await self._queue.get()


class Hub:
    """Tells the listeners of a conversation what happens in it."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[Subscription]] = defaultdict(set)

    @contextmanager
    def subscribe(self, conversation_id: str) -> Iterator[Subscription]:
        """Listen while the block lasts."""
        subscription = Subscription()
        self._listeners[conversation_id].add(subscription)
        try:
            yield subscription
        finally:
            listeners = self._listeners[conversation_id]
            listeners.discard(subscription)
            if not listeners:
                del self._listeners[conversation_id]

    def publish(self, conversation_id: str, event: Event) -> None:
        """Tell everybody who listens; nobody is fine."""
        for subscription in tuple(self._listeners.get(conversation_id, ())):
            subscription.put(event)
