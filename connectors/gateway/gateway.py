"""The gateway: what channels call. It stores, then acknowledges, then answers.

receive(inbound) -> Receipt      stored (or recognised as stored before): may be acknowledged
receive(inbound, reply=…)        the same, answered by the channel itself while the bot owns the conversation
answer(receipt)  -> Outcome      what became of it, within the budget of a turn
correspondent(channel, who)      who this account is, and the conversation that they are in
"""

import asyncio
import uuid
from dataclasses import dataclass
from datetime import timedelta

import structlog

from connectors.errors import (
    ChoiceMalformed,
    ChoiceNotOffered,
    ConversationUnknown,
    GatewayClosed,
    MessageEmpty,
    MessageTooLong,
    MovedAway,
)
from connectors.gateway import commands, phrases
from connectors.gateway.answering import Answering, settled
from connectors.gateway.channels import Channel, Channels, WebChannel
from connectors.gateway.delivering import Delivering
from connectors.gateway.events import Ended, Hub, MessageStored
from connectors.gateway.lanes import Lane, Lanes, Waiting
from connectors.gateway.policy import GatewayPolicy
from connectors.gateway.text import cleaned
from connectors.gateway.turns import Outcome, Turns
from connectors.messages import InboundMessage, Reply, offers, parse_choice_id
from connectors.rasa import Bot
from crm.database import Database, UnitOfWork
from crm.errors import ConversationMoved, NotFound, StorageUnavailable
from crm.services import conversations, identities, links, pending_turns
from crm.services.conversation_views import (
    Accepted,
    ConversationView,
    MessageView,
    PendingTurn,
    Role,
    Transcript,
)
from crm.services.identities import Correspondent

log = structlog.get_logger(__name__)
POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a message is stored as `seq`. `repeated`: it was before this delivery."""

    message_id: str
    conversation_id: str
    seq: int
    status: str
    repeated: bool
    waiting: Waiting | None = None


class Gateway:
    """Between the channels and the bot. `start()` and `close()` frame its life.

    `holder` names this process among those that share the database; keep it the same across restarts, and a
    new process takes up at once what the old one left unanswered instead of after `policy.hold_seconds`.
    """

    def __init__(
        self,
        database: Database,
        bot: Bot,
        *,
        policy: GatewayPolicy | None = None,
        channels: tuple[Channel, ...] = (),
        holder: str | None = None,
    ) -> None:
        self.database = database
        self.bot = bot
        self.policy = policy or GatewayPolicy()
        self.hub = Hub()
        self.channels = Channels(WebChannel(), *channels)
        self.holder = holder or uuid.uuid4().hex
        turns = Turns(database, bot, hub=self.hub, channels=self.channels, policy=self.policy)
        self._answering = Answering(
            database,
            turns,
            hub=self.hub,
            channels=self.channels,
            policy=self.policy,
            holder=self.holder,
        )
        self._lanes = Lanes(self._answering, policy=self.policy)
        self.delivering = Delivering(database, channels=self.channels, hub=self.hub, policy=self.policy)
        self.ended = asyncio.Event()
        self._closed = False
        self._storage_away = False

    async def start_conversation(
        self, *, channel: str, role: Role = "customer", locale: str | None = None
    ) -> str:
        """Begin a conversation; answers its id. Raises StorageUnavailable."""
        async with self.database.write() as uow:
            conversation_id = await conversations.start(uow, channel=channel, role=role, locale=locale)
            await uow.commit()
        return conversation_id

    async def correspondent(
        self, channel: str, external_id: str, *, role: Role = "customer", locale: str | None = None
    ) -> Correspondent:
        """Who this account is and the conversation they are in, begun when there is none.

        The channel has proved whose account it is. Raises StorageUnavailable.
        """
        async with self.database.read() as uow:
            known = await identities.current(uow, channel, external_id, role=role)
        if known is not None and not known.blocked:
            return known
        async with self.database.write() as uow:
            reached = await identities.reach(uow, channel, external_id, role=role, locale=locale)
            await uow.commit()
        return reached

    async def receive(self, inbound: InboundMessage, *, reply: Reply | None = None) -> Receipt:
        """Store a message and line it up for its answer. Afterwards it may be acknowledged: it isn't lost.

        With `reply` the channel answers by itself what the bot can't know (a sticker, say): both are stored
        together, unless people own the conversation; then they see the message and the reply is left out.

        Raises MessageRefused, ConversationUnknown, MovedAway, GatewayClosed, and StorageUnavailable when nothing
        was stored.
        """
        if self._closed:
            raise GatewayClosed
        text = self._checked_text(inbound)
        async with self._lanes.intake(inbound.conversation_id) as lane:
            accepted, stored, told = await self._store(inbound, text, reply)
            waiting = None if told else self._line_up(lane, inbound, accepted, stored)
        if not accepted.repeated:
            for message in (stored, told):
                if message is not None:
                    self.hub.publish(inbound.conversation_id, MessageStored(message))
        if told is not None:
            self.channels.nudge(inbound.channel)
        return Receipt(
            accepted.message_id,
            accepted.conversation_id,
            accepted.seq,
            accepted.status,
            accepted.repeated,
            waiting,
        )

    async def answer(self, receipt: Receipt) -> Outcome:
        """What became of a message, after at most the budget of a turn. Raises StorageUnavailable."""
        if receipt.repeated:
            return await self._answer_again(receipt)
        if receipt.waiting is None:
            return Outcome(receipt.status)
        outcome = await settled(receipt.waiting, self.policy.turn_seconds)
        if outcome is None:
            await self._answering.tell_delayed(receipt.waiting, phrases.SLOW)
            outcome = await receipt.waiting.outcome
        return outcome

    async def conversation(self, conversation_id: str, *, channel: str | None = None) -> ConversationView:
        """The conversation as it is now. Raises ConversationUnknown, and MovedAway when it isn't on `channel`."""
        async with self.database.read() as uow:
            found = await conversations.get(uow, conversation_id)
        if found is None:
            raise ConversationUnknown(conversation_id)
        if channel not in (None, found.channel):
            raise MovedAway(found.channel)
        return found

    async def history(
        self, conversation_id: str, *, after: int, limit: int = 100, channel: str | None = None
    ) -> Transcript:
        """What the customer may see after a cursor. Raises as `conversation` does."""
        async with self.database.read() as uow:
            try:
                found = await conversations.history(uow, conversation_id, after=after, limit=limit)
            except NotFound as exc:
                raise ConversationUnknown(conversation_id) from exc
        if channel not in (None, found.channel):
            raise MovedAway(found.channel)
        return found

    async def end(self, conversation_id: str) -> None:
        """End the chat and erase what was said: here now, at the bot by housekeeping. Raises ConversationUnknown."""
        async with self.database.write() as uow:
            try:
                await conversations.end_and_clear(uow, conversation_id)
            except NotFound as exc:
                raise ConversationUnknown(conversation_id) from exc
            await uow.commit()
        self.ended.set()
        self.hub.publish(conversation_id, Ended())

    async def link_code(self, conversation_id: str, *, to: str, valid_for: timedelta) -> str:
        """A code that takes the conversation to another channel, once. Raises StorageUnavailable."""
        async with self.database.write() as uow:
            code = await links.issue(uow, conversation_id, to, valid_for=valid_for)
            await uow.commit()
        return code

    async def move_here(
        self, code: str, *, channel: str, external_id: str, delivery_id: str
    ) -> str | links.Refusal:
        """Take the conversation of a code over for this account; answers its id, or why not.

        Whoever reads it elsewhere is told that it ended there. Raises StorageUnavailable.
        """
        async with self.database.write() as uow:
            who = await identities.known(uow, channel, external_id)
            moved = await links.redeem(uow, code, channel=channel, identity_id=who, delivery_id=delivery_id)
            await uow.commit()
        if isinstance(moved, str):
            return moved
        conversation_id, came_from = moved
        if came_from != channel:
            self.hub.publish(conversation_id, Ended())
        return conversation_id

    async def recover(self) -> int:
        """Take up stored messages that nobody works on; answers how many.

        It asks the database every few seconds, so it is the first to know that it is back: turns that wait for it are
        repeated then. Raises StorageUnavailable.
        """
        try:
            async with self.database.write() as uow:
                found = await pending_turns.take_up(uow, holder=self.holder, hold_for=self.policy.hold_for)
                if found:
                    await uow.commit()
        except StorageUnavailable:
            self._storage_away = True
            raise
        if self._storage_away:
            self._storage_away = False
            self._lanes.wake()
        for turn in found:
            async with self._lanes.intake(turn.conversation_id) as lane:
                self._lanes.put(lane, turn, fresh=False)
        return len(found)

    async def start(self) -> None:
        """Make due what an earlier process of this name left behind. Raises StorageUnavailable."""
        async with self.database.write() as uow:
            if await pending_turns.release(uow, self.holder):
                await uow.commit()

    async def close(self) -> None:
        """Take nothing more, let turns and deliveries under way end for a moment, give the rest back."""
        self._closed = True
        await self._lanes.close()
        await self.delivering.close()
        async with self.database.write() as uow:
            if await pending_turns.release(uow, self.holder):
                await uow.commit()

    def _checked_text(self, inbound: InboundMessage) -> str:
        if inbound.choice is not None:
            return ""
        text = cleaned(inbound.text or "")
        if not text and inbound.command is None:
            raise MessageEmpty
        if len(text) > self.policy.max_characters:
            raise MessageTooLong(len(text), self.policy.max_characters)
        return text

    async def _store(
        self, inbound: InboundMessage, text: str, reply: Reply | None
    ) -> tuple[Accepted, MessageView, MessageView | None]:
        payload: str | None = None
        told: MessageView | None = None
        if inbound.command is not None:
            text, payload = commands.told(inbound.command, text)
        async with self.database.write() as uow:
            if inbound.choice is not None:
                text, payload = await self._offered(uow, inbound.conversation_id, inbound.choice)
            try:
                accepted = await conversations.accept(
                    uow,
                    conversation_id=inbound.conversation_id,
                    channel=inbound.channel,
                    delivery_id=inbound.delivery_id,
                    text=text,
                    payload=payload,
                    client=inbound.client,
                    holder=self.holder,
                    hold_for=self.policy.hold_for,
                )
            except NotFound as exc:
                raise ConversationUnknown(inbound.conversation_id) from exc
            except ConversationMoved as exc:
                raise MovedAway(exc.channel) from exc
            if reply is not None and accepted.state == "pending":
                delivered = self.channels.reads_transcript(inbound.channel)
                told = await pending_turns.answer_at_once(
                    uow, accepted, inbound.channel, reply.to_content(), delivered=delivered
                )
            if not accepted.repeated:
                await uow.commit()
        return accepted, _as_view(inbound, accepted, text, payload), told

    async def _offered(self, uow: UnitOfWork, conversation_id: str, choice: str) -> tuple[str, str]:
        named = parse_choice_id(choice)
        if named is None:
            raise ChoiceMalformed
        seq, number = named
        content = await conversations.offered(uow, conversation_id, seq)
        choices = offers(Reply.from_content(content, text="", kind="message"))
        if number >= len(choices):
            raise ChoiceNotOffered
        return choices[number].title, choices[number].payload

    def _line_up(
        self, lane: Lane, inbound: InboundMessage, accepted: Accepted, stored: MessageView
    ) -> Waiting | None:
        if accepted.repeated:
            return self._lanes.find(accepted.conversation_id, accepted.message_id)
        if accepted.state != "pending":
            return None
        turn = PendingTurn(
            message_id=accepted.message_id,
            conversation_id=accepted.conversation_id,
            channel=inbound.channel,
            seq=accepted.seq,
            text=stored.text,
            payload=stored.content["payload"] if stored.content else None,
            client=inbound.client,
            created_at=accepted.created_at,
            status=accepted.status,
            version=accepted.version,
            mood=accepted.mood,
            strong_negatives=accepted.strong_negatives,
            handback=accepted.handback,
            role=accepted.role,
        )
        return self._lanes.put(lane, turn, fresh=True)

    async def _answer_again(self, receipt: Receipt) -> Outcome:
        if receipt.waiting is not None:
            await settled(receipt.waiting, self.policy.turn_seconds)
        deadline = asyncio.get_running_loop().time() + self.policy.turn_seconds
        while True:
            async with self.database.read() as uow:
                state = await conversations.state_of(uow, receipt.message_id)
                said = await conversations.answers(
                    uow, receipt.conversation_id, receipt.message_id, after=receipt.seq
                )
            late = asyncio.get_running_loop().time() >= deadline
            if state != "pending" or said.messages or late:
                if state != "pending":
                    return Outcome(said.status, said.messages)
                told = said.messages[-1].text if said.messages else phrases.SLOW.text
                return Outcome(said.status, said.messages, complete=False, notice=told)
            await asyncio.sleep(POLL_SECONDS)


def _as_view(inbound: InboundMessage, accepted: Accepted, text: str, payload: str | None) -> MessageView:
    return MessageView(
        id=accepted.message_id,
        conversation_id=accepted.conversation_id,
        seq=accepted.seq,
        direction="in",
        author="customer",
        text=text,
        state=accepted.state,
        created_at=accepted.created_at,
        delivery_id=inbound.delivery_id,
        content={"payload": payload} if payload else None,
    )
