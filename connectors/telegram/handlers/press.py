"""A button under a reply. Telegram is told as soon as it is stored, so that it stops waiting."""

from typing import Any

from telegram import InlineKeyboardMarkup, Message, Update
from telegram.ext import BaseHandler, CallbackContext, CallbackQueryHandler

from connectors.telegram import phrases
from connectors.telegram.callbacks import Pressed, parse, short
from connectors.telegram.desk import Desk
from connectors.telegram.inbound import to_inbound


def handler(desk: Desk) -> BaseHandler[Any, Any, Any]:
    async def press(update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
        query = update.callback_query
        pressed = parse(query.data or "") if query else None
        if not isinstance(pressed, Pressed):
            await desk.toast(update)
            return
        which = (await desk.sender(update)).conversation_id
        if short(which) != pressed.conversation:
            await desk.toast(update, phrases.OLD_BUTTON, alert=True)
            return
        delivery = desk.delivery(update)
        await desk.take(
            update, lambda sender: to_inbound(update, sender, delivery=delivery), note=_title(update)
        )

    return CallbackQueryHandler(press)


def _title(update: Update) -> str | None:
    """What the pressed button says: the chat itself doesn't show what was pressed."""
    query = update.callback_query
    message = query.message if query else None
    markup = message.reply_markup if isinstance(message, Message) else None
    if query is None or not isinstance(markup, InlineKeyboardMarkup):
        return None
    buttons = (button for row in markup.inline_keyboard for button in row)
    return next((button.text for button in buttons if button.callback_data == query.data), None)
