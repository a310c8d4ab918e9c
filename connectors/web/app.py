"""The web channel as an ASGI app: `create_app(gateway, settings=…)`."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Protocol

import structlog
from fastapi import APIRouter, FastAPI
from fastapi_offline import FastAPIOffline
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.gateway import Gateway
from connectors.gateway.housekeeping import Housekeeping, Job
from connectors.web import chat, documents, errors, links, pages, socket
from connectors.web.context import Elsewhere, WebContext
from connectors.web.guard import Guard
from connectors.web.pages import ShopFiles
from connectors.web.settings import WebSettings
from connectors.web.storefront import SHOP_FILES
from crm.errors import StorageUnavailable

log = structlog.get_logger(__name__)

DESCRIPTION = """\
Talk with the shop's assistant from your own client.

1. `POST /api/conversations` begins a conversation and gives its id, a token and a cursor.
2. `POST /api/conversations/{id}/messages` with `Authorization: Bearer <token>` says something and waits for the
   replies; what they offer is pressed by sending its `id` as `choice`.
3. `GET /api/conversations/{id}/messages?after=<cursor>` reads on: what an agent writes arrives there, or at once
   through the WebSocket at `/api/conversations/{id}/socket`.
"""
# FastAPI's own would record validation failures and exceptions with what customers typed, and costs time.
NO_TELEMETRY = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False}
DOCS_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
)


class Resource(Protocol):
    """Something that holds connections until it is closed."""

    async def close(self) -> None:
        """Give them back."""


class Part(Protocol):
    """Another channel that lives in this process: what it serves over HTTP, does by the way, and its life.

    `start` is called when the gateway runs and returns soon, whatever the channel's servers do; `close` before the
    gateway is closed. `caps` are larger limits of a request's size, by how its path begins.
    """

    router: APIRouter | None
    jobs: tuple[Job, ...]
    caps: Mapping[str, int]

    async def start(self) -> None:
        """Begin to work. Never raises."""

    async def close(self) -> None:
        """Stop taking anything in."""


def create_app(
    gateway: Gateway,
    *,
    settings: WebSettings,
    jobs: tuple[Job, ...] = (),
    parts: tuple[Part, ...] = (),
    elsewhere: tuple[Elsewhere, ...] = (),
    resources: tuple[Resource, ...] = (),
) -> FastAPI:
    """The app. Its lifespan starts the gateway, its housekeeping (and `jobs`) and its `parts`, and closes them.

    `elsewhere` are channels where web customers may go on with their conversation. `resources` are what the gateway
    works with and nobody else: they are closed after it, the last one first.

    A database that is down doesn't keep it from starting: it answers 503 until the database is back.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as held:
            for resource in resources:
                held.push_async_callback(resource.close)
            try:
                await gateway.start()
            except StorageUnavailable:
                log.warning("started_without_database")
            extra = (*jobs, *(job for part in parts for job in part.jobs))
            background = asyncio.create_task(Housekeeping(gateway, extra=extra).run())
            for part in parts:
                await part.start()
            try:
                yield
            finally:
                for part in parts:
                    await part.close()
                background.cancel()
                with suppress(asyncio.CancelledError):
                    await background
                with suppress(StorageUnavailable):
                    await gateway.close()

    app: FastAPI = FastAPIOffline(
        docs_url="/docs",
        redoc_url=None,
        title="Parley chat API",
        description=DESCRIPTION,
        version="1",
        static_url="/docs-files",
        telemetry=NO_TELEMETRY,
        lifespan=lifespan,
    )
    app.state.web = WebContext.build(gateway, settings, elsewhere)
    errors.install(app)
    app.include_router(chat.router)
    app.include_router(socket.router)
    app.include_router(links.router)
    app.include_router(pages.health)
    app.include_router(pages.router)
    for part in parts:
        if part.router is not None:
            app.include_router(part.router)
    app.include_router(documents.router)
    app.mount("/shop", ShopFiles(directory=SHOP_FILES))
    app.add_middleware(_DocsPolicy)
    app.add_middleware(
        Guard,
        allowed_origins=settings.allowed_origins,
        max_body_bytes=settings.max_body_bytes,
        larger={start: cap for part in parts for start, cap in part.caps.items()},
    )
    return app


class _DocsPolicy:
    """Swagger UI's page needs an inline script; no other page may have one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/docs"):
            await self._app(scope, receive, send)
            return

        async def relaxed(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(raw=message["headers"])["content-security-policy"] = DOCS_POLICY
            await send(message)

        await self._app(scope, receive, relaxed)
