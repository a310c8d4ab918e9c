"""Groups and channels: refused politely, then left. Nobody's orders should be seen by others."""

from typing import Any

import structlog
from telegram import Chat, ChatMember, Update
from telegram.error import TelegramError
from telegram.ext import BaseHandler, CallbackContext, TypeHandler

from connectors.telegram import phrases
from connectors.telegram.desk import Desk

log = structlog.get_logger(__name__)
GONE = (ChatMember.LEFT, ChatMember.BANNED)


class _NotPrivate(TypeHandler[Update, Any, Any]):
    def check_update(self, update: object) -> bool:
        chat = update.effective_chat if isinstance(update, Update) else None
        return chat is not None and chat.type != Chat.PRIVATE


def handler(desk: Desk) -> BaseHandler[Any, Any, Any]:
    async def refuse(update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
        chat = update.effective_chat
        changed = update.my_chat_member
        if chat is None or (changed is not None and changed.new_chat_member.status in GONE):
            return
        try:
            if chat.type != Chat.CHANNEL:
                await desk.bot.send_message(chat.id, phrases.GROUP.format(link=desk.bot.link))
            await desk.bot.leave_chat(chat.id)
        except TelegramError as exc:
            # Whoever doesn't let us speak there won't miss us either.
            log.info("telegram_group_not_left", reason=type(exc).__name__)

    return _NotPrivate(Update, refuse)
