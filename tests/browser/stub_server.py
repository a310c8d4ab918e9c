"""A chat server for the widget's own tests: real HTTP and WebSocket, the chat API's shapes, a scripted bot.

Its state outlives its port, so a test can take the server away and bring it back, as a restart in production does.
"""

import asyncio
import itertools
import json
import secrets
import socket
import threading
import time
import tomllib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import uvicorn
import yaml
from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from connectors.web.images import product_image
from connectors.web.storefront import CONTENT_SECURITY_POLICY, SHOP_FILES, storefront_page
from connectors.web.widget import widget_script
from tests.browser import stub_bot

SHOP = Path(__file__).parents[2] / "data" / "shop"


@dataclass
class Conversation:
    """A conversation as the stub keeps it."""

    token: str
    status: str = "bot"
    assignee: str | None = None
    messages: list[dict[str, Any]] = field(default_factory=list)
    choices: dict[str, str] = field(default_factory=dict)
    sockets: set[WebSocket] = field(default_factory=set)
    delivered: dict[str, int] = field(default_factory=dict)

    @property
    def cursor(self) -> int:
        return len(self.messages)

    def add(self, content: dict[str, Any], *, at: datetime | None = None) -> dict[str, Any]:
        """Stores a message and gives its choices the ids they are pressed by."""
        seq = self.cursor + 1
        numbers = itertools.count()

        def offer(titles: list[str]) -> list[dict[str, str]]:
            offered = [{"id": f"{seq}.{next(numbers)}", "title": title} for title in titles]
            self.choices |= {choice["id"]: choice["title"] for choice in offered}
            return offered

        stored = {
            **content,
            "seq": seq,
            "id": str(uuid.uuid4()),
            "at": (at or datetime.now(UTC)).isoformat(),
            "choices": offer(content.get("choices", [])),
            "cards": [{**card, "choices": offer(card["choices"])} for card in content.get("cards", [])],
            "table": content.get("table"),
        }
        self.messages.append(stored)
        return stored


class StubServer:
    """The server; used as a context manager. `port` stays the same over `stop()` and `start()`."""

    def __init__(self) -> None:
        self.conversations: dict[str, Conversation] = {}
        self.sockets_allowed = True
        self.refuse_with: int | None = None
        self.delay_with: str | None = None
        self.thinking_seconds = 0.15
        self.received: list[str] = []
        self.continue_on: list[str] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """Where it runs, for a test that closes a socket."""
        return self._loop

    @property
    def only(self) -> Conversation:
        """The conversation, where a test has just one."""
        (conversation,) = self.conversations.values()
        return conversation

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        config = uvicorn.Config(
            _app(self), host="127.0.0.1", port=self.port, log_level="critical", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started:
            if time.monotonic() > deadline:
                raise TimeoutError("the stub server did not start")
            time.sleep(0.02)

    def stop(self) -> None:
        """Closes the port and every socket; conversations stay."""
        if self._server and self._thread:
            self._server.should_exit = True
            self._server.force_exit = True
            self._thread.join(10)

    def _run(self) -> None:
        server = self._server
        assert server is not None

        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            await server.serve()

        asyncio.run(serve())

    def agent_joins(self, name: str) -> None:
        self._set_status("human", name)
        self._say(stub_bot.notice(f"{name} has joined the chat."))

    def agent_leaves(self) -> None:
        name = self.only.assignee
        self._say(stub_bot.notice(f"{name} has left. The assistant is back."))
        self._set_status("bot", None)

    def agent_says(self, text: str) -> None:
        content = {"author": "agent", "kind": "message", "text": text, "name": self.only.assignee}
        self._say(content)

    def bot_says(self, text: str) -> None:
        self._say(stub_bot.message(text))

    def types(self, *, expires_in: float) -> None:
        frame = {"type": "typing", "on": True, "expires_in": expires_in}
        self._on_loop(lambda: broadcast(self.only, frame))

    def tells_unstored(self, sentence: str) -> None:
        """Says something that the transcript couldn't take, as with a database that is away."""
        frame = {"type": "error", "code": "delayed", "message": sentence}
        self._on_loop(lambda: broadcast(self.only, frame))

    def remember(self, content: dict[str, Any], *, days_ago: int) -> None:
        """Puts something into the past of the only conversation, without telling anybody."""
        self.only.add(content, at=datetime.now(UTC) - timedelta(days=days_ago))

    def _say(self, content: dict[str, Any]) -> None:
        stored = self.only.add(content)
        self._on_loop(lambda: broadcast(self.only, {"type": "message", "message": stored}))

    def _set_status(self, status: str, assignee: str | None) -> None:
        self.only.status, self.only.assignee = status, assignee
        frame = {"type": "status", "status": status, "assignee": assignee}
        self._on_loop(lambda: broadcast(self.only, frame))

    def _on_loop(self, work: Callable[[], Any]) -> None:
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(work(), self._loop).result(5)

    async def take(self, conversation: Conversation, body: dict[str, Any]) -> dict[str, Any]:
        """Stores a customer's message once; returns it."""
        client_id = body["client_id"]
        if known := conversation.delivered.get(client_id):
            return conversation.messages[known - 1]
        text = body.get("text") or conversation.choices[body["choice"]]
        self.received.append(text)
        own = {"author": "customer", "kind": "message", "text": text, "client_id": client_id}
        stored = conversation.add(own)
        conversation.delivered[client_id] = stored["seq"]
        return stored

    async def reply(self, conversation: Conversation, own: dict[str, Any]) -> list[dict[str, Any]]:
        """The bot's answers to a stored message, given once and only while the bot owns the conversation."""
        if own.setdefault("answered", False) or conversation.status != "bot":
            return []
        own["answered"] = True
        await broadcast(conversation, {"type": "typing", "on": True, "expires_in": 12})
        await asyncio.sleep(self.thinking_seconds)
        replies = [conversation.add(content) for content in stub_bot.answer(own["text"])]
        for stored in replies:
            await broadcast(conversation, {"type": "message", "message": stored})
        await broadcast(conversation, {"type": "typing", "on": False, "expires_in": 0})
        if "human" in own["text"].lower():
            conversation.status = "queued"
            await broadcast(conversation, {"type": "status", "status": "queued"})
        return replies


async def broadcast(conversation: Conversation, frame: dict[str, Any]) -> None:
    for open_socket in list(conversation.sockets):
        await open_socket.send_json(frame)


def _error(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": str(status), "message": message}}, status)


def _app(stub: StubServer) -> FastAPI:
    app = FastAPI()
    app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
    _add_chat(app, stub)
    _add_pages(app)
    return app


def _add_chat(app: FastAPI, stub: StubServer) -> None:
    def find(request: Request, conversation_id: str) -> Conversation | None:
        conversation = stub.conversations.get(conversation_id)
        authorised = conversation and request.headers.get("authorization") == f"Bearer {conversation.token}"
        return conversation if authorised else None

    @app.post("/api/conversations", status_code=201)
    async def start() -> dict[str, Any]:
        conversation_id, token = str(uuid.uuid4()), secrets.token_hex(8)
        stub.conversations[conversation_id] = Conversation(token)
        limits = {"max_characters": 1000}
        return {
            "conversation": conversation_id, "token": token, "cursor": 0, "limits": limits,
            "continue_on": stub.continue_on,
        }  # fmt: skip

    @app.post("/api/conversations/{conversation_id}/links", status_code=201)
    async def link(request: Request, conversation_id: str) -> Response:
        if find(request, conversation_id) is None:
            return _error(404, "This conversation does not exist.")
        if stub.refuse_with:
            return _error(stub.refuse_with, "Not now.")
        url = f"https://t.me/plover_lane_bot?start=c-{'x' * 32}"
        return JSONResponse({"channel": "telegram", "url": url, "expires_in": 900}, 201)

    @app.post("/api/conversations/{conversation_id}/messages")
    async def post(request: Request, conversation_id: str) -> Response:
        conversation = find(request, conversation_id)
        if conversation is None:
            return _error(404, "This conversation does not exist.")
        if stub.refuse_with:
            return _error(stub.refuse_with, "That was a little fast. Please wait a moment.")
        own = await stub.take(conversation, await request.json())
        if stub.delay_with:
            told = {"cursor": own["seq"], "status": conversation.status, "messages": []}
            return JSONResponse({**told, "notice": stub.delay_with}, 202)
        replies = await stub.reply(conversation, own)
        return JSONResponse(
            {"cursor": conversation.cursor, "status": conversation.status, "messages": replies}
        )

    @app.get("/api/conversations/{conversation_id}/messages")
    async def history(request: Request, conversation_id: str, after: int = 0, limit: int = 100) -> Response:
        conversation = find(request, conversation_id)
        if conversation is None:
            return _error(404, "This conversation does not exist.")
        page = conversation.messages[after : after + limit]
        cursor = page[-1]["seq"] if page else after
        return JSONResponse({"cursor": cursor, "status": conversation.status, "messages": page})

    @app.delete("/api/conversations/{conversation_id}", status_code=204)
    async def end(request: Request, conversation_id: str) -> Response:
        if find(request, conversation_id) is None:
            return _error(404, "This conversation does not exist.")
        if stub.refuse_with:
            return _error(stub.refuse_with, "Not now.")
        ended = stub.conversations.pop(conversation_id)
        for open_socket in list(ended.sockets):
            await open_socket.close(4401)
        return Response(status_code=204)

    @app.websocket("/api/conversations/{conversation_id}/socket")
    async def talk(websocket: WebSocket, conversation_id: str) -> None:
        if not stub.sockets_allowed:
            await websocket.close(4403)
            return
        await websocket.accept()
        conversation = stub.conversations.get(conversation_id)
        hello = await websocket.receive_json()
        if conversation is None or hello["token"] != conversation.token:
            await websocket.close(4401)
            return
        await _serve_socket(stub, conversation, websocket, hello["after"])


async def _serve_socket(
    stub: StubServer, conversation: Conversation, websocket: WebSocket, after: int
) -> None:
    ready = {
        "type": "ready", "status": conversation.status, "cursor": conversation.cursor,
        "continue_on": stub.continue_on,
    }  # fmt: skip
    await websocket.send_json(ready)
    for missed in conversation.messages[after:]:
        await websocket.send_json({"type": "message", "message": missed})
    conversation.sockets.add(websocket)
    tasks: set[asyncio.Task[Any]] = set()
    try:
        while True:
            frame = await websocket.receive_json()
            if frame["type"] == "ping":
                await websocket.send_json({"type": "pong"})
                continue
            client_id = frame["client_id"]
            if stub.refuse_with:
                message = "That was a little fast. Please wait a moment."
                error = {"type": "error", "code": "too_many", "message": message, "client_id": client_id}
                await websocket.send_json(error)
                continue
            own = await stub.take(conversation, frame)
            accepted = {"type": "accepted", "client_id": client_id, "seq": own["seq"]}
            await websocket.send_json(accepted)
            tasks.add(asyncio.create_task(stub.reply(conversation, own)))
    except (WebSocketDisconnect, RuntimeError):
        conversation.sockets.discard(websocket)


def _add_pages(app: FastAPI) -> None:
    shop = tomllib.loads((SHOP / "shop.toml").read_text())
    lines = (SHOP / "catalogue.jsonl").read_text().splitlines()
    products = [_product(json.loads(line)) for line in lines]
    by_sku = {product.sku: product for product in products}
    shelves = yaml.safe_load((SHOP / "categories.yml").read_text())
    names = {shelf["slug"]: shelf["name"] for shelf in shelves}

    @app.get("/")
    async def page() -> HTMLResponse:
        html = storefront_page(
            name=shop["name"], tagline=shop["tagline"], products=products, categories=names, promises=PROMISES
        )
        return HTMLResponse(html, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})

    @app.get("/widget.js")
    async def widget() -> Response:
        return Response(widget_script().text, media_type="text/javascript")

    @app.get("/embed")
    async def embed(server: str, attributes: str = "", policy: str = "", element: str = "") -> HTMLResponse:
        html = (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Some shop</title>'
            f'<body><h1>Some shop</h1>{element}<script src="{server}/widget.js" defer {attributes}></script>'
        )
        return HTMLResponse(html, headers={"Content-Security-Policy": policy} if policy else {})

    @app.get("/shop/images/{sku}.svg")
    async def picture(sku: str) -> Response:
        product = by_sku[sku]
        svg = product_image(product.sku, product.category, product.name)
        return Response(svg, media_type="image/svg+xml")

    app.mount("/shop", StaticFiles(directory=SHOP_FILES))


def _product(record: dict[str, Any]) -> Any:
    return SimpleNamespace(**{**record, "price": Decimal(record["price"])})


PROMISES = (
    ("Delivered in days", "€4.90 for the parcel, nothing from €75.00 on."),
    ("Pay by invoice", "It comes with the order and is due 14 days later."),
    ("Thirty days to decide", "Send it back if it isn’t right, in any mood but broken."),
)
