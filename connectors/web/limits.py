"""How much one address and one conversation may ask for. Counted in memory: one process serves the web."""

import math
import time

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from connectors.web.errors import ApiError
from connectors.web.settings import WebSettings


class RateLimits:
    """Sliding windows, so that nobody gets twice the rate at a window's edge. Raises ApiError 429."""

    def __init__(self, settings: WebSettings) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._conversations = _parsed("conversations_per_address", settings.conversations_per_address)
        self._messages = _parsed("messages_per_address", settings.messages_per_address)
        self._in_conversation = _parsed("messages_per_conversation", settings.messages_per_conversation)

    async def begin_conversation(self, address: str) -> None:
        """Count a new conversation."""
        await self._count(self._conversations, "begin", address, "Too many new chats from your network.")

    async def send_message(self, address: str, conversation_id: str) -> None:
        """Count a message."""
        sentence = "That was a little fast."
        await self._count(self._in_conversation, "conversation", conversation_id, sentence)
        await self._count(self._messages, "address", address, sentence)

    async def _count(self, item: RateLimitItem, what: str, who: str, sentence: str) -> None:
        if await self._limiter.hit(item, what, who):
            return
        window = await self._limiter.get_window_stats(item, what, who)
        seconds = max(1, math.ceil(window.reset_time - time.time()))
        raise ApiError(
            429,
            "too_many",
            f"{sentence} Please wait {seconds} {'second' if seconds == 1 else 'seconds'} and try again.",
            headers={"Retry-After": str(seconds)},
        )


def _parsed(name: str, rate: str) -> RateLimitItem:
    try:
        return parse(rate)
    except ValueError as exc:
        raise ValueError(f'{name}: {rate!r} is no rate; write it as "60/hour" or "120/minute"') from exc
