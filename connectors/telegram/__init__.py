"""Telegram, for customers: everything that a web customer can do, in a private chat with the shop's bot.

to_inbound(update) and to_telegram(message) translate, purely; `handlers/` has one kind of update a file; `part.py`
wires it.
"""

from connectors.telegram.inbound import to_inbound
from connectors.telegram.part import TelegramPart
from connectors.telegram.render import to_telegram
from connectors.telegram.settings import TelegramSettings

__all__ = ["TelegramPart", "TelegramSettings", "to_inbound", "to_telegram"]
