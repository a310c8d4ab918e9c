"""What the gateway may ask of the bot, checked field by field before Rasa sees any of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import ujson

MAX_TEXT = 4000
"""Characters. The gateway's own limit is far lower; this one only keeps the encoder from harm."""

_PAYLOAD = re.compile(r"/(?P<intent>[A-Za-z_][\w-]*)(?P<entities>\{.*\})?", re.DOTALL)
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_ROLES = ("customer", "rep")
REP_PREFIX = "rep_"


class BadRequest(Exception):
    """The request can't be served; `field` names what is wrong, `problem` what would be right."""

    def __init__(self, field: str, problem: str) -> None:
        self.field, self.problem = field, problem
        super().__init__(f"{field}: {problem}")


@dataclass(frozen=True)
class Payload:
    """A pressed button: an intent and its entities."""

    intent: str
    entities: list[dict[str, Any]]
    raw: str


@dataclass(frozen=True)
class TurnRequest:
    """One message of one conversation; exactly one of `text` and `payload` is set."""

    conversation: str
    message_id: str
    text: str | None
    payload: Payload | None
    channel: str
    metadata: dict[str, Any]
    slots: dict[str, Any]


def read_turn(
    body: Any, *, intents: Collection[str], entities: Collection[str], slots: Collection[str]
) -> TurnRequest:
    """Checks a decoded JSON body against what the model knows.

    Raises:
        BadRequest: with the first field that is wrong.
    """
    if not isinstance(body, dict):
        raise BadRequest("body", "must be a JSON object")
    text, payload = body.get("text"), body.get("payload")
    if (text is None) == (payload is None):
        raise BadRequest("text", "exactly one of text and payload must be given")
    metadata = _mapping(body, "metadata")
    role = metadata.get("role", "customer")
    if role not in _ROLES:
        raise BadRequest("metadata.role", f"must be one of {', '.join(_ROLES)}")
    given = _mapping(body, "slots")
    for name in given:
        if name not in slots:
            raise BadRequest(f"slots.{name}", "the domain has no such slot")
    message_id = _identifier(body, "message_id")
    channel = body.get("channel", "web")
    if not isinstance(channel, str) or not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", channel):
        raise BadRequest("channel", "must be a short lower-case name such as web")
    return TurnRequest(
        conversation=_identifier(body, "conversation"),
        message_id=message_id,
        text=None if text is None else harmless(text),
        payload=None
        if payload is None
        else read_payload(payload, intents=intents, entities=entities, role=role),
        channel=channel,
        metadata={
            "message_id": message_id,
            "role": role,
            "channel": channel,
            "client": metadata.get("client"),
        },
        slots=dict(given),
    )


def harmless(text: Any) -> str:
    """Typed text that Rasa can't take for a payload: it does so with whatever begins with a slash.

    Control characters and lone surrogates are dropped as well; databases and tokenizers refuse them.
    """
    if not isinstance(text, str):
        raise BadRequest("text", "must be a string")
    if len(text) > MAX_TEXT:
        raise BadRequest("text", f"must have at most {MAX_TEXT} characters")
    cleaned = _UNWANTED.sub("", text).strip()
    while cleaned.startswith("/"):
        cleaned = cleaned[1:].strip()
    return cleaned or "?"


def read_payload(
    payload: Any, *, intents: Collection[str], entities: Collection[str], role: str = "customer"
) -> Payload:
    """Reads `/intent{"entity": value}`; a list gives one entity for each of its values.

    Raises:
        BadRequest: it isn't one, or names an entity that the model doesn't know, or an intent that this role hasn't.
    """
    match = _PAYLOAD.fullmatch(payload) if isinstance(payload, str) and len(payload) <= MAX_TEXT else None
    if match is None:
        raise BadRequest("payload", 'must look like /intent{"entity": "value"}')
    if match["intent"] not in intents or match["intent"].startswith(REP_PREFIX) is not (role == "rep"):
        raise BadRequest("payload", f"there is no intent {match['intent']}")
    try:
        named = ujson.loads(match["entities"] or "{}")
    except ValueError:
        raise BadRequest("payload", "what follows the intent must be a JSON object") from None
    found = []
    for name, value in named.items():
        if name not in entities:
            raise BadRequest("payload", f"there is no entity {name}")
        for one in value if isinstance(value, list) else [value]:
            found.append({"entity": name, "value": one, "start": 0, "end": len(payload)})
    return Payload(match["intent"], found, payload)


def _identifier(body: Mapping[str, Any], field: str) -> str:
    value = body.get(field)
    if not isinstance(value, str) or not 1 <= len(value) <= 64 or not value.isprintable():
        raise BadRequest(field, "must be a string of 1 to 64 printable characters")
    return value


def _mapping(body: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    value = body.get(field) or {}
    if not isinstance(value, dict):
        raise BadRequest(field, "must be a JSON object")
    return value
