"""Sending to Telegram: the one place that calls its API with something for a customer to read.

What Telegram refuses for its looks (a picture that it can't fetch, markup) is sent again as plain text. That a
customer blocked the bot, or that their chat is gone, is told apart from what passes by itself.
"""

from collections.abc import Callable
from typing import Any

import structlog
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    KeyboardButton,
    LinkPreviewOptions,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden
from telegram.ext import ExtBot

from connectors.errors import Undeliverable
from connectors.telegram import phrases
from connectors.telegram.markup import TEXT_LIMIT, shortened
from connectors.telegram.outgoing import Outgoing, Rows
from connectors.telegram.photos import Photos

log = structlog.get_logger(__name__)

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
# What Telegram says when a chat can't be written to for good, though it isn't a Forbidden.
GONE = ("chat not found", "user is deactivated", "peer_id_invalid")
UNCHANGED = "message is not modified"


class Blocked(Undeliverable):
    """The customer blocked the bot, or their account is gone."""


class Sender:
    """Sends `Outgoing`s by one bot."""

    def __init__(self, bot: "ExtBot[Any]", photos: Photos) -> None:
        self._bot = bot
        self._photos = photos
        self._with_keys: set[int] = set()

    async def send(self, chat_id: int, message: Outgoing) -> None:
        """Send one message. Raises Blocked and Undeliverable, and TelegramError when it may be tried again."""
        try:
            await self._send(chat_id, message)
        except Forbidden as exc:
            raise Blocked(exc.message) from exc
        except BadRequest as exc:
            if any(sign in exc.message.lower() for sign in GONE):
                raise Blocked(exc.message) from exc
            raise Undeliverable(exc.message) from exc

    async def turn(self, chat_id: int, message_id: int, page: Outgoing) -> bool:
        """Show another card in the place of a carousel's; False when that message can't be edited any more."""
        try:
            if page.picture is None or not await self._turn_picture(chat_id, message_id, page):
                await self._bot.edit_message_text(
                    shortened(page.plain, TEXT_LIMIT), chat_id=chat_id, message_id=message_id,
                    reply_markup=_inline(page.rows), link_preview_options=NO_PREVIEW,
                )  # fmt: skip
        except BadRequest as exc:
            return UNCHANGED in exc.message.lower()
        return True

    async def _send(self, chat_id: int, message: Outgoing) -> None:
        markup = self._markup(chat_id, message)
        if message.picture is not None:
            try:
                await self._send_picture(chat_id, message, markup)
            except BadRequest as exc:
                if any(sign in exc.message.lower() for sign in GONE):
                    raise
                log.warning("telegram_refused_picture", reason=exc.message, sku=message.picture.sku)
            else:
                return
        text = message.html if message.picture is None else ""
        if text:
            try:
                await self._send_text(chat_id, text, markup, parse_mode=ParseMode.HTML)
            except BadRequest as exc:
                if "parse entities" not in exc.message.lower():
                    raise
                log.warning("telegram_refused_markup", reason=exc.message)
            else:
                return
        await self._send_text(chat_id, shortened(message.plain, TEXT_LIMIT), markup)

    async def _send_text(self, chat_id: int, text: str, markup: Any, parse_mode: str | None = None) -> None:
        await self._bot.send_message(
            chat_id, text, parse_mode=parse_mode, reply_markup=markup, link_preview_options=NO_PREVIEW
        )

    async def _send_picture(self, chat_id: int, message: Outgoing, markup: Any) -> None:
        assert message.picture is not None  # noqa: S101 - the caller looked
        photo = await self._photos.get(message.picture)
        sent: Message = await self._bot.send_photo(
            chat_id, photo, caption=message.html, parse_mode=ParseMode.HTML, reply_markup=markup
        )
        self._photos.learn(message.picture, sent.photo)

    async def _turn_picture(self, chat_id: int, message_id: int, page: Outgoing) -> bool:
        """Whether the picture was turned; False when that message holds a text only, or refuses the picture."""
        assert page.picture is not None  # noqa: S101 - the caller looked
        media = InputMediaPhoto(
            await self._photos.get(page.picture), caption=page.html, parse_mode=ParseMode.HTML
        )
        try:
            edited = await self._bot.edit_message_media(
                media, chat_id=chat_id, message_id=message_id, reply_markup=_inline(page.rows)
            )
        except BadRequest as exc:
            if UNCHANGED in exc.message.lower():
                return True
            log.info("telegram_refused_turning", reason=exc.message)
            return False
        if isinstance(edited, Message):
            self._photos.learn(page.picture, edited.photo)
        return True

    def _markup(self, chat_id: int, message: Outgoing) -> Any:
        if message.asks is not None:
            self._with_keys.add(chat_id)
            return _keyboard(message)
        if message.rows:
            return _inline(message.rows)
        if chat_id in self._with_keys:
            self._with_keys.discard(chat_id)
            return ReplyKeyboardRemove()
        return None


def _inline(rows: Rows) -> InlineKeyboardMarkup | None:
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(one.title, callback_data=one.data) for one in row] for row in rows]
    )


def _keyboard(message: Outgoing) -> ReplyKeyboardMarkup:
    """Sharing by a tap. Telegram asks the customer first, and only lets them share their own by this button."""
    share: Callable[[], KeyboardButton] = {
        "phone": lambda: KeyboardButton(phrases.SHARE_PHONE, request_contact=True),
        "address": lambda: KeyboardButton(phrases.SHARE_PLACE, request_location=True),
    }[message.asks or "phone"]
    rows = [[share()], *([KeyboardButton(title)] for title in message.keys)]
    return ReplyKeyboardMarkup(rows, resize_keyboard=True, one_time_keyboard=True)
