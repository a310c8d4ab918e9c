"""Restoring the order of deliveries that overtook each other on their way here.

A channel that numbers its deliveries and sends several at once (Telegram's webhook) may bring number 12 before
11. A gap shows that, so 12 waits a moment for 11; not longer, since numbers may also be left out.
"""

import asyncio


class Sequencer:
    """Knows which positions came. With `patience` 0 nothing ever waits."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._reached: int | None = None  # everything up to here came, or was waited for in vain
        self._beyond: set[int] = set()
        self._moved = asyncio.Event()

    def saw(self, position: int) -> None:
        """This one came."""
        if not self._patience:
            return
        if self._reached is None:
            self._reached = position - 2  # the very first one may have overtaken too
        if position > self._reached:
            self._beyond.add(position)
            self._advance()

    async def wait_for_those_before(self, position: int) -> None:
        """Return when everything before came, or after a moment."""
        if not self._patience or self._reached is None or position <= self._reached:
            return
        try:
            async with asyncio.timeout(self._patience):
                while position > self._reached:
                    await self._moved.wait()
        except TimeoutError:
            self._reached = max(self._reached, position)
            self._advance()

    def _advance(self) -> None:
        assert self._reached is not None  # noqa: S101 - nothing is beyond before the first came
        self._beyond = {one for one in self._beyond if one > self._reached}
        while self._reached + 1 in self._beyond:
            self._reached += 1
            self._beyond.discard(self._reached)
        self._moved.set()
        self._moved = asyncio.Event()
