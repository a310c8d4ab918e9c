"""/start, by itself or with the parameter of a deep link: a code from the web site, or a product."""

import re
from typing import Any, Final

from telegram import Update
from telegram.ext import BaseHandler, CallbackContext, CommandHandler

from connectors.messages import InboundMessage
from connectors.telegram import phrases
from connectors.telegram.desk import Desk
from connectors.telegram.inbound import Inbound, Sender, command
from connectors.telegram.settings import CHANNEL
from crm.services import catalogue

CODE: Final = "c-"
PRODUCT: Final = "p-"
# What Telegram passes on: https://core.telegram.org/bots/features#deep-linking
_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")
REFUSED = {"used": phrases.LINK_USED, "late": phrases.LINK_LATE, "unknown": phrases.LINK_UNKNOWN}


def handler(desk: Desk) -> BaseHandler[Any, Any, Any]:
    async def start(update: Update, context: CallbackContext[Any, Any, Any, Any]) -> None:
        parameter = context.args[0] if context.args else ""
        if not _PARAMETER.fullmatch(parameter):
            await _greet(desk, update)
        elif parameter.startswith(CODE):
            await _go_on(desk, update, parameter.removeprefix(CODE))
        elif parameter.startswith(PRODUCT):
            await _show(desk, update, parameter.removeprefix(PRODUCT))
        else:
            await _greet(desk, update)

    return CommandHandler("start", start)


async def _greet(desk: Desk, update: Update) -> None:
    delivery = desk.delivery(update)
    await desk.take(update, lambda sender: (command("start", sender, delivery=delivery),))


async def _go_on(desk: Desk, update: Update, code: str) -> None:
    """The conversation that was begun on the web site goes on here; a link that isn't good is refused kindly."""
    user = update.effective_user
    if user is None or await desk.too_fast(update):
        return
    delivery = desk.delivery(update)
    moved = await desk.gateway.move_here(
        code, channel=CHANNEL, external_id=str(user.id), delivery_id=delivery
    )
    if moved in REFUSED:
        await desk.say(update, REFUSED[moved])
        return
    await desk.say(update, phrases.MOVED)
    if (await desk.gateway.conversation(moved)).status == "bot":
        await desk.take(update, lambda sender: (command("cart", sender, delivery=delivery),))


async def _show(desk: Desk, update: Update, sku: str) -> None:
    """A product's link: as if the customer had asked for it by name."""
    async with desk.gateway.database.read() as uow:
        product = await catalogue.get(uow, sku.upper())
    if product is None:
        await _greet(desk, update)
        return
    delivery, text = desk.delivery(update), f"Tell me about the {product.name}"

    def ask(sender: Sender) -> tuple[Inbound]:
        message = InboundMessage(
            channel=CHANNEL, conversation_id=sender.conversation_id, delivery_id=delivery, text=text,
            client=sender.client,
        )  # fmt: skip
        return (Inbound(message),)

    await desk.take(update, ask)
