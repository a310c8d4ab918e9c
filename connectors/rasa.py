"""The bot, as the gateway calls it: one turn at a time over its own channel's HTTP API.

Budget: Rasa gives up on a turn after 8 s and says so; we wait a little longer, so that it is Rasa that ends a
turn (a client that hangs up cancels one after its actions ran). One repetition is safe because the bot
answers a message id that it has completed with the same messages and runs nothing twice.
"""

import json
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol, Self

import httpx
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random

from connectors.errors import BotError, BotRefused, BotTimeout, BotUnavailable, BotUnreachable

log = structlog.get_logger(__name__)

TURN_SECONDS = 8.0
MARGIN_SECONDS = 0.5
CONNECT_SECONDS = 2.0
MAX_CONNECTIONS = 64


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


class RasaClient:
    """A `Bot` behind HTTP. Use as an async context manager, or `close()` it."""

    def __init__(
        self, url: str, *, token: str, turn_seconds: float = TURN_SECONDS, attempts: int = 2
    ) -> None:
        self._attempts = attempts
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(turn_seconds + MARGIN_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS),
            trust_env=False,
        )

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
            answer = await self._http.get("/webhooks/gateway/health", timeout=CONNECT_SECONDS)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK

    async def forget(self, conversation_id: str) -> None:
        """Erase the bot's tracker of a conversation; one that it doesn't know is forgotten already."""
        answer = await self._request("DELETE", f"/webhooks/gateway/conversations/{conversation_id}")
        if answer.status_code not in (httpx.codes.OK, httpx.codes.NO_CONTENT, httpx.codes.NOT_FOUND):
            raise BotUnavailable(f"the bot answered {answer.status_code} to being asked to forget")

    async def close(self) -> None:
        """Give its connections back."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _once(self, turn: Turn) -> BotAnswer:
        answer = await self._request("POST", "/webhooks/gateway/turn", content=_body(turn))
        if answer.status_code != httpx.codes.OK:
            raise _failure(answer, turn)
        try:
            return BotAnswer.model_validate_json(answer.content)
        except ValidationError as exc:
            raise BotRefused(
                f"the bot's answer has not the agreed shape: {exc.error_count()} errors"
            ) from exc

    async def _request(self, method: str, path: str, *, content: bytes | None = None) -> httpx.Response:
        headers = {"Content-Type": "application/json"} if content else None
        try:
            return await self._http.request(method, path, content=content, headers=headers)
        except (httpx.ConnectTimeout, httpx.PoolTimeout) as exc:
            raise BotUnreachable(f"no connection to the bot: {exc!r}") from exc
        except httpx.TimeoutException as exc:
            raise BotTimeout("the bot didn't answer in time") from exc
        except httpx.HTTPError as exc:
            raise BotUnreachable(f"the connection to the bot failed: {exc!r}") from exc


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


def _failure(answer: httpx.Response, turn: Turn) -> BotError:
    try:
        reason = str(answer.json().get("error"))
    except (ValueError, AttributeError):
        reason = "no reason given"
    log.warning(
        "bot_failed", conversation=turn.conversation_id, status=answer.status_code, reason=reason[:200]
    )
    what = f"the bot answered {answer.status_code}: {reason[:200]}"
    if answer.status_code == httpx.codes.GATEWAY_TIMEOUT:
        return BotTimeout(what)
    if answer.status_code in (httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY):
        return BotRefused(what)
    return BotUnavailable(what)
