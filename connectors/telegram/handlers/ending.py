"""The answer to /stop: end the chat and erase it, or keep it."""

from contextlib import suppress
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackContext, CallbackQueryHandler

from connectors.errors import ConversationUnknown
from connectors.telegram import phrases
from connectors.telegram.callbacks import Ending, parse, short
from connectors.telegram.desk import Desk


def handler(desk: Desk) -> BaseHandler[Any, Any, Any]:
    async def end(update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
        query = update.callback_query
        pressed = parse(query.data or "") if query else None
        await desk.toast(update)
        if not isinstance(pressed, Ending):
            return
        which = (await desk.sender(update)).conversation_id
        if not pressed.sure:
            await desk.say(update, phrases.KEPT)
        elif short(which) != pressed.conversation:
            await desk.say(update, phrases.OLD_BUTTON)
        else:
            with suppress(ConversationUnknown):  # ended by the same press, worked off twice
                await desk.gateway.end(which)
            await desk.say(update, phrases.ENDED)

    return CallbackQueryHandler(end, pattern=r"^e:")
