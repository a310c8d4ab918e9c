"""The bot, as the gateway calls it: one turn at a time over its own channel's HTTP API.

Budget: Rasa gives up on a turn after 8 s and says so; we wait a little longer, so that it is Rasa that ends a
turn (a client that hangs up cancels one after its actions ran). One repetition is safe because the bot
answers a message id that it has completed with the same messages and runs nothing twice.

aiohttp, because with many customers at once a call costs a tenth of what it does with httpx (docs/adr/0044).
"""

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Any, Protocol, Self

import aiohttp
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random

from connectors.errors import BotError, BotRefused, BotTimeout, BotUnavailable, BotUnreachable

log = structlog.get_logger(__name__)

TURN_SECONDS = 8.0
MARGIN_SECONDS = 0.5
CONNECT_SECONDS = 2.0
MAX_CONNECTIONS = 64
# Shorter than the 5 s after which the bot's server closes an idle connection, so that it isn't written to then.
KEPT_ALIVE_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Turn:
    """One message for the bot: exactly one of `text` and `payload`. `slots` are set before the turn."""

    conversation_id: str
    message_id: str
    channel: str
    text: str | None = None
    payload: str | None = None
    role: str = "customer"
    client: str | None = None
    slots: dict[str, Any] = field(default_factory=dict)


class Understanding(BaseModel):
    """The intent that the bot saw, with its confidence in [0, 1]."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    name: str | None = None
    confidence: float = 0.0


class Sentiment(BaseModel):
    """`score` in [-1, 1]."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    label: str = "neutral"
    score: float = 0.0


class BotAnswer(BaseModel):
    """What the bot said to one turn. `messages` are as Rasa's channels collect them."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    messages: tuple[dict[str, Any], ...]
    intent: Understanding = Field(default_factory=Understanding)
    sentiment: Sentiment | None = None
    repeated: bool = False


class Bot(Protocol):
    """What the gateway needs of a bot."""

    async def take_turn(self, turn: Turn) -> BotAnswer:
        """The answer to a turn. Raises BotError."""

    async def is_ready(self) -> bool:
        """Whether it can serve. Never raises."""

    async def forget(self, conversation_id: str) -> None:
        """Erase what it remembers of a conversation. Raises BotError."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """An HTTP response, read to its end."""

    status: int
    content: bytes


class RasaClient:
    """A `Bot` behind HTTP. Use as an async context manager, or `close()` it; making one does no I/O."""

    def __init__(
        self, url: str, *, token: str, turn_seconds: float = TURN_SECONDS, attempts: int = 2
    ) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._attempts = attempts
        self._timeout = aiohttp.ClientTimeout(
            total=turn_seconds + MARGIN_SECONDS, sock_connect=CONNECT_SECONDS
        )
        self._opened: aiohttp.ClientSession | None = None
        self._closed = False

    async def take_turn(self, turn: Turn) -> BotAnswer:
        """See `Bot`. Repeats once when the bot was unreachable or unavailable, never after a time-out."""
        again = retry_if_exception_type((BotUnreachable, BotUnavailable))
        async for attempt in AsyncRetrying(
            stop=stop_after_attempt(self._attempts), retry=again, wait=wait_random(0.1, 0.3), reraise=True
        ):
            with attempt:
                return await self._once(turn)
        raise BotUnreachable("no attempt was made")

    async def is_ready(self) -> bool:
        """Whether the bot's health route answers within 2 s."""
        try:
            answer = await self._request(
                "GET", "/webhooks/gateway/health", timeout=aiohttp.ClientTimeout(total=CONNECT_SECONDS)
            )
        except BotError:
            return False
        return answer.status == HTTPStatus.OK

    async def forget(self, conversation_id: str) -> None:
        """Erase the bot's tracker of a conversation; one that it doesn't know is forgotten already."""
        answer = await self._request("DELETE", f"/webhooks/gateway/conversations/{conversation_id}")
        if answer.status not in (HTTPStatus.OK, HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND):
            raise BotUnavailable(f"the bot answered {answer.status} to being asked to forget")

    async def close(self) -> None:
        """Give its connections back. Whatever is asked afterwards is refused as unreachable."""
        self._closed = True
        if self._opened is not None:
            await self._opened.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _once(self, turn: Turn) -> BotAnswer:
        answer = await self._request("POST", "/webhooks/gateway/turn", content=_body(turn))
        if answer.status != HTTPStatus.OK:
            raise _failure(answer, turn)
        try:
            return BotAnswer.model_validate_json(answer.content)
        except ValidationError as exc:
            raise BotRefused(
                f"the bot's answer has not the agreed shape: {exc.error_count()} errors"
            ) from exc

    async def _request(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        timeout: aiohttp.ClientTimeout | None = None,  # noqa: ASYNC109 - aiohttp's own, which tells its kinds apart
    ) -> _Answer:
        try:
            async with self._session().request(
                method,
                self._url + path,
                data=content,
                timeout=timeout or self._timeout,
                allow_redirects=False,
            ) as response:
                return _Answer(response.status, await response.read())
        except aiohttp.ConnectionTimeoutError as exc:
            raise BotUnreachable(f"no connection to the bot: {exc!r}") from exc
        except TimeoutError as exc:
            raise BotTimeout("the bot didn't answer in time") from exc
        except aiohttp.ClientError as exc:
            raise BotUnreachable(f"the connection to the bot failed: {exc!r}") from exc

    def _session(self) -> aiohttp.ClientSession:
        """Opened with the first request, since it belongs to the event loop that runs then."""
        if self._closed:
            raise BotUnreachable("the client is closed")
        if self._opened is None:
            self._opened = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=MAX_CONNECTIONS, keepalive_timeout=KEPT_ALIVE_SECONDS),
                headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
            )
        return self._opened


def _body(turn: Turn) -> bytes:
    return json.dumps(
        {
            "conversation": turn.conversation_id,
            "message_id": turn.message_id,
            "text": turn.text,
            "payload": turn.payload,
            "channel": turn.channel,
            "metadata": {"role": turn.role, "client": turn.client},
            "slots": turn.slots,
        }
    ).encode()


def _failure(answer: _Answer, turn: Turn) -> BotError:
    try:
        reason = str(json.loads(answer.content).get("error"))
    except (ValueError, AttributeError):
        reason = "no reason given"
    log.warning("bot_failed", conversation=turn.conversation_id, status=answer.status, reason=reason[:200])
    what = f"the bot answered {answer.status}: {reason[:200]}"
    if answer.status == HTTPStatus.GATEWAY_TIMEOUT:
        return BotTimeout(what)
    if answer.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY):
        return BotRefused(what)
    return BotUnavailable(what)
