"""Showing that somebody types while an answer takes long. Telegram lets it expire by itself after 5 s."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

REPEAT = 4.5


@asynccontextmanager
async def typing(
    show: Callable[[int], Awaitable[None]], chat_id: int, *, after: float
) -> AsyncIterator[None]:
    """While the block lasts, from `after` seconds on."""

    async def go_on() -> None:
        await asyncio.sleep(after)
        while True:
            await show(chat_id)
            await asyncio.sleep(REPEAT)

    task = asyncio.create_task(go_on())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
