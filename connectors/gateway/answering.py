"""Bringing one stored message to its end: answered, forwarded to people, or given up with a sentence.

A failure is told at once, then the turn is repeated with growing pauses, for a bounded time. Exactly one answer
comes of it: the bot recognises a message id it has completed, and only a message that is still pending can be
recorded as answered.
"""

import asyncio
from datetime import timedelta
from typing import Any

import structlog
from tenacity import AsyncRetrying, RetryCallState, RetryError, retry_if_exception_type
from tenacity.wait import wait_exponential

from connectors.errors import BotError, BotRefused
from connectors.gateway import phrases
from connectors.gateway.channels import Channels
from connectors.gateway.events import Hub, MessageStored, NotStored
from connectors.gateway.lanes import Lane, Waiting
from connectors.gateway.policy import GatewayPolicy
from connectors.gateway.turns import Outcome, Turns, still_pending
from connectors.messages import Reply
from crm.database import Database
from crm.errors import NotFound, StorageUnavailable
from crm.services import conversations, pending_turns
from crm.services.conversation_views import MessageView

log = structlog.get_logger(__name__)


class Answering:
    """What a lane does with the message at its head."""

    def __init__(
        self,
        database: Database,
        turns: Turns,
        *,
        hub: Hub,
        channels: Channels,
        policy: GatewayPolicy,
        holder: str,
    ) -> None:
        self._database = database
        self._turns = turns
        self._hub = hub
        self._channels = channels
        self._policy = policy
        self._holder = holder

    async def __call__(self, lane: Lane, item: Waiting) -> None:
        """Bring the message to its end. Faults of the bot and the database are met here."""
        attempts = AsyncRetrying(
            retry=retry_if_exception_type((BotError, StorageUnavailable)),
            stop=self._too_old(item),
            wait=wait_exponential(multiplier=self._policy.retry_first, max=self._policy.retry_most),
            sleep=self._pause(lane, item),
        )
        try:
            async for attempt in attempts:
                with attempt:
                    await self._attempt(item, attempt.retry_state.attempt_number)
        except RetryError:
            await self._give_up(item)

    async def _attempt(self, item: Waiting, number: int) -> None:
        if not item.fresh:
            async with self._database.write() as uow:
                hold_for = self._policy.hold_for
                turn = await pending_turns.hold(
                    uow, item.turn.message_id, holder=self._holder, hold_for=hold_for, attempts=number
                )
                await uow.commit()
            if turn is None:
                await self._settled_elsewhere(item)
                return
            item.turn = turn
        item.fresh = False
        try:
            outcome = await self._turns.take(item.turn)
        except BotRefused:
            log.exception("bot_refused", conversation=item.turn.conversation_id)
            await self._give_up(item)
            return
        if outcome is None:
            await self._settled_elsewhere(item)
        else:
            item.settle(outcome)

    async def tell_delayed(self, item: Waiting, reply: Reply) -> None:
        """Store `reply` as a notice to this message, once, and settle with it; what can't be stored is told still."""
        if item.told or item.outcome.done():
            return
        item.told = True
        turn = item.turn
        told: MessageView | None = None
        try:
            async with self._database.write() as uow:
                told = await conversations.say(
                    uow,
                    turn.conversation_id,
                    turn.channel,
                    reply.to_content(),
                    in_reply_to=turn.message_id,
                    version=turn.version,
                    delivered=self._channels.reads_transcript(turn.channel),
                )
                if told is not None:
                    await uow.commit()
        except StorageUnavailable:
            log.warning("notice_not_stored", conversation=turn.conversation_id)
            self._hub.publish(turn.conversation_id, NotStored(reply.text))
        self._publish(told)
        item.settle(Outcome("bot", (told,) if told else (), complete=False, notice=reply.text))

    def _pause(self, lane: Lane, item: Waiting) -> Any:
        async def pause(seconds: float) -> None:
            for waiting in tuple(lane.heap):
                await self.tell_delayed(waiting, phrases.DELAYED)
            await self._hold_during(item, seconds)
            await lane.pause(seconds)

        return pause

    async def _hold_during(self, item: Waiting, seconds: float) -> None:
        hold_for = self._policy.hold_for + timedelta(seconds=seconds)
        try:
            async with self._database.write() as uow:
                await pending_turns.hold(
                    uow, item.turn.message_id, holder=self._holder, hold_for=hold_for,
                    attempts=item.turn.attempts + 1,
                )  # fmt: skip
                await uow.commit()
        except StorageUnavailable:
            log.warning("hold_not_stored", conversation=item.turn.conversation_id)

    def _too_old(self, item: Waiting) -> Any:
        limit = timedelta(seconds=self._policy.give_up_seconds)

        def too_old(_: RetryCallState) -> bool:
            return self._database.read().now() - item.turn.created_at > limit

        return too_old

    async def _give_up(self, item: Waiting) -> None:
        turn = item.turn
        log.error("turn_given_up", conversation=turn.conversation_id, message=turn.message_id)
        told: MessageView | None = None
        try:
            async with self._database.write() as uow:
                told = await pending_turns.give_up(
                    uow, turn, phrases.for_role(phrases.GAVE_UP, turn.role).to_content()
                )
                if told is not None:
                    await uow.commit()
        except StorageUnavailable:
            # It is pending still, so that it is taken up again when the database is back.
            log.warning("giving_up_not_stored", conversation=turn.conversation_id)
            item.settle(still_pending())
            return
        self._publish(told)
        item.settle(Outcome("bot", (told,) if told else ()))

    async def _settled_elsewhere(self, item: Waiting) -> None:
        turn = item.turn
        log.info("turn_settled_elsewhere", conversation=turn.conversation_id, message=turn.message_id)
        try:
            async with self._database.read() as uow:
                said = await conversations.answers(uow, turn.conversation_id, turn.message_id, after=turn.seq)
        except StorageUnavailable:
            item.settle(still_pending())
        except NotFound:
            item.settle(Outcome("resolved"))
        else:
            item.settle(Outcome(said.status, said.messages))

    def _publish(self, told: MessageView | None) -> None:
        if told is not None:
            self._hub.publish(told.conversation_id, MessageStored(told))
            self._channels.ready.set()


async def settled(item: Waiting, seconds: float) -> Outcome | None:
    """The outcome within `seconds`, else None. Never cancels the turn."""
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.shield(item.outcome)
    except TimeoutError:
        return None
