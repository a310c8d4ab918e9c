"""Slack as a part of the web process: Bolt, what it takes in, what goes on beside, and its life.

A delivery goes through Bolt twice. First Bolt checks its signature (HTTP) or its socket brought it; then it is claimed
by its id in the database and acknowledged: one insert, whatever Slack's API or the bot do meanwhile. The intake then
hands it to Bolt again, whose listeners do the work, again after a failure. A replayed request has an id that is known.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from slack_bolt import BoltResponse
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.error import BoltUnhandledRequestError
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from connectors.errors import GatewayClosed
from connectors.gateway import Gateway
from connectors.gateway.housekeeping import Job
from connectors.gateway.intake import Intake, IntakePolicy
from connectors.slack.alerting import Alerting
from connectors.slack.channel import SlackChannel
from connectors.slack.context import Slack, is_gone
from connectors.slack.inbound import NAME, key_of, lane_of, position_of
from connectors.slack.listeners import (
    accept,
    choice,
    command,
    hand_back,
    home,
    member_change,
    mention,
    message,
    open_card,
    reply,
)
from connectors.slack.live import Threads
from connectors.slack.members import Members
from connectors.slack.settings import SlackSettings
from crm.errors import StorageUnavailable
from crm.services import staff_chats
from crm.services.deliveries import Delivered

log = structlog.get_logger(__name__)
PATH = "/slack/events"
MAX_BODY_BYTES = 512 * 1024
TAKEN = "parley_taken"
FAILURE = "parley_failure"
LISTENERS = (message, mention, command, choice, accept, open_card, reply, hand_back, home, member_change)
RECONNECT_FIRST, RECONNECT_MOST = 2.0, 60.0
KEPT, FORGET_EVERY = timedelta(days=7), 3600.0
Next = Callable[[], Awaitable[BoltResponse]]


class SlackPart:
    """See `connectors.web.app.Part`. The gateway is made with its `channel`, then it joins the gateway."""

    slack: Slack
    app: AsyncApp
    intake: Intake

    def __init__(self, settings: SlackSettings) -> None:
        self._settings = settings
        self._socket: asyncio.Task[None] | None = None
        self.channel = SlackChannel()
        self.router: APIRouter | None = None
        self.caps: Mapping[str, int] = {PATH: MAX_BODY_BYTES}
        self.jobs: tuple[Job, ...] = ()

    def join(self, gateway: Gateway) -> None:
        """Work with this gateway. Once, before it starts."""
        settings = self._settings
        client = web_client(settings)
        members = Members(client, gateway.database, remember_seconds=settings.remember_members_seconds)
        self.slack = Slack(gateway, client, members, settings)
        self.channel.connect(self.slack)
        self.app = bolt_app(self.slack, self._claim)
        policy = IntakePolicy(settle=settings.settle_seconds, attempts=10, retry_most=60.0)
        self.intake = Intake(gateway.database, NAME, self._work, holder=gateway.holder, policy=policy)
        self.router = self._routes() if settings.signing_secret else None
        self.jobs = (
            Job("slack_alerts", settings.alerts_every, Alerting(self.slack).run, self.slack.alerts_woken),
            Job("slack_threads", settings.threads_every, Threads(self.slack).run, self.slack.threads_woken),
            Job("slack_forget", FORGET_EVERY, self._forget),
            Job("slack_recover", gateway.policy.recover_every, self.intake.recover),
        )

    async def start(self) -> None:
        """See `Part`."""
        try:
            await self.intake.start()
        except StorageUnavailable:
            log.warning("slack_started_without_database")
        if self._settings.app_token:
            self._socket = asyncio.create_task(self._keep_connected(), name="slack-socket")

    async def close(self) -> None:
        """See `Part`."""
        if self._socket is not None:
            self._socket.cancel()
            with suppress(asyncio.CancelledError):
                await self._socket
        await self.intake.close()

    async def _forget(self) -> None:
        """What staff asked is about customers, so it isn't kept long."""
        async with self.slack.database.write() as uow:
            if await staff_chats.clear(uow, before=uow.now() - KEPT):
                await uow.commit()
                self.slack.gateway.ended.set()

    async def _claim(self, body: dict[str, Any]) -> BoltResponse:
        """Store a delivery and acknowledge it; 503 has Slack deliver it again."""
        key = key_of(body)
        if key is None:
            return BoltResponse(status=400, body="")
        delivered = Delivered(key, lane_of(body), position_of(body, time.time()), body)
        try:
            await self.intake.take([delivered])
        except (StorageUnavailable, GatewayClosed):
            log.warning("slack_delivery_not_taken")
            return BoltResponse(status=503, body="")
        return BoltResponse(status=200, body="")

    async def _work(self, delivered: Delivered) -> None:
        """Have Bolt's listeners deal with one delivery. Raises what they raise, so that it is tried again."""
        await self.slack.members.workspace()
        request = AsyncBoltRequest(body=delivered.payload, mode="socket_mode", context={TAKEN: True})
        await self.app.async_dispatch(request)
        failure = request.context.get(FAILURE)
        if isinstance(failure, SlackApiError) and is_gone(failure):
            log.info("slack_delivery_too_late", reason=failure.response["error"])
        elif isinstance(failure, Exception):
            raise failure

    def _routes(self) -> APIRouter:
        router = APIRouter(include_in_schema=False)
        handler = AsyncSlackRequestHandler(self.app)
        verifier = SignatureVerifier(self._settings.signing_secret)

        @router.post(PATH)
        async def events(request: Request) -> Response:
            # Before Bolt, which parses the body first: what isn't Slack's is none of our business, however it looks.
            if not verifier.is_valid_request(await request.body(), dict(request.headers)):
                return Response(status_code=401)
            try:
                return await handler.handle(request)
            except (ValueError, TypeError, AttributeError):
                log.warning("slack_request_malformed")
                return Response(status_code=400)

        return router

    async def _keep_connected(self) -> None:
        """Socket Mode's own client reconnects; this one is for when it can't even begin."""
        pause = RECONNECT_FIRST
        while True:
            handler = AsyncSocketModeHandler(self.app, self._settings.app_token, web_client=self.slack.client)
            try:
                await handler.connect_async()  # type: ignore[no-untyped-call]  # slack-bolt types it partly
                log.info("slack_connected")
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise
            except Exception as exc:
                told = exc.response["error"] if isinstance(exc, SlackApiError) else type(exc).__name__
                log.warning("slack_not_connected", reason=told)
            finally:
                with suppress(Exception):
                    await asyncio.shield(handler.close_async())  # type: ignore[no-untyped-call]  # as above
            await asyncio.sleep(pause)
            pause = min(pause * 2, RECONNECT_MOST)


def web_client(settings: SlackSettings) -> AsyncWebClient:
    """Slack's API: waits as long as Slack says, tries once more where the connection or Slack broke."""
    return AsyncWebClient(
        token=settings.bot_token,
        base_url=settings.api_url,
        timeout=settings.api_seconds,
        logger=_quiet(),
        retry_handlers=[
            AsyncConnectionErrorRetryHandler(max_retry_count=1),
            AsyncRateLimitErrorRetryHandler(max_retry_count=2),
            AsyncServerErrorRetryHandler(max_retry_count=1),
        ],
    )


def bolt_app(slack: Slack, claim: Callable[[dict[str, Any]], Awaitable[BoltResponse]]) -> AsyncApp:
    """Bolt with our listeners. `claim` takes what has passed the signature check for the first time."""

    async def take(req: AsyncBoltRequest, next_: Next) -> BoltResponse:
        if req.context.get(TAKEN) or req.body.get("type") == "url_verification":
            return await next_()
        return await claim(req.body)

    app = AsyncApp(
        name="parley",
        client=slack.client,
        signing_secret=slack.settings.signing_secret or "unused: only the socket brings anything",
        before_authorize=take,
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        logger=_quiet(),
    )

    @app.error
    async def failed(error: Exception, context: dict[str, Any]) -> BoltResponse:
        if not isinstance(error, BoltUnhandledRequestError):
            context[FAILURE] = error
        return BoltResponse(status=200, body="")

    for listener in LISTENERS:
        listener.register(app, slack)
    return app


def _quiet() -> logging.Logger:
    """Slack's libraries log payloads, which hold what people wrote; what matters is logged here."""
    logger = logging.getLogger("parley.slack")
    logger.setLevel(logging.CRITICAL)
    return logger
