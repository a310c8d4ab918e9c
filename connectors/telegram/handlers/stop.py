"""/stop: asks whether the chat shall be ended and erased. Nothing happens before the answer."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackContext, CommandHandler

from connectors.telegram import phrases
from connectors.telegram.callbacks import ending_data
from connectors.telegram.desk import Desk
from connectors.telegram.outgoing import Button


def handler(desk: Desk) -> BaseHandler[Any, Any, Any]:
    async def ask(update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
        if await desk.too_fast(update):
            return
        which = (await desk.sender(update)).conversation_id
        rows = (
            (Button(phrases.END, ending_data(which, sure=True)),),
            (Button(phrases.KEEP, ending_data(which, sure=False)),),
        )
        await desk.say(update, phrases.SURE_TO_END, rows=rows)

    return CommandHandler("stop", ask)
