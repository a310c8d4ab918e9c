"""One turn of the bot: ask it, record what it said unless a human was faster, hand over when asked."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog

from connectors.bot_replies import Handoff, is_empty, to_handoff, to_reply
from connectors.errors import BotTimeout
from connectors.gateway import phrases
from connectors.gateway.channels import Channels
from connectors.gateway.events import Hub, MessageStored, StatusChanged, Typing
from connectors.gateway.policy import GatewayPolicy
from connectors.gateway.text import for_bot
from connectors.messages import Reply
from connectors.rasa import Bot, BotAnswer, Turn
from crm import mood
from crm.database import Database
from crm.services import conversations, inbox, pending_turns
from crm.services.conversation_views import MessageView, PendingTurn, TurnResult

log = structlog.get_logger(__name__)
MOOD = "mood"
FALLBACK = "nlu_fallback"
UNHEARD = frozenset({None, FALLBACK, "abuse"})
"""Of these the bot has nothing to say that somebody would hear who has had enough of it."""
SURE = 0.6
ON_ITS_WAY = 0.002
"""Seconds after which the bot has the message."""
STAFF = "rep"  # nobody is handed over to themselves


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an inbound message so far.

    `complete`: nothing more will be said to it. Otherwise the answer follows by itself, and `notice` is a sentence
    that says so; `messages` holds it too where the database could take it.
    """

    status: str
    messages: tuple[MessageView, ...] = ()
    complete: bool = True
    notice: str | None = None


def still_pending() -> Outcome:
    """The message is kept and nobody could say more of it."""
    return Outcome("bot", complete=False, notice=phrases.DELAYED.text)


class Turns:
    """Takes turns with the bot and records them."""

    def __init__(
        self, database: Database, bot: Bot, *, hub: Hub, channels: Channels, policy: GatewayPolicy
    ) -> None:
        self._database = database
        self._bot = bot
        self._hub = hub
        self._channels = channels
        self._policy = policy
        self._gate = asyncio.Semaphore(policy.side_by_side)

    async def take(self, pending: PendingTurn) -> Outcome | None:
        """Have the bot answer; None when the message was answered or erased meanwhile.

        Raises BotError and StorageUnavailable; the message is pending still, then.
        """
        where = pending.conversation_id
        self._hub.publish(where, Typing(on=True, expires_in=round(self._policy.turn_seconds)))
        # The mood needs it when the bot has answered; it is read while the bot thinks, once the message is on its way.
        pause = asyncio.create_task(self._pause(pending))
        pause.add_done_callback(lambda read: read.cancelled() or read.exception())
        try:
            answer = await self._ask(pending)
            return await self._record(pending, answer, await pause)
        finally:
            pause.cancel()
            self._hub.publish(where, Typing(on=False, expires_in=0))

    async def _ask(self, pending: PendingTurn) -> BotAnswer:
        turn = Turn(
            conversation_id=pending.conversation_id,
            message_id=pending.message_id,
            channel=pending.channel,
            text=None if pending.payload else for_bot(pending.text),
            payload=pending.payload,
            role=pending.role,
            client=pending.client,
            slots=pending.handback or {},
        )
        async with self._gate:
            try:
                async with asyncio.timeout(self._policy.turn_seconds):
                    return await self._bot.take_turn(turn)
            except TimeoutError as exc:
                raise BotTimeout("the turn's budget is spent") from exc

    async def _pause(self, pending: PendingTurn) -> timedelta:
        if pending.payload is not None or _mood_before(pending) == mood.Mood():
            return timedelta(0)
        await asyncio.sleep(ON_ITS_WAY)
        async with self._database.read() as uow:
            return await pending_turns.pause_before(uow, pending)

    async def _record(self, pending: PendingTurn, answer: BotAnswer, pause: timedelta) -> Outcome | None:
        replies = tuple(reply for raw in answer.messages if not is_empty(reply := to_reply(raw)))
        feeling = _feeling(pending, answer, pause)
        notice, handoff = (None, None) if pending.role == STAFF else _handing_over(answer, replies, feeling)
        if handoff is not None and handoff.reason == MOOD and _unsure(answer):
            replies = ()
        if not replies and handoff is None:
            replies = (phrases.for_role(phrases.NOTHING_TO_SAY, pending.role),)
        result = TurnResult(
            message_id=pending.message_id,
            conversation_id=pending.conversation_id,
            channel=pending.channel,
            version=pending.version,
            replies=tuple(reply.to_content() for reply in replies),
            mood=feeling.value,
            strong_negatives=feeling.strong_negatives,
            delivered=self._channels.reads_transcript(pending.channel),
            clears_handback=pending.handback is not None,
            intent=(answer.intent.name or "")[:64] or None,
            confidence=answer.intent.confidence,
            sentiment=answer.sentiment.score if answer.sentiment else None,
        )
        # Taken back by a power cut, the message is pending again and gets the same answer.
        async with self._database.write(redone=True) as uow:
            recorded = await conversations.record_turn(uow, result)
            if recorded is None:
                return None
            messages = recorded.messages
            status: str = recorded.status
            if handoff is not None and not recorded.suppressed:
                await inbox.request_handoff(
                    uow, pending.conversation_id, version=recorded.version, reason=handoff.reason,
                    summary=handoff.summary,
                )  # fmt: skip
                status = "queued"
                if notice is not None and (
                    told := await conversations.say(
                        uow, pending.conversation_id, pending.channel, notice.to_content(),
                        in_reply_to=pending.message_id, delivered=result.delivered,
                    )
                ):  # fmt: skip
                    messages += (told,)
            await uow.commit()
        if recorded.suppressed:
            log.info("bot_reply_suppressed", conversation=pending.conversation_id, status=status)
            return Outcome(status)
        for message in messages:
            self._hub.publish(pending.conversation_id, MessageStored(message))
        self._channels.nudge(pending.channel)
        if status != "bot":
            self._hub.publish(pending.conversation_id, StatusChanged(status))
        return Outcome(status, messages)


def _mood_before(pending: PendingTurn) -> mood.Mood:
    return mood.Mood(pending.mood, pending.strong_negatives)


def _feeling(pending: PendingTurn, answer: BotAnswer, pause: timedelta) -> mood.Mood:
    before = _mood_before(pending)
    if answer.sentiment is None or pending.payload is not None:
        return before
    return mood.after(before, answer.sentiment.score, pause=pause)


def _handing_over(
    answer: BotAnswer, replies: tuple[Reply, ...], feeling: mood.Mood
) -> tuple[Reply | None, Handoff | None]:
    """Whether to hand over, and what to say of it: nothing when the bot said so itself."""
    for raw in answer.messages:
        if (asked := to_handoff(raw)) is not None:
            said = any(reply.text for reply in replies)
            return (None if said else phrases.HANDED_OVER), asked
    if feeling.asks_for_human:
        why = (
            "The mood has sunk over the last messages."
            if feeling.has_sunk and feeling.strong_negatives < mood.IN_A_ROW
            else "Two strongly negative messages in a row."
        )
        return phrases.HANDED_OVER_BY_MOOD, Handoff(MOOD, why)
    return None, None


def _unsure(answer: BotAnswer) -> bool:
    """Whether the bot guessed, or was only insulted: what it says then would vex somebody who has had enough of it."""
    return answer.intent.name in UNHEARD or answer.intent.confidence < SURE
