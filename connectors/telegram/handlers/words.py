"""Everything else that somebody sends: words, also edited ones, contacts, places, and what the bot can't read."""

from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackContext, MessageHandler, filters

from connectors.telegram.desk import Desk
from connectors.telegram.inbound import to_inbound

WANTED = filters.UpdateType.MESSAGE | filters.UpdateType.EDITED_MESSAGE


def handler(desk: Desk) -> BaseHandler[Any, Any, Any]:
    async def take(update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
        delivery = desk.delivery(update)
        await desk.take(update, lambda sender: to_inbound(update, sender, delivery=delivery))

    return MessageHandler(WANTED, take)
