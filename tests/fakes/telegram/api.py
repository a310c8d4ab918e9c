"""The Bot API's server. Keeps what Telegram promises: updates come again until they are acknowledged by asking on."""

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.telegram.markup import Refused, visible
from tests.fakes.telegram.methods import parsed

BOT_ID = 6839201547
TOKEN = f"{BOT_ID}:AAHq3vT-fakefakefakefakefakefakefake0"
USERNAME = "plover_lane_bot"
Failing = Callable[[str, dict[str, Any]], Response | float | None]


@dataclass
class Sent:
    """A message in a chat, as it looks now."""

    message_id: int
    chat_id: int
    text: str
    html: str
    photo: str | None = None
    buttons: list[dict[str, Any]] = field(default_factory=list)
    keys: list[dict[str, Any]] = field(default_factory=list)
    edits: int = 0
    at: float = field(default_factory=time.monotonic)


class BotApi:
    """The server's state; `app` is served by a test. `fail` may answer instead: a response, or seconds to hang."""

    def __init__(self, *, token: str = TOKEN) -> None:
        self.token = token
        self.sent: list[Sent] = []
        self.by_chat: defaultdict[int, list[Sent]] = defaultdict(list)
        self.actions: list[tuple[int, str, float]] = []
        self.toasts: dict[str, dict[str, Any]] = {}
        self.left: list[int] = []
        self.commands: list[dict[str, Any]] = []
        self.webhook: dict[str, Any] | None = None
        self.calls: list[str] = []
        self.refusals: list[str] = []
        self.fail: Failing | None = None
        self.blocked_by: set[int] = set()
        self.uploads = 0
        self._again: deque[dict[str, Any]] = deque()
        self._updates: deque[dict[str, Any]] = deque()
        self._pushed: dict[int, dict[str, Any]] = {}
        self._arrived = asyncio.Event()
        self._next_update = 481_200_100
        self._next_message = 100
        self.app = Starlette(routes=[Route("/bot{token}/{method}", self._serve, methods=["POST", "GET"])])

    def push(self, update: dict[str, Any]) -> int:
        """Something happened on Telegram; answers the update's number."""
        update = {"update_id": self.number(), **update}
        self._updates.append(update)
        self._arrived.set()
        number: int = update["update_id"]
        self._pushed[number] = update
        return number

    def push_again(self, number: int) -> None:
        """An update that was acknowledged comes once more, as after an acknowledgement that was lost."""
        self._again.append(self._pushed[number])
        self._arrived.set()

    def number(self) -> int:
        """The next update's number."""
        self._next_update += 1
        return self._next_update

    def message_number(self) -> int:
        self._next_message += 1
        return self._next_message

    @property
    def unacknowledged(self) -> int:
        return len(self._updates)

    def texts(self, chat_id: int) -> list[str]:
        return [one.text for one in self.by_chat[chat_id]]

    async def _serve(self, request: Request) -> Response:
        method = request.path_params["method"]
        self.calls.append(method)
        if request.path_params["token"] != self.token:
            return _no(401, "Unauthorized")
        given = await _given(request)
        if self.fail is not None:
            failure = self.fail(method, given)
            if isinstance(failure, Response):
                return failure
            if failure is not None:
                await asyncio.sleep(failure)
        try:
            params = parsed(method, given)
            result = await getattr(self, f"_{method}")(params)
        except Refused as exc:
            if exc.status in (400, 404):
                self.refusals.append(f"{method}: {exc.description}")
            return _no(exc.status, exc.description)
        return JSONResponse({"ok": True, "result": result})

    async def _getMe(self, _: dict[str, Any]) -> Any:
        return {"id": BOT_ID, "is_bot": True, "first_name": "Plover Lane", "username": USERNAME,
                "can_join_groups": True, "can_read_all_group_messages": False,
                "supports_inline_queries": False, "can_connect_to_business": False,
                "has_main_web_app": False}  # fmt: skip

    async def _getUpdates(self, params: dict[str, Any]) -> Any:
        if self.webhook is not None:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = params.get("offset")
        while offset is not None and self._updates and self._updates[0]["update_id"] < offset:
            self._updates.popleft()
        if not self._updates and not self._again:
            self._arrived.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(params.get("timeout", 0), 5)):
                    await self._arrived.wait()
        again = list(self._again)
        self._again.clear()
        return again or list(self._updates)[: params.get("limit", 100)]

    async def _setWebhook(self, params: dict[str, Any]) -> Any:
        self.webhook = params
        return True

    async def _deleteWebhook(self, _: dict[str, Any]) -> Any:
        self.webhook = None
        return True

    async def _setMyCommands(self, params: dict[str, Any]) -> Any:
        self.commands = params["commands"]
        return True

    async def _sendMessage(self, params: dict[str, Any]) -> Any:
        return self._post(params, params["text"], photo=None)

    async def _sendPhoto(self, params: dict[str, Any]) -> Any:
        return self._post(params, params.get("caption", ""), photo=self._photo(params["photo"]))

    async def _sendChatAction(self, params: dict[str, Any]) -> Any:
        self._may_write(params["chat_id"])
        self.actions.append((params["chat_id"], params["action"], time.monotonic()))
        return True

    async def _answerCallbackQuery(self, params: dict[str, Any]) -> Any:
        if params["callback_query_id"] in self.toasts:
            raise Refused(
                400, "Bad Request: query is too old and response timeout expired or query ID is invalid"
            )
        self.toasts[params["callback_query_id"]] = params
        return True

    async def _editMessageText(self, params: dict[str, Any]) -> Any:
        sent = self._known(params)
        if sent.photo is not None:
            raise Refused(400, "Bad Request: there is no text in the message to edit")
        return self._change(sent, params["text"], params.get("parse_mode"), params)

    async def _editMessageMedia(self, params: dict[str, Any]) -> Any:
        sent, media = self._known(params), params["media"]
        sent.photo = self._photo(media["media"])
        return self._change(sent, media.get("caption", ""), media.get("parse_mode"), params)

    async def _leaveChat(self, params: dict[str, Any]) -> Any:
        self.left.append(params["chat_id"])
        return True

    def _post(self, params: dict[str, Any], html: str, *, photo: str | None) -> Any:
        chat_id = params["chat_id"]
        self._may_write(chat_id)
        sent = Sent(self.message_number(), chat_id, visible(html, params.get("parse_mode")), html, photo)
        _dress(sent, params)
        self.sent.append(sent)
        self.by_chat[chat_id].append(sent)
        return as_message(sent)

    def _change(self, sent: Sent, html: str, mode: str | None, params: dict[str, Any]) -> Any:
        before = (sent.html, sent.buttons)
        sent.html, sent.text = html, visible(html, mode)
        _dress(sent, params)
        if before == (sent.html, sent.buttons):
            raise Refused(400, "Bad Request: message is not modified")
        sent.edits += 1
        return as_message(sent)

    def _known(self, params: dict[str, Any]) -> Sent:
        for sent in self.by_chat[params["chat_id"]]:
            if sent.message_id == params["message_id"]:
                return sent
        raise Refused(400, "Bad Request: message to edit not found")

    def _may_write(self, chat_id: int) -> None:
        if chat_id in self.blocked_by:
            raise Refused(403, "Forbidden: bot was blocked by the user")

    def _photo(self, photo: Any) -> str:
        """What a picture is called from now on: an upload gets an id."""
        if isinstance(photo, str) and not photo.startswith("attach://"):
            if not photo.startswith(("https://", "file-")):
                raise Refused(400, "Bad Request: wrong file identifier/HTTP URL specified")
            return photo
        self.uploads += 1
        return f"file-{self.uploads}"


def as_message(sent: Sent) -> dict[str, Any]:
    """A message of the bot's as Telegram describes it."""
    described: dict[str, Any] = {
        "message_id": sent.message_id,
        "from": {"id": BOT_ID, "is_bot": True, "first_name": "Plover Lane", "username": USERNAME},
        "chat": {"id": sent.chat_id, "type": "private", "first_name": "Dana"},
        "date": 1764070000,
    }
    if sent.photo is not None:
        size = {"file_id": sent.photo, "file_unique_id": f"u{sent.photo}", "width": 960, "height": 600}
        described |= {"photo": [size], "caption": sent.text}
    else:
        described["text"] = sent.text
    if sent.buttons:
        described["reply_markup"] = {"inline_keyboard": [[button] for button in sent.buttons]}
    return described


def _dress(sent: Sent, params: dict[str, Any]) -> None:
    markup = params.get("reply_markup") or {}
    sent.buttons = [button for row in markup.get("inline_keyboard", ()) for button in row]
    sent.keys = [key for row in markup.get("keyboard", ()) for key in row]


async def _given(request: Request) -> dict[str, Any]:
    """Parameters as text, uploads as bytes: JSON, form or multipart, as Telegram takes them."""
    body, kind = await request.body(), request.headers.get("content-type", "")
    given: dict[str, Any] = dict(request.query_params)
    if kind.startswith("application/json"):
        for name, value in json.loads(body).items():
            given[name] = value if isinstance(value, str) else json.dumps(value)
    elif kind.startswith("multipart/form-data"):
        document = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
        for part in document.walk():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            if isinstance(name, str) and isinstance(content, bytes):
                given[name] = content if part.get_filename() else content.decode()
    else:
        given |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    return given


def _no(status: int, description: str, **parameters: Any) -> JSONResponse:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    if parameters:
        body["parameters"] = parameters
    return JSONResponse(body, status)


def flooded(seconds: int) -> Response:
    """Too many requests: ask again after so many seconds."""
    return _no(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def broken() -> Response:
    """Telegram's own trouble."""
    return _no(502, "Bad Gateway")
