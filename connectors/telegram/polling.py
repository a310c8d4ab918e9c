"""Asking Telegram for updates. What was asked for last is acknowledged by asking on, so it is stored first."""

import asyncio
from typing import Any

import structlog
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.ext import ExtBot

from connectors.gateway.intake import Intake
from connectors.telegram.updates import WANTED, as_delivered
from crm.errors import StorageUnavailable

log = structlog.get_logger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0


class Poller:
    """Fetches updates into the intake until it is cancelled. Nothing that goes wrong ends it."""

    def __init__(
        self, bot: "ExtBot[Any]", intake: Intake, *, bot_id: int, seconds: int, rejected_pause: float
    ) -> None:
        self._bot = bot
        self._intake = intake
        self._bot_id = bot_id
        self._seconds = seconds
        self._rejected_pause = rejected_pause
        self._offset: int | None = None
        self._pause = FIRST_PAUSE

    async def run(self) -> None:
        """Fetch for ever."""
        while True:
            try:
                await self._once()
                self._pause = FIRST_PAUSE
            except RetryAfter as exc:
                await asyncio.sleep(_seconds(exc))
            except InvalidToken:
                log.error("telegram_token_rejected", fix="ask @BotFather for a new one")  # noqa: TRY400 - no trace: it holds the token
                await asyncio.sleep(self._rejected_pause)
            except Conflict:
                log.error("telegram_polled_twice", fix="another program uses this bot's token; stop it")  # noqa: TRY400 - nothing to trace
                await self._wait()
            except (TelegramError, StorageUnavailable) as exc:
                log.warning("telegram_not_polled", reason=type(exc).__name__)
                await self._wait()

    async def _once(self) -> None:
        updates = await self._bot.get_updates(
            offset=self._offset,
            timeout=self._seconds,
            read_timeout=self._seconds + 10,
            allowed_updates=WANTED,
        )
        if not updates:
            return
        await self._intake.take([as_delivered(update.to_dict(), self._bot_id) for update in updates])
        # Never back: an update that comes again, though it was acknowledged, doesn't bring the others again.
        self._offset = max(self._offset or 0, updates[-1].update_id + 1)

    async def _wait(self) -> None:
        await asyncio.sleep(self._pause)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)


def _seconds(exc: RetryAfter) -> float:
    after = exc.retry_after
    return float(after if isinstance(after, int) else after.total_seconds())
