"""Telegram as one of the gateway's channels: takes stored messages to their customers."""

from collections import OrderedDict

import structlog

from connectors.errors import Undeliverable
from connectors.telegram.render import to_telegram
from connectors.telegram.sending import Blocked, Sender
from connectors.telegram.settings import CHANNEL
from crm.database import Database
from crm.services import identities
from crm.services.conversation_views import MessageView

log = structlog.get_logger(__name__)
REMEMBERED = 1000


class TelegramChannel:
    """A `Channel`. A message of several parts that broke off in the middle goes on there when it is sent again."""

    name = CHANNEL
    reads_transcript = False

    def __init__(self, database: Database, sender: Sender) -> None:
        self._database = database
        self._sender = sender
        self._parts_sent: OrderedDict[str, int] = OrderedDict()

    async def deliver(self, message: MessageView) -> None:
        """See `Channel`. Somebody who blocked the bot is marked, and sent nothing until they write again."""
        async with self._database.read() as uow:
            who = await identities.of_conversation(uow, message.conversation_id)
        if who is None:
            raise Undeliverable("the conversation has nobody on Telegram")
        if who.blocked:
            raise Blocked("since an earlier message")
        parts = to_telegram(message)
        try:
            for number in range(self._parts_sent.get(message.id, 0), len(parts)):
                await self._sender.send(int(who.external_id), parts[number])
                self._remember(message.id, number + 1)
        except Blocked:
            await self._mark_blocked(who.external_id)
            raise
        self._parts_sent.pop(message.id, None)

    def _remember(self, message_id: str, sent: int) -> None:
        self._parts_sent[message_id] = sent
        while len(self._parts_sent) > REMEMBERED:
            self._parts_sent.popitem(last=False)

    async def _mark_blocked(self, external_id: str) -> None:
        async with self._database.write() as uow:
            if await identities.mark_blocked(uow, CHANNEL, external_id):
                await uow.commit()
                log.info("telegram_blocked")
