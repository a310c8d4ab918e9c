"""Somebody who writes to the bot from their own Telegram."""

import asyncio
import itertools
from typing import Any

from tests.fakes.telegram.api import BotApi, Sent, as_message

_numbers = itertools.count(5_512_000_001)


class Person:
    """Their private chat. What they do is pushed as an update; what the bot did is read from the server."""

    def __init__(self, api: BotApi, user_id: int | None = None) -> None:
        self.api = api
        self.id = user_id or next(_numbers)
        self.user = {"id": self.id, "is_bot": False, "first_name": "Dana", "language_code": "en"}
        self.chat = {"id": self.id, "first_name": "Dana", "type": "private"}

    @property
    def received(self) -> list[Sent]:
        """Everything that the bot sent them, as it looks now."""
        return self.api.by_chat[self.id]

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.received]

    def says(self, text: str) -> int:
        """Writes; answers the update's number."""
        return self.api.push({"message": self.message(text=text)})

    def commands(self, text: str) -> int:
        length = len(text.split()[0])
        entity = {"offset": 0, "length": length, "type": "bot_command"}
        return self.api.push({"message": self.message(text=text, entities=[entity])})

    def sends(self, **content: Any) -> int:
        """A message of another kind: a sticker, a contact."""
        return self.api.push({"message": self.message(**content)})

    def presses(self, title: str, *, on: Sent | None = None) -> int:
        """Presses the newest button with this title."""
        for sent in [on] if on else reversed(self.received):
            for button in sent.buttons:
                if button["text"].casefold() == title.casefold():
                    return self.taps(sent, button["callback_data"])
        raise AssertionError(f"no button {title!r}: {[b['text'] for s in self.received for b in s.buttons]}")

    def taps(self, sent: Sent, data: str) -> int:
        """Presses what carries this."""
        query = {
            "id": str(10**18 + self.api.number()), "from": self.user, "chat_instance": "-356",
            "data": data, "message": as_message(sent),
        }  # fmt: skip
        return self.api.push({"callback_query": query})

    def message(self, **content: Any) -> dict[str, Any]:
        return {
            "message_id": self.api.message_number(), "from": self.user, "chat": self.chat, "date": 1764070000,
            **content,
        }  # fmt: skip

    async def gets(self, count: int, seconds: float = 8.0) -> list[str]:
        """The texts of everything received, once there are so many messages."""
        async with asyncio.timeout(seconds):
            while len(self.received) < count:  # noqa: ASYNC110 - what is waited for lies in another task
                await asyncio.sleep(0.02)
        return self.texts
