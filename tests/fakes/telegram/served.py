"""The Bot API in a thread of its own, for tests and benchmarks that have no event loop or must not share it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from tests.fakes.bot import serving
from tests.fakes.telegram.api import BotApi
from tests.postgres import free_port

T = TypeVar("T")


class ServedBotApi:
    """Started by `with`. What changes `api` goes through `do`, since it lives in the other thread."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10), "the Bot API didn't start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._stop is not None
        self.do(self._stop.set)
        self._thread.join(10)

    def do(self, act: Callable[[], T]) -> T:
        """Call something in the server's thread."""
        assert self._loop is not None

        async def call() -> T:
            return act()

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result(10)

    def _run(self) -> None:
        async def serve() -> None:
            self.api = BotApi()
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            async with serving(self.api.app, port=self.port):
                self._ready.set()
                await self._stop.wait()

        asyncio.run(serve())
