"""What the Telegram channel needs to know of an installation. Built once, by the composition root."""

import re
from dataclasses import dataclass, field
from typing import Final, Literal

CHANNEL: Final = "telegram"
WEBHOOK_PATH: Final = "/telegram/webhook"
API_URL: Final = "https://api.telegram.org"
TOKEN_SHAPE: Final = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{20,}")
# https://core.telegram.org/bots/api#setwebhook
SECRET_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]{16,256}")


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """`token` is BotFather's. `secret` names people without saying who they are (as on the web).

    `mode` "polling" asks Telegram for updates; "webhook" has Telegram bring them to `webhook_url`, with
    `webhook_secret` in a header. `base_url` is Telegram's server, or a local one. `shop` is the shop's name.
    `overtaken_seconds` is how long an update that the webhook brings waits for one that it overtook.
    """

    token: str = field(repr=False)
    secret: str = field(repr=False)
    shop: str
    mode: Literal["polling", "webhook"] = "polling"
    webhook_url: str = ""
    webhook_secret: str = field(default="", repr=False)
    base_url: str = API_URL
    messages_per_chat: str = "30/minute"
    link_minutes: int = 15
    poll_seconds: int = 25
    typing_after: float = 1.0
    send_seconds: float = 15.0
    rejected_pause: float = 60.0
    overtaken_seconds: float = 0.3

    @property
    def bot_id(self) -> int:
        """The bot's number, with which its token begins."""
        return int(self.token.partition(":")[0])

    def __post_init__(self) -> None:
        if not TOKEN_SHAPE.fullmatch(self.token):
            raise ValueError("token: it looks like 123456789:AAH…, as BotFather writes it")
        if self.mode == "webhook" and not SECRET_SHAPE.fullmatch(self.webhook_secret):
            raise ValueError("webhook_secret: use 16 to 256 characters of A-Z, a-z, 0-9, _ and -")
