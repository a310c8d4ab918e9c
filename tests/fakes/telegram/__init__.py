"""Telegram for tests: its Bot API over HTTP, as strict as its documentation, and people who write to the bot."""

from tests.fakes.telegram.api import BotApi, Sent
from tests.fakes.telegram.person import Person

__all__ = ["BotApi", "Person", "Sent"]
