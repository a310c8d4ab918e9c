"""A workspace that speaks Slack's Web API over HTTP, and Socket Mode, to the real client library.

It refuses arguments, blocks and sizes that Slack doesn't document (`slack_blocks.py`), and fails as a test tells it.
"""

import asyncio
import hashlib
import hmac
import itertools
import json
import time
import uuid
from collections import defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl

import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.fakes import slack_blocks
from tests.fakes.slack_blocks import Refused, check, fields

MANIFESTS = Path(__file__).parents[2] / "deploy" / "slack"
BOT_TOKEN = "xoxb-a-token-of-the-tests"  # noqa: S105 - a test's own
APP_TOKEN = "xapp-a-token-of-the-tests"  # noqa: S105 - a test's own
SIGNING_SECRET = "a-signing-secret-of-the-tests"  # noqa: S105 - a test's own
TEAM = "T0PLOVER"
BOT_USER = "U0PARLEY"
ALERTS = "C0ALERTS"
Json = dict[str, Any]

# Required, then optional arguments of each method, of those that Slack documents.
ARGUMENTS = {
    "auth.test": ("", ""),
    "users.info": ("user", "include_locale"),
    "users.lookupByEmail": ("email", ""),
    "conversations.open": ("", "users channel return_im prevent_creation"),
    "chat.postMessage": (
        "channel",
        "text blocks attachments thread_ts reply_broadcast unfurl_links unfurl_media mrkdwn link_names parse metadata",
    ),
    "chat.postEphemeral": ("channel user", "text blocks attachments thread_ts link_names parse"),
    "chat.update": ("channel ts", "text blocks attachments link_names parse metadata reply_broadcast"),
    "reactions.add": ("channel timestamp name", ""),
    "views.open": ("view", "trigger_id interactivity_pointer"),
    "views.publish": ("user_id view", "hash"),
    "apps.connections.open": ("", ""),
}

# The scope that a method needs (https://docs.slack.dev/reference/methods); those without one need none.
SCOPES = {
    "users.info": "users:read",
    "users.lookupByEmail": "users:read.email",
    "conversations.open": "im:write",
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "reactions.add": "reactions:write",
}
# The subscription and the scope without which Slack doesn't deliver an event (https://docs.slack.dev/reference/events).
SUBSCRIPTIONS = {
    ("message", "im"): ("message.im", "im:history"),
    ("message", "channel"): ("message.channels", "channels:history"),
    ("message", "group"): ("message.groups", "groups:history"),
    ("app_mention", ""): ("app_mention", "app_mentions:read"),
    ("app_home_opened", ""): ("app_home_opened", ""),
    ("user_change", ""): ("user_change", "users:read"),
}


@dataclass(frozen=True)
class Manifest:
    """What the app was installed with: anything else Slack neither delivers nor allows."""

    scopes: frozenset[str]
    events: frozenset[str]
    commands: frozenset[str]

    @classmethod
    def read(cls, mode: str) -> Self:
        """`deploy/slack/manifest-<mode>.yml`."""
        told = yaml.safe_load((MANIFESTS / f"manifest-{mode}.yml").read_text(encoding="utf-8"))
        return cls(
            frozenset(told["oauth_config"]["scopes"]["bot"]),
            frozenset(told["settings"]["event_subscriptions"]["bot_events"]),
            frozenset(one["command"] for one in told["features"]["slash_commands"]),
        )

    def delivers(self, event: Json) -> bool:
        """Whether Slack would tell this app of an event."""
        kind = event["type"]
        needed = SUBSCRIPTIONS.get((kind, event.get("channel_type", "") if kind == "message" else ""))
        return needed is not None and needed[0] in self.events and needed[1] in {"", *self.scopes}


@dataclass
class Posted:
    """A message that stands in a channel."""

    channel: str
    ts: str
    text: str
    blocks: list[Json]
    thread: str = ""

    @property
    def buttons(self) -> dict[str, Json]:
        """By title; the last of a title."""
        rows = (block["elements"] for block in self.blocks if block["type"] == "actions")
        return {one["text"]["text"]: one for row in rows for one in row}

    @property
    def all_text(self) -> str:
        return self.text + "\n" + json.dumps(self.blocks, ensure_ascii=False)


@dataclass
class FakeSlack:
    """The workspace. `failures[method]` are answers to give instead, in order; `url` is set by whoever serves it."""

    url: str = ""
    users: dict[str, Json] = field(default_factory=dict)
    posted: list[Posted] = field(default_factory=list)
    whispered: list[tuple[str, str, str]] = field(default_factory=list)
    reactions: list[tuple[str, str, str]] = field(default_factory=list)
    views: list[Json] = field(default_factory=list)
    homes: dict[str, Json] = field(default_factory=dict)
    responded: list[Json] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    calls: list[tuple[str, Json]] = field(default_factory=list)
    failures: dict[str, deque[int | str | float]] = field(default_factory=lambda: defaultdict(deque))
    revoked: bool = False
    channels: set[str] = field(default_factory=lambda: {ALERTS})
    sockets: list[WebSocket] = field(default_factory=list)
    acknowledged: asyncio.Queue[Json] = field(default_factory=asyncio.Queue)
    manifest: Manifest = field(default_factory=lambda: Manifest.read("http"))

    def __post_init__(self) -> None:
        self._stamps = itertools.count(int(time.time()) * 1000)
        self.app = Starlette(
            routes=[
                Route("/api/{method}", self._api, methods=["POST", "GET"]),
                Route("/respond/{key}", self._respond, methods=["POST"]),
                WebSocketRoute("/socket", self._socket),
            ]
        )

    def stamp(self) -> str:
        """The next time stamp: what Slack calls a message by."""
        number = next(self._stamps)
        return f"{number // 1000}.{number % 1000:03d}000"

    def add_user(self, slack_id: str, email: str | None, **more: Any) -> str:
        """Somebody of the workspace; `more` overrides fields of the user object."""
        self.users[slack_id] = {
            "id": slack_id,
            "team_id": TEAM,
            "name": slack_id.lower(),
            "deleted": False,
            "is_bot": False,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "is_email_confirmed": True,
            "profile": {"email": email, "real_name": slack_id} if email else {"real_name": slack_id},
            **more,
        }
        return slack_id

    def in_thread(self, thread: str) -> list[Posted]:
        return [one for one in self.posted if one.thread == thread]

    def to(self, slack_id: str) -> list[Posted]:
        """What a person has in direct messages."""
        return [one for one in self.posted if one.channel in (slack_id, direct(slack_id))]

    def cards(self) -> list[Posted]:
        """What stands in the alerts channel itself."""
        return [one for one in self.posted if one.channel == ALERTS and not one.thread]

    async def _api(self, request: Request) -> Response:
        method = request.path_params["method"]
        body = await _arguments(request)
        token = body.pop("token", None) or request.headers.get("authorization", "").removeprefix("Bearer ")
        # The library adds the workspace's id to every call; Slack ignores it where it means nothing.
        assert body.pop("team_id", TEAM) == TEAM
        self.calls.append((method, body))
        if (failure := self._failure(method)) is not None:
            return await self._fail(failure)
        if self.revoked:
            return JSONResponse({"ok": False, "error": "token_revoked"})
        if token != (APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN):
            return JSONResponse({"ok": False, "error": "invalid_auth"})
        try:
            check(SCOPES.get(method, "") in {"", *self.manifest.scopes}, method, "missing_scope")
            check(method in ARGUMENTS, method, "unknown_method")
            required, optional = ARGUMENTS[method]
            fields(body, method, required, optional)
            told = getattr(self, "_" + method.replace(".", "_"))(body)
        except Refused as exc:
            self.refused.append(str(exc))
            return JSONResponse({"ok": False, "error": exc.error, "detail": exc.where})
        return JSONResponse({"ok": True, **told})

    def _failure(self, method: str) -> int | str | float | None:
        queue = self.failures[method]
        return queue.popleft() if queue else None

    async def _fail(self, failure: int | str | float) -> Response:
        """A status code, Slack's word for an error, or seconds to be silent."""
        if isinstance(failure, str):
            return JSONResponse({"ok": False, "error": failure})
        if isinstance(failure, float):
            await asyncio.sleep(failure)
            return JSONResponse({"ok": False, "error": "internal_error"}, 500)
        if failure == 429:
            headers = {"Retry-After": "1"}
            return JSONResponse({"ok": False, "error": "ratelimited"}, 429, headers=headers)
        return Response("upstream", failure)

    def _auth_test(self, _: Json) -> Json:
        return {"url": "https://plover.slack.example/", "team": "Ploverlane", "team_id": TEAM, "user": "parley",
                "user_id": BOT_USER, "bot_id": "B0PARLEY", "is_enterprise_install": False}  # fmt: skip

    def _users_info(self, body: Json) -> Json:
        if body["user"] not in self.users:
            raise Refused("user_not_found", body["user"])
        user = self.users[body["user"]]
        if "users:read.email" not in self.manifest.scopes:
            user = {**user, "profile": {**user["profile"], "email": None}}
        return {"user": user}

    def _users_lookupByEmail(self, body: Json) -> Json:
        for user in self.users.values():
            if user["profile"].get("email") == body["email"]:
                return {"user": user}
        raise Refused("users_not_found", body["email"])

    def _conversations_open(self, body: Json) -> Json:
        return {"channel": {"id": direct(body["users"])}}

    def _chat_postMessage(self, body: Json) -> Json:
        one = self._message(body)
        self.posted.append(one)
        return {"channel": one.channel, "ts": one.ts, "message": {"text": one.text}}

    def _chat_update(self, body: Json) -> Json:
        known = next(
            (one for one in self.posted if (one.channel, one.ts) == (body["channel"], body["ts"])), None
        )
        if known is None:
            raise Refused("message_not_found", body["ts"])
        fresh = self._message(body)
        known.text, known.blocks = fresh.text, fresh.blocks
        return {"channel": known.channel, "ts": known.ts, "text": known.text}

    def _chat_postEphemeral(self, body: Json) -> Json:
        one = self._message(body)
        self.whispered.append((one.channel, body["user"], one.text))
        return {"message_ts": one.ts}

    def _reactions_add(self, body: Json) -> Json:
        mark = (body["channel"], body["timestamp"], body["name"])
        if mark in self.reactions:
            raise Refused("already_reacted", body["name"])
        self.reactions.append(mark)
        return {}

    def _views_open(self, body: Json) -> Json:
        if str(body.get("trigger_id", "")).startswith("expired"):
            raise Refused("expired_trigger_id", body["trigger_id"])
        slack_blocks.view(body["view"], kind="modal")
        self.views.append(body["view"])
        return {"view": {**body["view"], "id": f"V{len(self.views)}"}}

    def _views_publish(self, body: Json) -> Json:
        slack_blocks.view(body["view"], kind="home")
        self.homes[body["user_id"]] = body["view"]
        return {"view": body["view"]}

    def _apps_connections_open(self, _: Json) -> Json:
        return {"url": self.url.replace("http", "ws", 1) + "/socket"}

    def _message(self, body: Json) -> Posted:
        channel = body["channel"]
        known = channel in self.channels or channel in self.users or channel.startswith("D")
        if not known:
            raise Refused("channel_not_found", channel)
        said = body.get("text", "")
        if not said and not body.get("blocks"):
            raise Refused("no_text", "text")
        if len(said) > 40_000:
            raise Refused("msg_too_long", f"{len(said)} characters")
        if body.get("blocks"):
            slack_blocks.blocks(body["blocks"])
        return Posted(channel, self.stamp(), said, body.get("blocks") or [], body.get("thread_ts", ""))

    async def _respond(self, request: Request) -> Response:
        body = await request.json()
        try:
            fields(
                body, "response", "", "text blocks response_type replace_original delete_original thread_ts"
            )
            if body.get("blocks"):
                slack_blocks.blocks(body["blocks"])
        except Refused as exc:
            self.refused.append(str(exc))
            return Response("invalid_blocks", 400)
        if (failure := self._failure("respond")) is not None:
            return await self._fail(failure)
        self.responded.append(body)
        return Response("ok")

    async def _socket(self, socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}})
        self.sockets.append(socket)
        try:
            while True:
                await self.acknowledged.put(json.loads(await socket.receive_text()))
        except WebSocketDisconnect:
            self.sockets.remove(socket)

    async def push(self, kind: str, payload: Json) -> str:
        """Send an envelope through the socket; gives its id."""
        envelope = str(uuid.uuid4())
        await self.sockets[-1].send_json(
            {
                "envelope_id": envelope,
                "type": kind,
                "accepts_response_payload": kind != "events_api",
                "payload": payload,
            }
        )
        return envelope


def direct(slack_id: str) -> str:
    """The direct-message channel of a person with the bot."""
    return f"D{slack_id[1:]}"


def signed(body: str, *, secret: str = SIGNING_SECRET, at: float | None = None) -> dict[str, str]:
    """Slack's headers of a request (https://docs.slack.dev/authentication/verifying-requests-from-slack)."""
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


async def _arguments(request: Request) -> Json:
    """A call's arguments: JSON, or a form whose compound values are JSON."""
    if request.headers.get("content-type", "").startswith("application/json"):
        told: Json = await request.json()
        return {name: value for name, value in told.items() if value is not None}
    found: Json = dict(request.query_params)
    found |= dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    for name in ("blocks", "view", "attachments"):
        if isinstance(found.get(name), str):
            found[name] = json.loads(found[name])
    return found
