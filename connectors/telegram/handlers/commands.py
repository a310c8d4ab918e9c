"""/help, /cart, /orders and /human: the bot is asked by name, without words to be understood."""

from typing import Any, Final

from telegram import Update
from telegram.ext import BaseHandler, CallbackContext, CommandHandler

from connectors.telegram.desk import Desk
from connectors.telegram.inbound import command

NAMES: Final = ("help", "cart", "orders", "human")


def handler(desk: Desk) -> BaseHandler[Any, Any, Any]:
    async def ask(update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
        message = update.effective_message
        words = (message.text or "") if message else ""
        name = words.split(maxsplit=1)[0].lstrip("/").partition("@")[0].lower()
        delivery = desk.delivery(update)
        await desk.take(update, lambda sender: (command(name, sender, delivery=delivery),))

    return CommandHandler(NAMES, ask)
