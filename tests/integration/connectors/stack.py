"""The web channel as it runs: real HTTP and WebSocket, a real database, a bot behind real HTTP."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import select
from websockets.asyncio.client import ClientConnection, connect

from connectors.gateway import Gateway, GatewayPolicy
from connectors.gateway.channels import Channel
from connectors.rasa import RasaClient
from connectors.web.app import create_app
from connectors.web.server import server_config
from connectors.web.settings import WebSettings
from crm.database import Database
from crm.model.conversation import Conversation, Message
from crm.model.user import User
from tests.fakes.bot import TOKEN, FakeBot, running, serving
from tests.postgres import free_port

SECRET = "a secret of the tests that nobody else knows"  # noqa: S105 - a test's own
SETTINGS = WebSettings(
    secret=SECRET,
    allowed_origins=("https://shop.example",),
    conversations_per_address="10000/minute",
    messages_per_address="100000/minute",
    messages_per_conversation="10000/minute",
)
QUICK = GatewayPolicy(
    turn_seconds=20.0,  # longer than a busy machine holds anything up: who isn't answered in time is told so
    hold_seconds=30.0,
    retry_first=0.1,
    retry_most=0.3,
    give_up_seconds=60.0,
    outbox_every=0.1,
    recover_every=0.1,
    queue_every=0.1,
    forget_every=0.1,
    closing_seconds=0.2,
    deliver_first=0.05,
    deliver_most=0.2,
)
BOT_SECONDS = 15.0
"""How long the bot is waited for, unless a test is about waiting."""


@dataclass
class Chat:
    """A customer at the REST API."""

    http: httpx.AsyncClient
    id: str
    token: str
    answers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def post(self, **body: Any) -> httpx.Response:
        """Send a body as it is, with a client_id if it has none."""
        body.setdefault("client_id", str(uuid.uuid4()))
        path = f"/api/conversations/{self.id}/messages"
        return await self.http.post(path, json=body, headers=self.headers)

    async def say(self, text: str, **more: Any) -> dict[str, Any]:
        """Say something that is answered; gives the answer's JSON."""
        answer = await self.post(text=text, **more)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def texts(self, text: str) -> list[str]:
        """The texts of the replies to this."""
        return [message["text"] for message in (await self.say(text))["messages"]]

    async def read(self, after: int = 0, limit: int = 100) -> dict[str, Any]:
        path = f"/api/conversations/{self.id}/messages"
        answer = await self.http.get(path, params={"after": after, "limit": limit}, headers=self.headers)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def end(self) -> httpx.Response:
        return await self.http.delete(f"/api/conversations/{self.id}", headers=self.headers)

    async def eventually(
        self, holds: Callable[[dict[str, Any]], bool], seconds: float = 8.0
    ) -> dict[str, Any]:
        """The transcript once it is as wanted."""
        found: dict[str, Any] = {}

        async def read() -> bool:
            nonlocal found
            found = await self.read()
            return holds(found)

        await until(read, seconds)
        return found


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 8.0) -> None:
    """Return when `holds`; fails when it doesn't in time."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - what is waited for lies in another process or a database
            await asyncio.sleep(0.03)


@dataclass
class Stack:
    """Everything, and handles to each part."""

    url: str
    database: Database
    bot: FakeBot
    gateway: Gateway
    app: FastAPI
    http: httpx.AsyncClient

    async def chat(self) -> Chat:
        """A new customer."""
        answer = await self.http.post("/api/conversations", json={})
        assert answer.status_code == 201, answer.text
        told = answer.json()
        return Chat(self.http, told["conversation"], told["token"])

    async def agent(self, name: str = "Dana Whitfield") -> str:
        """Somebody of the staff; gives the id."""
        async with self.database.write() as uow:
            user = User(email=f"{uuid.uuid4().hex}@plover.example", name=name, role="agent")
            uow.session.add(user)
            await uow.commit()
            return user.id

    async def rows(self, conversation_id: str) -> list[Message]:
        """All stored messages, suppressed ones too."""
        async with self.database.read() as uow:
            found = await uow.session.scalars(
                select(Message).where(Message.conversation_id == conversation_id).order_by(Message.seq)
            )
            return list(found)

    async def row(self, conversation_id: str) -> Conversation:
        async with self.database.read() as uow:
            found = await uow.session.get(Conversation, conversation_id)
            assert found is not None
            return found

    async def do(self, act: Callable[..., Awaitable[Any]], *args: Any, **options: Any) -> Any:
        """Run a service in a unit of work of its own, as another process would."""
        async with self.database.write() as uow:
            result = await act(uow, *args, **options)
            await uow.commit()
            return result

    @asynccontextmanager
    async def socket(self, chat: Chat, *, after: int = 0, hello: bool = True) -> AsyncIterator["Socket"]:
        """A connected widget."""
        address = f"{self.url.replace('http', 'ws', 1)}/api/conversations/{chat.id}/socket"
        async with connect(address) as connection:
            socket = Socket(connection)
            if hello:
                await socket.send(type="hello", token=chat.token, after=after)
            yield socket


@dataclass
class Socket:
    """A WebSocket that speaks JSON frames."""

    connection: ClientConnection

    async def send(self, **frame: Any) -> None:
        await self.connection.send(json.dumps(frame))

    async def next(self, *kinds: str, seconds: float = 5.0) -> dict[str, Any]:
        """The next frame of these kinds; others are passed over."""
        async with asyncio.timeout(seconds):
            while True:
                frame: dict[str, Any] = json.loads(await self.connection.recv())
                if frame["type"] in kinds or not kinds:
                    return frame


@asynccontextmanager
async def bot_running() -> AsyncIterator[tuple[FakeBot, str]]:
    bot = FakeBot()
    async with serving(bot.app) as url:
        yield bot, url


@asynccontextmanager
async def stack(
    database_url: str,
    *,
    policy: GatewayPolicy = QUICK,
    bot: tuple[FakeBot, str] | None = None,
    holder: str | None = None,
    channels: tuple[Channel, ...] = (),
    bot_seconds: float = BOT_SECONDS,
    **settings: Any,
) -> AsyncIterator[Stack]:
    """The whole, for as long as the block lasts."""
    if bot is None:
        async with (
            bot_running() as own,
            stack(
                database_url,
                policy=policy,
                bot=own,
                holder=holder,
                channels=channels,
                bot_seconds=bot_seconds,
                **settings,
            ) as whole,
        ):
            yield whole
        return
    fake, bot_url = bot
    database = Database.connect(database_url)
    async with RasaClient(bot_url, token=TOKEN, turn_seconds=bot_seconds) as client:
        gateway = Gateway(database, client, policy=policy, holder=holder, channels=channels)
        app = create_app(gateway, settings=replace(SETTINGS, **settings))
        port = free_port()
        async with running(server_config(app, host="127.0.0.1", port=port, log_level="critical")):
            url = f"http://127.0.0.1:{port}"
            async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False) as http:
                yield Stack(url, database, fake, gateway, app, http)
    await database.close()
