"""The channels that a gateway serves, and how a stored message leaves on each."""

import asyncio
from typing import Protocol

from crm.services.conversation_views import MessageView


class Channel(Protocol):
    """A way to reach customers.

    `reads_transcript`: its clients read the transcript from a cursor, so that what is stored needs no delivery
    (the web). Otherwise `deliver` sends one message; it is called in order within a conversation, again after
    it raised, and so possibly twice for one message. To whom it goes: `crm.services.identities.of_conversation`.
    """

    name: str
    reads_transcript: bool

    async def deliver(self, message: MessageView) -> None:
        """Send one message to the customer.

        Raises Undeliverable when it never will be; whatever else it raises, it is tried again after a pause.
        """


class WebChannel:
    """The web: its sockets are told through the hub, and read from their cursor what they missed."""

    name = "web"
    reads_transcript = True

    async def deliver(self, message: MessageView) -> None:
        """Nothing to do: the hub has told who is connected, and the transcript has it for the others."""


class Channels:
    """The channels by name, and the bell that wakes the outbox."""

    def __init__(self, *channels: Channel) -> None:
        self._by_name = {channel.name: channel for channel in channels}
        self.ready = asyncio.Event()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all channels."""
        return tuple(self._by_name)

    def reads_transcript(self, name: str) -> bool:
        """Whether a stored message counts as delivered. A channel that isn't served here: no."""
        channel = self._by_name.get(name)
        return channel is not None and channel.reads_transcript

    def nudge(self, name: str) -> None:
        """There may be something to deliver on this channel."""
        if not self.reads_transcript(name):
            self.ready.set()

    async def deliver(self, message: MessageView, channel: str) -> None:
        """Send one message on its channel."""
        await self._by_name[channel].deliver(message)
