"""The Telegram channel in the connectors process: everything wired, started and closed with it.

Telegram may be away or refuse the token when we start: the web must not wait for that, so connecting goes on in
the background, and what was delivered meanwhile waits in the database.
"""

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

import structlog
from fastapi import APIRouter
from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from telegram import BotCommand
from telegram.error import InvalidToken, TelegramError
from telegram.ext import AIORateLimiter, Application

from connectors.gateway import Gateway
from connectors.gateway.housekeeping import Job
from connectors.gateway.intake import Intake, IntakePolicy
from connectors.telegram import phrases
from connectors.telegram.channel import TelegramChannel
from connectors.telegram.desk import Desk
from connectors.telegram.handlers import all_handlers
from connectors.telegram.handlers.start import CODE
from connectors.telegram.photos import Photos
from connectors.telegram.polling import FIRST_PAUSE, LONGEST_PAUSE, Poller
from connectors.telegram.sending import Sender
from connectors.telegram.settings import CHANNEL, WEBHOOK_PATH, TelegramSettings
from connectors.telegram.updates import WANTED, App, Dispatcher
from connectors.telegram.webhook import MOST_BYTES, webhook_router
from connectors.web.address import ClientHash
from connectors.web.context import Elsewhere
from crm.database import Database
from crm.errors import StorageUnavailable
from crm.services.deliveries import Delivered

log = structlog.get_logger(__name__)

# Side by side at Telegram's server; it takes 30 messages a second from a bot.
CONNECTIONS = 64
FLOOD_RETRIES = 3
CROWD = 40
RECOVER_EVERY = 5.0


class Connections:
    """Closed after the gateway, which delivers until its end."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def close(self) -> None:
        """Give them back."""
        await self._app.shutdown()


class TelegramPart:
    """Make it before the gateway (which needs its `channel`), then `join` them; a `Part` of the web app then."""

    def __init__(self, settings: TelegramSettings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._app = application(settings)
        self._sender = Sender(self._app.bot, Photos(database))
        self.channel = TelegramChannel(database, self._sender)
        self.router: APIRouter | None = None
        self.elsewhere = Elsewhere(CHANNEL, self.link, timedelta(minutes=settings.link_minutes))
        self.jobs: tuple[Job, ...] = ()
        self.caps: Mapping[str, int] = {WEBHOOK_PATH: MOST_BYTES}
        self._connected = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.connections = Connections(self._app)

    def join(self, gateway: Gateway) -> None:
        """Wire the handlers to the gateway."""
        settings = self._settings
        webhook = settings.mode == "webhook"
        policy = IntakePolicy(patience=settings.overtaken_seconds if webhook else 0.0)
        self._intake = Intake(self._database, CHANNEL, self._handle, holder=gateway.holder, policy=policy)
        desk = Desk(
            gateway=gateway,
            bot=self._app.bot,
            sending=self._sender,
            settings=settings,
            client_hash=ClientHash(settings.secret),
            rate=parse(settings.messages_per_chat),
            limiter=SlidingWindowCounterRateLimiter(MemoryStorage()),
            crowded=lambda: self._intake.waiting > CROWD,
        )
        self._dispatch = Dispatcher(self._app, all_handlers(desk))
        self.jobs = (Job("telegram", RECOVER_EVERY, self._intake.recover),)
        if webhook:
            self.router = webhook_router(self._intake, secret=settings.webhook_secret, bot_id=settings.bot_id)

    def link(self, code: str) -> str | None:
        """The address that opens the bot with a code of `Gateway.link_code`; None until Telegram was reached."""
        if not self._connected.is_set():
            return None
        return f"https://t.me/{self._app.bot.username}?start={CODE}{code}"

    async def start(self) -> None:
        """Take up what was left, and connect in the background."""
        try:
            await self._intake.start()
        except StorageUnavailable:
            log.warning("telegram_started_without_database")
        self._tasks.append(asyncio.create_task(self._run(), name="telegram"))

    async def close(self) -> None:
        """Ask for no more updates, finish what is under way."""
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self._intake.close()

    async def _run(self) -> None:
        await self._connect()
        if self._settings.mode == "polling":
            seconds = self._settings.poll_seconds
            poller = Poller(
                self._app.bot, self._intake, bot_id=self._settings.bot_id, seconds=seconds,
                rejected_pause=self._settings.rejected_pause,
            )  # fmt: skip
            await poller.run()

    async def _connect(self) -> None:
        """Until Telegram has said who we are and how updates reach us."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self._introduce()
            except InvalidToken:
                log.error("telegram_token_rejected", fix="ask @BotFather for a new one")  # noqa: TRY400 - no trace: it holds the token
                await asyncio.sleep(self._settings.rejected_pause)
            except TelegramError as exc:
                log.warning("telegram_not_reached", reason=type(exc).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                log.info("telegram_connected", bot=self._app.bot.username, mode=self._settings.mode)
                self._connected.set()
                return

    async def _introduce(self) -> None:
        bot = self._app.bot
        await self._app.initialize()
        if self._settings.mode == "webhook":
            await bot.set_webhook(
                self._settings.webhook_url, secret_token=self._settings.webhook_secret, allowed_updates=WANTED
            )
        else:
            await bot.delete_webhook()
        await bot.set_my_commands([BotCommand(name, what) for name, what in phrases.COMMANDS])

    async def _handle(self, delivered: Delivered) -> None:
        await self._connected.wait()
        await self._dispatch(delivered)


def application(settings: TelegramSettings) -> App:
    """PTB's application: bot, rate limiter and connections. Updates don't come through it (docs/adr/0141)."""
    # The library's coming form of its durations; in the present one it warns of itself with every 429.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    return (
        Application.builder()
        .token(settings.token)
        .base_url(f"{settings.base_url.rstrip('/')}/bot")
        .rate_limiter(AIORateLimiter(max_retries=FLOOD_RETRIES))
        .updater(None)
        .connection_pool_size(CONNECTIONS)
        .read_timeout(settings.send_seconds)
        .write_timeout(settings.send_seconds)
        .connect_timeout(settings.send_seconds)
        .pool_timeout(settings.send_seconds * 2)
        .build()
    )
