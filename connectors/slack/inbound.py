"""What Slack delivers, read: what it is called, what it keeps order with, and as a message for the gateway. Pure."""

import hashlib
from dataclasses import dataclass
from typing import Any

from connectors.messages import InboundMessage
from connectors.slack.text import plain

NAME = "slack"
MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was said: a channel, and a thread in it or none. `kind` is m(essage), c(ommand) or p(ressed)."""

    kind: str
    channel: str
    thread: str = ""
    mark: str = ""

    @property
    def delivery_id(self) -> str:
        """As a delivery id, which tells later where the answer goes."""
        return f"{self.kind}|{self.channel}|{self.thread}|{self.mark}"[:120]

    @classmethod
    def of(cls, delivery_id: str | None) -> "Place | None":
        """Read back what `delivery_id` wrote; None for anything else."""
        parts = (delivery_id or "").split("|")
        return cls(*parts) if len(parts) == 4 and parts[1] else None


def key_of(body: dict[str, Any]) -> str | None:
    """What a delivery is called: the same when Slack repeats it or somebody replays it. None: it has no name."""
    if body.get("type") == "event_callback":
        return _short("e", body.get("event_id"))
    if body.get("type") in ("view_submission", "view_closed"):
        view = body.get("view") or {}
        return _short("v", f"{view.get('id')}:{view.get('hash')}")
    return _short("t", body.get("trigger_id"))


def lane_of(body: dict[str, Any]) -> str:
    """What a delivery keeps order with: a thread, a direct message, else the person."""
    event = body.get("event") or {}
    if event.get("type") == "message":
        inner = event.get("message") or event
        return f"{event.get('channel')}:{inner.get('thread_ts') or event.get('channel_type') or ''}"[:120]
    return user_of(body) or "nobody"


def position_of(body: dict[str, Any], now: float) -> int:
    """When it happened, in microseconds, by Slack's own clock where it says."""
    event = body.get("event") or {}
    actions = body.get("actions") or [{}]
    told = event.get("event_ts") or event.get("ts") or actions[0].get("action_ts")
    try:
        return int(float(told) * MICROSECONDS)
    except (TypeError, ValueError):
        return int(now * MICROSECONDS)


def user_of(body: dict[str, Any]) -> str | None:
    """The Slack id of whoever did it."""
    event = body.get("event") or {}
    user = (
        event.get("user")
        or (event.get("message") or {}).get("user")
        or body.get("user_id")
        or body.get("user")
    )
    found = user.get("id") if isinstance(user, dict) else user
    return found if isinstance(found, str) else None


def message_place(event: dict[str, Any]) -> Place:
    """Where a message stands; what answers a mention goes into its thread."""
    mention = event.get("type") == "app_mention"
    thread = event.get("thread_ts") or (event["ts"] if mention else "")
    return Place("m", event["channel"], thread, event["ts"])


def pressed_place(body: dict[str, Any]) -> Place:
    """Where a pressed button stands. What only one person sees is answered as their command is: to them alone."""
    container = body.get("container") or {}
    channel = container.get("channel_id") or (body.get("channel") or {}).get("id") or ""
    stamp = (body.get("actions") or [{}])[0].get("action_ts", "")
    if container.get("is_ephemeral"):
        return Place("c", channel, "", stamp)
    return Place("p", channel, container.get("thread_ts") or "", f"{container.get('message_ts', '')}:{stamp}")


def to_inbound(event: dict[str, Any], conversation_id: str) -> InboundMessage:
    """A message to the bot."""
    return InboundMessage(
        channel=NAME,
        conversation_id=conversation_id,
        delivery_id=message_place(event).delivery_id,
        text=plain(event.get("text") or ""),
    )


def pressed_to_inbound(body: dict[str, Any], conversation_id: str, choice: str) -> InboundMessage:
    """A pressed choice of the bot's."""
    return InboundMessage(
        channel=NAME,
        conversation_id=conversation_id,
        delivery_id=pressed_place(body).delivery_id,
        choice=choice,
    )


def command_place(body: dict[str, Any]) -> Place:
    """Where a slash command was typed."""
    return Place("c", str(body.get("channel_id", "")), "", _digest(str(body.get("trigger_id", ""))))


def _short(kind: str, name: object) -> str | None:
    return (
        f"{kind}:{name}"
        if name and len(str(name)) <= 100
        else f"{kind}:{_digest(str(name))}"
        if name
        else None
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:40]
