"""Updates between Telegram and the intake: which we ask for, their lane, and the handler that takes one."""

from collections.abc import Sequence
from typing import Any, Final

import structlog
from telegram import Update
from telegram.ext import Application, BaseHandler, CallbackContext

from connectors.telegram.inbound import delivery_id
from crm.services.deliveries import Delivered

log = structlog.get_logger(__name__)

# https://core.telegram.org/bots/api#update: everything else isn't even sent.
WANTED: Final = ("message", "edited_message", "callback_query", "my_chat_member")
App = Application[Any, Any, Any, Any, Any, Any]


def as_delivered(payload: dict[str, Any], bot_id: int) -> Delivered:
    """An update for the intake: in order within its chat. Raises ValueError when it is none."""
    number = payload.get("update_id")
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValueError("update_id: it must be a whole number")  # noqa: TRY004 - malformed input, met as such
    return Delivered(f"{bot_id}:{number}", _chat_of(payload), number, payload)


def _chat_of(payload: dict[str, Any]) -> str:
    for kind in WANTED:
        part = payload.get(kind)
        if not isinstance(part, dict):
            continue
        message = part.get("message") if kind == "callback_query" else part
        for holder, name in ((message, "chat"), (part, "from")):
            chat = holder.get(name) if isinstance(holder, dict) else None
            if isinstance(chat, dict) and "id" in chat:
                return str(chat["id"])
    return "-"


class Dispatcher:
    """Gives each update to the first handler that wants it. What a handler raises, the intake meets.

    The application's own `process_update` would swallow it, and the update would count as dealt with.
    """

    def __init__(self, application: App, handlers: Sequence[BaseHandler[Any, Any, Any]]) -> None:
        self._application = application
        self._handlers = tuple(handlers)

    async def __call__(self, delivered: Delivered) -> None:
        update = Update.de_json(delivered.payload, self._application.bot)
        for handler in self._handlers:
            check = handler.check_update(update)
            if check is None or check is False:
                continue
            context: CallbackContext[Any, Any, Any, Any] = CallbackContext.from_update(
                update, self._application
            )
            await handler.handle_update(update, self._application, check, context)
            return
        log.info("telegram_update_ignored", delivery=delivery_id(update, self._application.bot.id))
