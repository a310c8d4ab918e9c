"""The settings of the Telegram channel; it is off as long as there is no token."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{20,}")
# https://core.telegram.org/bots/api#setwebhook; longer than Telegram asks for, since it guards an open address.
WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")


class TelegramFields(BaseSettings):
    """A part of `parley.settings.Settings`."""

    telegram_token: SecretStr = Field(
        SecretStr(""), description="The bot's token from @BotFather. Without one Telegram is off."
    )
    telegram_mode: Literal["polling", "webhook"] = Field(
        "polling", description="`polling` asks Telegram for updates, `webhook` has Telegram bring them."
    )
    telegram_webhook_url: str = Field(
        "",
        description="Where Telegram reaches this installation: `https://chat.shop.example/telegram/webhook`.",
    )
    telegram_webhook_secret: SecretStr = Field(
        SecretStr(""),
        description="What Telegram shows with each update. Made on the first start and kept in the state folder.",
    )
    telegram_api_url: str = Field(
        "https://api.telegram.org", description="Telegram's server, or a Bot API server of your own."
    )

    @field_validator("telegram_token")
    @classmethod
    def _token_is_one(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("is no bot token; copy it from @BotFather, such as 123456789:AAH…")
        return value

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _secret_can_be_sent(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text and not WEBHOOK_SECRET.fullmatch(text):
            raise ValueError(
                "takes 16 to 256 characters of A-Z, a-z, 0-9, _ and -; leave it out to have one made"
            )
        return value

    @field_validator("telegram_webhook_url")
    @classmethod
    def _webhook_has_an_address(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("telegram_mode") == "webhook" and not value.startswith("https://"):
            raise ValueError(
                f"{value!r} is no address that Telegram brings updates to; write it as "
                "https://chat.shop.example/telegram/webhook"
            )
        return value
