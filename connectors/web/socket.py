"""The live connection of one client: a WebSocket that says hello, replays what was missed, then pushes.

Two tasks share a connection: one reads frames, one writes. Neither waits for the other, so a client that stops
reading holds up nobody: its writes time out and the connection is closed; it comes back with its cursor.
"""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import structlog
from fastapi import APIRouter, WebSocket
from pydantic import ValidationError
from starlette.websockets import WebSocketDisconnect

from connectors.errors import ConversationUnknown, MovedAway
from connectors.gateway import MessageStored, StatusChanged, Typing
from connectors.gateway.events import Ended, NotStored, Subscription
from connectors.web.context import WebContext, context_of
from connectors.web.errors import ApiError, as_api_error
from connectors.web.guard import origin_allowed
from connectors.web.render import CHANNEL, to_inbound, to_web
from connectors.web.schemas import MessageRequest
from crm.errors import StorageUnavailable
from crm.services.inbox import first_name

log = structlog.get_logger(__name__)
router = APIRouter()

BAD_TOKEN, BAD_ORIGIN, BAD_FRAME, TOO_SLOW, TRY_LATER = 4401, 4403, 4400, 4408, 1013
HELLO_SECONDS = 10.0
SEND_SECONDS = 10.0
PAGE = 100


@router.websocket("/api/conversations/{conversation_id}/socket")
async def talk(websocket: WebSocket, conversation_id: str) -> None:
    """Serve one client until it leaves."""
    web = context_of(websocket)
    await websocket.accept()
    if not origin_allowed(websocket.headers, frozenset(web.settings.allowed_origins)):
        await websocket.close(BAD_ORIGIN)
        return
    with suppress(WebSocketDisconnect, RuntimeError), _counted(web, websocket) as admitted:
        if not admitted:
            await websocket.close(TRY_LATER)
            return
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                after = await _hello(web, websocket, conversation_id)
        except (TimeoutError, ApiError):
            await websocket.close(BAD_TOKEN)
            return
        except ValueError:
            await websocket.close(BAD_FRAME)
            return
        await Connection(web, websocket, conversation_id, after).serve()


@contextmanager
def _counted(web: WebContext, websocket: WebSocket) -> Iterator[bool]:
    """Whether the address may hold one more connection; counts it while the block lasts."""
    address = web.address(websocket)
    held = web.sockets.get(address, 0)
    if held >= web.settings.sockets_per_address:
        yield False
        return
    web.sockets[address] = held + 1
    try:
        yield True
    finally:
        web.sockets[address] -= 1
        if not web.sockets[address]:
            del web.sockets[address]


async def _hello(web: WebContext, websocket: WebSocket, conversation_id: str) -> int:
    frame = _frame(await websocket.receive_text())
    token, after = frame.get("token"), frame.get("after", 0)
    if frame.get("type") != "hello" or not isinstance(token, str):
        raise ValueError("the first frame must be a hello with a token")
    if not isinstance(after, int) or not 0 <= after < 2**31:
        raise ValueError("after must be a cursor")
    web.tokens.check(token, conversation_id)
    return after


def _frame(text: str) -> dict[str, Any]:
    frame = json.loads(text)
    if not isinstance(frame, dict):
        raise ValueError("a frame is an object")  # noqa: TRY004 - a client's mistake, met as such
    return frame


class Connection:
    """One client's connection after its hello. `cursor` is the last message that was sent to it."""

    def __init__(self, web: WebContext, websocket: WebSocket, conversation_id: str, after: int) -> None:
        self._web = web
        self._websocket = websocket
        self._conversation_id = conversation_id
        self._cursor = after
        self._sending = asyncio.Lock()

    async def serve(self) -> None:
        """Read and write until one side ends it."""
        with self._web.gateway.hub.subscribe(self._conversation_id) as subscription:
            reading = asyncio.create_task(self._read())
            writing = asyncio.create_task(self._write(subscription))
            tasks = (reading, writing)
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                results = await asyncio.gather(*tasks, return_exceptions=True)
        code = next((result for result in results if isinstance(result, int)), TRY_LATER)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect | RuntimeError):
                log.error("socket_failed", conversation=self._conversation_id, exc_info=result)
        with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
            async with asyncio.timeout(1):
                await self._websocket.close(code)

    async def _read(self) -> int:
        while True:
            try:
                text = await self._websocket.receive_text()
                if len(text) > self._web.settings.max_body_bytes:
                    await self._refuse(ApiError(413, "too_large", "That is too large to be a chat message."))
                    continue
                frame = _frame(text)
            except KeyError:
                return BAD_FRAME  # a binary frame
            except ValueError:
                await self._refuse(ApiError(400, "invalid_json", "A frame must be a JSON object."))
                continue
            match frame.pop("type", None):
                case "ping":
                    await self._send({"type": "pong"})
                case "message":
                    await self._take(frame)
                case _:
                    await self._refuse(ApiError(422, "unknown_frame", "type: use message or ping."))

    async def _take(self, frame: dict[str, Any]) -> None:
        web = self._web
        named = frame.get("client_id")
        client_id = named if isinstance(named, str) else None
        try:
            request = MessageRequest.model_validate(frame)
            address = web.address(self._websocket)
            await web.limits.send_message(address, self._conversation_id)
            inbound = to_inbound(request, self._conversation_id, web.client_hash(address))
            receipt = await web.gateway.receive(inbound)
        except ValidationError as exc:
            first = exc.errors()[0]
            field = ".".join(map(str, first["loc"])) or "message"
            message = str(first["msg"]).removeprefix("Value error, ")
            await self._refuse(ApiError(422, "invalid", f"{field}: {message}", field=field), client_id)
        except Exception as exc:
            told = as_api_error(exc)
            if told.status >= 500:
                log.exception("socket_message_failed", conversation=self._conversation_id)
            await self._refuse(told, client_id)
        else:
            await self._send({"type": "accepted", "client_id": request.client_id, "seq": receipt.seq})

    async def _write(self, subscription: Subscription) -> int:
        try:
            known = await self._web.gateway.conversation(self._conversation_id, channel=CHANNEL)
            there = self._web.continue_on
            await self._send(
                {"type": "ready", "status": known.status, "cursor": known.last_seq, "continue_on": there}
            )
            await self._replay()
            if known.assignee:
                await self._status(known.status, known.assignee)
            while (event := await subscription.next()) is not None:
                match event:
                    case MessageStored(message):
                        await self._show(message.seq, to_web(message))
                    case Typing(on, seconds):
                        await self._send({"type": "typing", "on": on, "expires_in": seconds})
                    case StatusChanged(status, assignee):
                        await self._status(status, assignee)
                    case NotStored(sentence):
                        await self._send({"type": "error", "code": "delayed", "message": sentence})
                    case Ended():
                        return BAD_TOKEN
        except (ConversationUnknown, MovedAway):
            return BAD_TOKEN
        except StorageUnavailable:
            return TRY_LATER
        except TimeoutError:
            return TOO_SLOW
        return TOO_SLOW

    async def _show(self, seq: int, message: dict[str, Any]) -> None:
        """Send a message in its place: what is known is left out, what was skipped is read first."""
        if seq <= self._cursor:
            return
        if seq > self._cursor + 1:
            await self._replay()
            return
        await self._send({"type": "message", "message": message})
        self._cursor = seq

    async def _replay(self) -> None:
        """Send everything after the cursor, page by page."""
        more = True
        while more:
            found = await self._web.gateway.history(
                self._conversation_id, after=self._cursor, limit=PAGE, channel=CHANNEL
            )
            for message in found.messages:
                await self._send({"type": "message", "message": to_web(message)})
            self._cursor = max(self._cursor, found.cursor)
            more = found.more

    async def _status(self, status: str, assignee: str | None) -> None:
        named = {"assignee": first_name(assignee)} if assignee else {}
        await self._send({"type": "status", "status": status, **named})

    async def _refuse(self, error: ApiError, client_id: str | None = None) -> None:
        named = {"client_id": client_id} if client_id else {}
        await self._send({"type": "error", "code": error.code, "message": error.message, **named})

    async def _send(self, frame: dict[str, Any]) -> None:
        async with asyncio.timeout(SEND_SECONDS), self._sending:
            await self._websocket.send_text(json.dumps(frame, ensure_ascii=False))
