"""Somebody blocked the bot, or unblocked it: their identity is marked, and sent nothing meanwhile."""

from typing import Any

from telegram import ChatMember, Update
from telegram.ext import BaseHandler, CallbackContext, ChatMemberHandler

from connectors.telegram.desk import Desk
from connectors.telegram.settings import CHANNEL
from crm.services import identities


def handler(desk: Desk) -> BaseHandler[Any, Any, Any]:
    async def mark(update: Update, _: CallbackContext[Any, Any, Any, Any]) -> None:
        changed = update.my_chat_member
        if changed is None:
            return
        blocked = changed.new_chat_member.status in (ChatMember.BANNED, ChatMember.LEFT)
        async with desk.gateway.database.write() as uow:
            if await identities.mark_blocked(uow, CHANNEL, str(changed.from_user.id), blocked=blocked):
                await uow.commit()

    return ChatMemberHandler(mark, ChatMemberHandler.MY_CHAT_MEMBER)
