"""Next and previous of a carousel: its one message is edited, by what the transcript holds of it."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackContext, CallbackQueryHandler

from connectors.messages import Reply
from connectors.telegram import phrases
from connectors.telegram.callbacks import NOTHING, Turned, parse, short
from connectors.telegram.desk import Desk
from connectors.telegram.render import carousel_page


def handler(desk: Desk) -> BaseHandler[Any, Any, Any]:
    async def turn(update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
        query = update.callback_query
        if query is None or query.message is None:
            return
        pressed = parse(query.data or "")
        if not isinstance(pressed, Turned):
            await desk.toast(update)
            return
        which = (await desk.sender(update)).conversation_id
        found = await desk.gateway.history(which, after=pressed.seq - 1, limit=1)
        shown = found.messages[0] if found.messages and found.messages[0].seq == pressed.seq else None
        page = None
        if shown is not None and short(which) == pressed.conversation:
            reply = Reply.from_content(shown.content, text=shown.text, kind="message")
            page = carousel_page(shown, reply, pressed.page)
        if page is None:
            await desk.toast(update, phrases.OLD_BUTTON, alert=True)
        elif await desk.sending.turn(query.message.chat.id, query.message.message_id, page):
            await desk.toast(update)
        else:
            # Too old to be edited: the card comes as a message of its own.
            await desk.toast(update)
            await desk.sending.send(query.message.chat.id, page)

    return CallbackQueryHandler(turn, pattern=rf"^(p:|{NOTHING}$)")
