"""What every handler works with: who wrote, the gateway, and ways to say something beside the transcript."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from limits import RateLimitItem
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from telegram import Update
from telegram.error import BadRequest, TelegramError
from telegram.ext import ExtBot

from connectors.errors import ConversationUnknown, MessageRefused, MovedAway
from connectors.gateway import Gateway
from connectors.telegram import phrases
from connectors.telegram.inbound import Inbound, Sender, delivery_id
from connectors.telegram.markup import escape
from connectors.telegram.outgoing import Outgoing, Rows
from connectors.telegram.sending import Sender as Sending
from connectors.telegram.settings import CHANNEL, TelegramSettings
from connectors.telegram.typing import typing
from connectors.web.address import ClientHash

log = structlog.get_logger(__name__)

# What is said beside the transcript, and the next update of the chat, come after the answer; but not for ever.
LEAVING_SECONDS = 10.0
Make = Callable[[Sender], Sequence[Inbound]]


@dataclass(frozen=True)
class Desk:
    """Made once per process. `crowded` tells whether so many wait that answers matter more than signs of life."""

    gateway: Gateway
    bot: "ExtBot[Any]"
    sending: Sending
    settings: TelegramSettings
    client_hash: ClientHash
    rate: RateLimitItem
    limiter: SlidingWindowCounterRateLimiter
    crowded: Callable[[], bool]
    warned: set[int] = field(default_factory=set)

    def delivery(self, update: Update) -> str:
        """An update's name on the channel."""
        return delivery_id(update, self.settings.bot_id)

    async def sender(self, update: Update) -> Sender:
        """The conversation that this person is in; begun when there is none."""
        user = update.effective_user
        assert user is not None  # noqa: S101 - handlers take private chats only
        found = await self.gateway.correspondent(
            CHANNEL, str(user.id), locale=(user.language_code or "")[:35] or None
        )
        return Sender(found.conversation_id, self.client_hash(f"{CHANNEL}:{user.id}"))

    async def take(self, update: Update, make: Make, *, note: str | None = None) -> None:
        """Hand an update's messages to the gateway and wait until they are answered, showing that somebody types.

        The next update of this chat comes after it, so what is answered beside the bot stays in order too. A
        press is acknowledged with `note` as soon as it is stored.
        """
        if await self.too_fast(update):
            return
        sender = await self.sender(update)
        try:
            await self._take(update, make(sender), note)
        except (ConversationUnknown, MovedAway):
            # It was ended in this moment: the message belongs to the next.
            await self._take(update, make(await self.sender(update)), note)

    async def say(self, update: Update, text: str, *, rows: Rows = ()) -> None:
        """Say something that is no part of the transcript: about the chat itself, or about what was refused."""
        chat = update.effective_chat
        assert chat is not None  # noqa: S101 - handlers take private chats only
        await self.sending.send(chat.id, Outgoing(html=escape(text), plain=text, rows=rows))

    async def toast(self, update: Update, text: str | None = None, *, alert: bool = False) -> None:
        """Tell Telegram that a press arrived, so that the button stops waiting. Too late for it is no matter."""
        query = update.callback_query
        if query is None:
            return
        with suppress(BadRequest):
            await self.bot.answer_callback_query(query.id, text=text and text[:200], show_alert=alert)

    async def too_fast(self, update: Update) -> bool:
        """Whether this chat sends more than it may; it is told so once until it may again."""
        chat = update.effective_chat
        assert chat is not None  # noqa: S101 - handlers take private chats only
        if await self.limiter.hit(self.rate, CHANNEL, str(chat.id)):
            self.warned.discard(chat.id)
            return False
        await self.toast(update, phrases.TOO_FAST)
        if chat.id not in self.warned:
            self.warned.add(chat.id)
            await self.say(update, phrases.TOO_FAST)
        return True

    async def _take(self, update: Update, messages: Sequence[Inbound], note: str | None) -> None:
        chat = update.effective_chat
        assert chat is not None  # noqa: S101 - handlers take private chats only
        for one in messages:
            try:
                receipt = await self.gateway.receive(one.message, reply=one.reply)
            except MessageRefused as exc:
                await self.toast(update, exc.sentence, alert=True)
                if update.callback_query is None:
                    await self.say(update, exc.sentence)
                return
            await self.toast(update, note)
            if receipt.waiting is None and not receipt.repeated:
                continue
            async with typing(self._show_typing, chat.id, after=self.settings.typing_after):
                outcome = await self.gateway.answer(receipt)
            if outcome.messages:
                await self.gateway.delivering.left(outcome.messages[-1].id, within=LEAVING_SECONDS)

    async def _show_typing(self, chat_id: int) -> None:
        if self.crowded():
            return
        try:
            await self.bot.send_chat_action(chat_id, "typing")
        except TelegramError as exc:
            log.info("typing_not_shown", reason=type(exc).__name__)
