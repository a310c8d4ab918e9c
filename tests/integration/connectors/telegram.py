"""The Telegram channel as it runs: the real library against a local Bot API, a real database, a bot behind HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx

from connectors.gateway import Gateway, GatewayPolicy
from connectors.rasa import RasaClient
from connectors.telegram import TelegramPart, TelegramSettings
from connectors.web.app import create_app
from connectors.web.server import server_config
from crm.database import Database
from tests.fakes.bot import TOKEN, FakeBot, running, serving
from tests.fakes.telegram import BotApi, Person
from tests.fakes.telegram.api import TOKEN as BOT_TOKEN
from tests.integration.connectors.stack import BOT_SECONDS, QUICK, SECRET, SETTINGS, Stack
from tests.postgres import free_port

WEBHOOK_SECRET = "a-webhook-secret-of-the-tests"  # noqa: S105 - a test's own


@dataclass
class TelegramStack(Stack):
    """Everything, with Telegram."""

    api: BotApi
    part: TelegramPart

    def person(self, user_id: int | None = None) -> Person:
        return Person(self.api, user_id)

    async def conversation(self, person: Person) -> str:
        found = await self.gateway.correspondent("telegram", str(person.id))
        return found.conversation_id

    async def bring(self, update: dict[str, Any], secret: str | None = WEBHOOK_SECRET) -> httpx.Response:
        """Telegram brings an update to the webhook."""
        headers = {b"X-Telegram-Bot-Api-Secret-Token": secret.encode()} if secret is not None else {}
        return await self.http.post("/telegram/webhook", json=update, headers=headers)


@asynccontextmanager
async def telegram_stack(
    database_url: str,
    *,
    api: BotApi | None = None,
    bot: FakeBot | None = None,
    policy: GatewayPolicy = QUICK,
    connected: bool = True,
    turn_seconds: float = BOT_SECONDS,
    **settings: Any,
) -> AsyncIterator[TelegramStack]:
    """The whole, for as long as the block lasts. Another block with the same `api` and `bot` is a restart."""
    api, fake = api or BotApi(), bot or FakeBot()
    database = Database.connect(database_url)
    async with serving(fake.app) as bot_url, serving(api.app) as api_url:
        chosen = TelegramSettings(
            token=settings.pop("token", BOT_TOKEN), secret=SECRET, shop="Plover Lane", base_url=api_url,
            messages_per_chat=settings.pop("messages_per_chat", "10000/minute"), poll_seconds=1,
            webhook_secret=WEBHOOK_SECRET, webhook_url="https://shop.example/telegram/webhook",
        )  # fmt: skip
        part = TelegramPart(replace(chosen, **settings), database)
        async with RasaClient(bot_url, token=TOKEN, turn_seconds=turn_seconds) as client:
            gateway = Gateway(database, client, policy=policy, holder="one", channels=(part.channel,))
            part.join(gateway)
            app = create_app(
                gateway,
                settings=SETTINGS,
                parts=(part,),
                elsewhere=(part.elsewhere,),
                resources=(part.connections,),
            )
            port = free_port()
            async with running(server_config(app, host="127.0.0.1", port=port, log_level="critical")):
                url = f"http://127.0.0.1:{port}"
                async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False) as http:
                    whole = TelegramStack(url, database, fake, gateway, app, http, api, part)
                    if connected:
                        await eventually(lambda: part.link("x") is not None)
                    yield whole
    await database.close()


async def eventually(holds: Callable[[], bool], seconds: float = 8.0) -> None:
    """Return when `holds`; fails when it doesn't in time."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for lies in another task
            await asyncio.sleep(0.02)
