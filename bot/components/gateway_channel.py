"""The bot's only door: the gateway's HTTP channel.

    POST   /webhooks/gateway/turn                    one message, answered in the response
    DELETE /webhooks/gateway/conversations/<id>      erases what the bot knows of a conversation
    GET    /webhooks/gateway/health                  whether a model is loaded (no token needed)

Statuses: 400 a field is wrong, 401 the token is, 502 an action failed, 503 the tracker store can't be used or
no model is loaded yet, 504 the turn took too long. After any of them the same message may be sent again:
nothing of it was stored.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import ujson
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, empty
from sanic.response import json as json_response

from components.artifacts import begin_reading
from components.gateway_request import BadRequest, Payload, TurnRequest, read_turn
from components.processor import note_understanding
from components.sentiment import KEY, NEUTRAL
from components.turn import ActionFailed, AlreadyAnswered, TrackerUnavailable, Turn, current_turn

log = logging.getLogger(__name__)

TURN_SECONDS = 8.0
Handler = Callable[[UserMessage], Awaitable[Any]]


class TurnOutput(CollectingOutputChannel):
    """Collects replies as they are: one message keeps its text, buttons and custom JSON together."""

    def __init__(self, channel: str, turn: Turn) -> None:
        super().__init__()
        self._channel = channel
        self.messages = turn.messages

    def name(self) -> str:  # type: ignore[override]  # Rasa asks the instance; each turn has its own channel
        """The customer's channel, so that responses can differ by channel."""
        return self._channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keeps what the gateway understands of a reply."""
        kept = {key: message[key] for key in ("text", "custom", "image") if message.get(key)}
        buttons = message.get("buttons") or message.get("quick_replies")
        if buttons:
            kept["buttons"] = [{"title": b["title"], "payload": b.get("payload", "")} for b in buttons]
        if kept:
            self.messages.append(kept)


class GatewayChannel(InputChannel):
    """Speaks with connectors/rasa.py, and with nobody else."""

    def __init__(self, token: str, *, turn_seconds: float = TURN_SECONDS) -> None:
        self._token = token.encode()
        self._turn_seconds = turn_seconds
        self._running: set[asyncio.Task[HTTPResponse]] = set()

    @classmethod
    def name(cls) -> str:
        """Also the URL prefix: /webhooks/gateway."""
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> GatewayChannel:
        """Needs `token`; without one the bot would be open to every process of the machine, so it doesn't start."""
        token = str((credentials or {}).get("token") or "")
        if len(token) < 16 or token.startswith("${"):
            raise RasaException("PARLEY_BOT_TOKEN must be set to a secret of at least 16 characters")
        return cls(token)

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """The three routes."""
        routes = Blueprint("gateway")

        @routes.get("/health")
        async def health(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            if agent is None or not agent.is_ready():
                return json_response({"status": "loading"}, status=503)
            return json_response({"status": "ok", "model": agent.model_id})

        @routes.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            if not self._authorised(request):
                return json_response({"error": "unauthorised"}, status=401)
            task = asyncio.create_task(self._bounded(request, on_new_message))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            # A client that hangs up must not stop a turn between its actions and its storing.
            return await asyncio.shield(task)

        @routes.delete("/conversations/<conversation:str>")
        async def forget(request: Request, conversation: str) -> HTTPResponse:
            if not self._authorised(request):
                return json_response({"error": "unauthorised"}, status=401)
            agent = request.app.ctx.agent
            try:
                async with agent.lock_store.lock(conversation):
                    await agent.tracker_store.forget(conversation)
            except TrackerUnavailable:
                return json_response({"error": "tracker_unavailable"}, status=503)
            return empty()

        return routes

    def _authorised(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(token.encode(), self._token)

    async def _bounded(self, request: Request, on_new_message: Handler) -> HTTPResponse:
        try:
            return await asyncio.wait_for(self._answer(request, on_new_message), self._turn_seconds)
        except asyncio.TimeoutError:
            log.warning("turn_timeout")
            return json_response({"error": "turn_timeout"}, status=504)

    async def _answer(self, request: Request, on_new_message: Handler) -> HTTPResponse:
        agent = getattr(request.app.ctx, "agent", None)
        if agent is None or not agent.is_ready():
            return json_response({"error": "not_ready"}, status=503)
        try:
            asked = _read(request, agent.domain)
        except BadRequest as wrong:
            return json_response({"error": wrong.problem, "field": wrong.field}, status=400)
        turn = Turn(asked.message_id, slots=asked.slots)
        current_turn.set(turn)
        if asked.payload is None and asked.text:
            begin_reading(asked.text)
        try:
            await on_new_message(_user_message(asked, turn))
        except AlreadyAnswered as known:
            return _json({**known.answer, "repeated": True})
        except TrackerUnavailable as failure:
            log.error("tracker_unavailable: %s", failure)  # noqa: TRY400 - the trace says no more
            return json_response({"error": "tracker_unavailable"}, status=503)
        except ActionFailed as failure:
            log.error("action_failed: %s", failure)  # noqa: TRY400 - the trace says no more
            return json_response({"error": "action_failed", "action": failure.action}, status=502)
        except Exception as error:
            log.exception("turn_failed: %s", type(error).__name__)
            return json_response({"error": "turn_failed"}, status=500)
        return _json({**turn.answer(), "repeated": False})


def _read(request: Request, domain: Any) -> TurnRequest:
    try:
        body = ujson.loads(request.body)
    except ValueError:
        raise BadRequest("body", "must be JSON") from None
    return read_turn(body, intents=domain.intents, entities=domain.entities, slots=_slot_names(domain))


def _slot_names(domain: Any) -> set[str]:
    names: set[str] | None = domain.__dict__.get("_parley_slot_names")
    if names is None:
        names = {slot.name for slot in domain.slots}
        domain.__dict__["_parley_slot_names"] = names
    return names


def _user_message(asked: TurnRequest, turn: Turn) -> UserMessage:
    """Text goes through understanding; a payload arrives understood and never becomes text that is parsed."""
    parsed = None if asked.payload is None else _parsed(asked.payload)
    if parsed is not None:
        note_understanding(parsed, turn)
    return UserMessage(
        text=asked.text if asked.payload is None else asked.payload.raw,
        output_channel=TurnOutput(asked.channel, turn),
        sender_id=asked.conversation,
        parse_data=parsed,
        input_channel=asked.channel,
        message_id=asked.message_id,
        metadata=asked.metadata,
    )


def _parsed(payload: Payload) -> dict[str, Any]:
    intent = {"name": payload.intent, "confidence": 1.0}
    return {
        TEXT: payload.raw,
        INTENT: intent,
        INTENT_RANKING_KEY: [intent],
        ENTITIES: payload.entities,
        KEY: dict(NEUTRAL),
    }


def _json(body: dict[str, Any]) -> HTTPResponse:
    return HTTPResponse(
        ujson.dumps(body, ensure_ascii=False, escape_forward_slashes=False), content_type="application/json"
    )
