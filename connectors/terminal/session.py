"""One conversation in one terminal: says what is typed, prints what is new, whoever wrote it."""

import asyncio
import uuid

from rich.console import Console

from connectors.errors import ConnectorError, MessageRefused
from connectors.gateway import Gateway
from connectors.terminal.inbound import CHANNEL, to_inbound
from connectors.terminal.render import Offer, to_terminal
from crm.errors import StorageUnavailable
from crm.services import identities, outbox
from crm.services.conversation_views import MessageView

EARLIER = 12
LOOK_EVERY = 0.5
UNAVAILABLE = "The assistant can't be reached right now. Is Parley running? (parley status)"


class TerminalChannel:
    """Nothing is carried to a terminal: it reads the transcript, as the web does."""

    name = CHANNEL
    reads_transcript = True

    async def deliver(self, message: MessageView) -> None:
        """Nothing to do."""


class Session:
    """`who` is the account on this machine; their conversation is found again the next time."""

    def __init__(self, gateway: Gateway, console: Console, *, who: str) -> None:
        self._gateway = gateway
        self._console = console
        self._who = who
        self._conversation_id = ""
        self._cursor = 0
        self._offered: dict[int, Offer] = {}
        self._printing = asyncio.Lock()

    async def open(self, *, new: bool = False) -> bool:
        """Find the conversation, or begin one; prints how it stood. Answers whether there was one."""
        async with self._gateway.database.write() as uow:
            found = await identities.reach(uow, CHANNEL, self._who)
            if new and not found.new:
                begun = await identities.begin(uow, CHANNEL, found.identity_id)
            else:
                begun = found.conversation_id
            await uow.commit()
        self._conversation_id = begun
        known = await self._gateway.conversation(begun)
        self._cursor = max(0, known.last_seq - EARLIER)
        await self.look(own_too=True)
        return known.last_seq > 0

    async def say(self, line: str) -> None:
        """Say or press what was typed, and print the answer; a refusal is printed too."""
        offered = {number: one.choice for number, one in self._offered.items()}
        inbound = to_inbound(
            line, offered, conversation_id=self._conversation_id, delivery_id=str(uuid.uuid4())
        )
        try:
            await self._gateway.answer(await self._gateway.receive(inbound))
            await self.look()
        except MessageRefused as exc:
            self._console.print(exc.sentence, style="yellow", markup=False)
        except (ConnectorError, StorageUnavailable):
            self._console.print(UNAVAILABLE, style="red", markup=False)

    async def look(self, *, own_too: bool = False) -> None:
        """Print what is in the transcript after what was printed last."""
        async with self._printing:
            found = await self._gateway.history(self._conversation_id, after=self._cursor, limit=200)
            shown = [one for one in found.messages if own_too or one.direction != "in"]
            if any(one.direction == "out" for one in shown):
                self._offered = {}
            for message in shown:
                lines, offers = to_terminal(message, after=len(self._offered))
                for line in lines:
                    self._console.print(line)
                self._offered |= {one.number: one for one in offers}
            self._cursor = max(self._cursor, found.cursor)
            await self._mark([one.id for one in found.messages if one.state == "ready"])

    async def follow(self) -> None:
        """Print what others write (an agent, a late answer), until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.look()
            except (ConnectorError, StorageUnavailable):
                continue

    async def _mark(self, ids: list[str]) -> None:
        if not ids:
            return
        async with self._gateway.database.write() as uow:
            await outbox.mark_delivered(uow, ids)
            await uow.commit()
