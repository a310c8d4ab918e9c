"""A bot that speaks the bot's channel API over real HTTP, and does what a test tells it to.

It keeps what the real one promises: a message id that it completed is answered with the same messages, and
nothing is run twice. `python -m tests.fakes.bot PORT` serves one by itself, for measuring the gateway.
"""

import asyncio
import socket
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.postgres import free_port

TOKEN = "a-token-that-the-bot-and-the-gateway-share"  # noqa: S105 - a test's own
Messages = list[dict[str, Any]]


def echo(turn: dict[str, Any]) -> Messages:
    """Says back what it was told."""
    return [{"text": f"You said: {turn['text'] or turn['payload']}"}]


class FakeBot:
    """The server's state. `turns` are all requests, `ran` the message ids whose work was done."""

    def __init__(self) -> None:
        self.script: Callable[[dict[str, Any]], Messages] = echo
        self.seconds = 0.0
        self.score = 0.0
        self.intent: dict[str, Any] = {"name": "greet", "confidence": 0.97}
        self.failures: deque[int] = deque()
        self.turns: list[dict[str, Any]] = []
        self.ran: list[str] = []
        self.forgotten: list[str] = []
        self.busy = 0
        self.most_busy = 0
        self.gate: asyncio.Event | None = None
        self._done: dict[str, dict[str, Any]] = {}
        self.app = Starlette(
            routes=[
                Route("/webhooks/gateway/turn", self._turn, methods=["POST"]),
                Route("/webhooks/gateway/health", self._health),
                Route("/webhooks/gateway/conversations/{id}", self._forget, methods=["DELETE"]),
            ]
        )

    def texts(self) -> list[str | None]:
        """The texts of all requests, in order."""
        return [turn["text"] for turn in self.turns]

    async def _health(self, _: Request) -> Response:
        return JSONResponse({"status": "ok", "model": "fake"})

    async def _forget(self, request: Request) -> Response:
        self.forgotten.append(request.path_params["id"])
        return Response(status_code=204)

    async def _turn(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"error": "unauthorised"}, 401)
        turn = await request.json()
        self.turns.append(turn)
        if self.failures:
            return JSONResponse({"error": "tracker_unavailable"}, self.failures.popleft())
        if known := self._done.get(turn["message_id"]):
            return JSONResponse({**known, "repeated": True})
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        try:
            await asyncio.sleep(self.seconds)
            if self.gate is not None:
                await self.gate.wait()
        finally:
            self.busy -= 1
        self.ran.append(turn["message_id"])
        answer = {
            "messages": self.script(turn),
            "intent": self.intent,
            "sentiment": {"label": "neutral", "score": self.score},
            "repeated": False,
        }
        self._done[turn["message_id"]] = answer
        return JSONResponse(answer)


class PromptServer(uvicorn.Server):
    """uvicorn that ends as soon as it may: it looks every tenth of a second, and hundreds of tests stop three each.

    What a stop means is uvicorn's: nothing new, what runs may end within its time, then the app's own end.
    """

    LOOK_SECONDS = 0.005

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ended = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Tests keep their own."""
        yield

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.ended.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        try:
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 - uvicorn tells nobody
                    await asyncio.sleep(self.LOOK_SECONDS)
        except TimeoutError:
            for task in self.server_state.tasks:
                task.cancel()
        await self.lifespan.shutdown()


@asynccontextmanager
async def serving(app: Any, *, port: int | None = None, **options: Any) -> AsyncIterator[str]:
    """Serve an ASGI app on loopback, in this event loop; gives its address."""
    chosen = port or free_port()
    config = uvicorn.Config(
        app, host="127.0.0.1", port=chosen, log_level="critical", timeout_graceful_shutdown=1, **options
    )
    async with running(config):
        yield f"http://127.0.0.1:{chosen}"


@asynccontextmanager
async def running(config: uvicorn.Config) -> AsyncIterator[None]:
    """Run a configured server in this event loop, from when it accepts until the block ends."""
    server = PromptServer(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            await task
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.ended.set()
        await task


if __name__ == "__main__":
    uvicorn.run(FakeBot().app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
