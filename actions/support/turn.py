"""One message of a customer, as an action sees it.

A message typed and a button pressed look alike here: both have an intent and entities. A pressed button's
entities arrive without the pipeline, so they have neither role nor position.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rasa_sdk import Tracker

LISTEN = "action_listen"


@dataclass(frozen=True, slots=True)
class Entity:
    """What the pipeline or a button named; `start` and `end` are -1 for a button."""

    name: str
    value: Any
    role: str | None = None
    start: int = -1
    end: int = -1
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Before:
    """The message before: how it was read, and how else it could have been."""

    text: str
    intent: str
    ranking: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """What was said, by whom, and where the conversation stands.

    `resumed` is true when another action has already answered this message, so that a form which runs again
    afterwards doesn't take the message for an answer. `misses` counts the replies in a row, up to this
    message, with which the bot had to say that it didn't understand. `returned` is true for the first message
    since a person gave the conversation back. `sentiment` is the message's, in [-1, 1].

    `respelt` is the text with mistyped words mended that say what is meant; empty when there are none.
    `language` is that of a message which is plainly not in English (ISO 639-1, or "other").
    `wishes` are the parts of a message that asks for several things, each a turn of its own numbered by `part`;
    `meant` is what a correction says instead; `aside` the one wish beside what isn't any, as in "Ann Lee. Is delivery
    free?". `previous` is the message before this one.
    """

    conversation_id: str
    message_id: str
    text: str = ""
    respelt: str = ""
    intent: str = ""
    confidence: float = 1.0
    entities: tuple[Entity, ...] = ()
    slots: Mapping[str, Any] = field(default_factory=dict)
    ranking: tuple[tuple[str, float], ...] = ()
    loop: str | None = None
    client: str | None = None
    role: str = "customer"
    resumed: bool = False
    misses: int = 0
    returned: bool = False
    sentiment: float = 0.0
    language: str | None = None
    part: int = 0
    wishes: tuple[Turn, ...] = ()
    meant: Turn | None = None
    aside: Turn | None = None
    previous: Before | None = None

    def each(self, name: str, *, role: str | None = None) -> Iterator[Entity]:
        """All entities of this name and role, in the order they were said."""
        return (entity for entity in self.entities if entity.name == name and entity.role == role)

    def any_of(self, name: str) -> Entity | None:
        """The first entity of this name, whatever its role."""
        return next((entity for entity in self.entities if entity.name == name), None)

    def value(self, name: str, *, role: str | None = None) -> Any:
        """The first value of this name and role, or None."""
        return next((entity.value for entity in self.each(name, role=role)), None)

    @property
    def choice(self) -> str | None:
        """What a pressed button stands for, when it isn't an entity that people type."""
        value = self.value("choice")
        return value if isinstance(value, str) else None

    @property
    def pressed(self) -> bool:
        """True for a button: its text is no sentence of the customer's."""
        return self.text.startswith("/")

    @property
    def words(self) -> str:
        """The customer's own words; empty for a button that carries none."""
        if self.pressed:
            said = self.value("said")
            return said if isinstance(said, str) else ""
        return self.text.strip()

    @property
    def wording(self) -> str:
        """The customer's words as rules read them: without typos in the words that say what is meant."""
        return self.words if self.pressed or not self.respelt else self.respelt.strip()

    @property
    def requested_slot(self) -> str | None:
        value = self.slots.get("requested_slot")
        return value if isinstance(value, str) else None

    def slot(self, name: str) -> Any:
        return self.slots.get(name)

    @property
    def insults(self) -> int:
        """How many messages in a row, up to this one, insulted the bot."""
        value = self.slots.get("insults")
        return value if isinstance(value, int) else 0

    @classmethod
    def of(cls, tracker: Tracker) -> Turn:
        """Read a tracker. A tracker without a message (a session's start) gives an empty turn."""
        message: Mapping[str, Any] = tracker.latest_message or {}
        events: list[dict[str, Any]] = tracker.events or []
        said = _last_user_event(events)
        metadata = message.get("metadata") or said.get("metadata") or {}
        intent = message.get("intent") or {}
        whole = cls(
            conversation_id=tracker.sender_id,
            message_id=str(
                metadata.get("message_id") or message.get("message_id") or said.get("message_id") or ""
            ),
            text=str(message.get("text") or ""),
            respelt=str(message.get("respelt") or ""),
            intent=str(intent.get("name") or ""),
            confidence=float(intent.get("confidence") or 0.0),
            entities=tuple(
                _entity(raw, typed=not str(message.get("text") or "").startswith("/"))
                for raw in message.get("entities") or ()
            ),
            slots=tracker.slots or {},
            ranking=_ranking(message.get("intent_ranking")),
            loop=tracker.active_loop_name,
            client=metadata.get("client"),
            role=str(metadata.get("role") or "customer"),
            resumed=_answered(events, tracker.active_loop_name),
            misses=_misses(tracker.slots or {}, events),
            returned=_returned(tracker.slots or {}, events),
            sentiment=float((message.get("sentiment") or {}).get("score") or 0.0),
            language=message.get("language"),
            previous=_previous(events),
        )
        meant, aside = message.get("meant"), message.get("aside")
        return replace(
            whole,
            wishes=tuple(_part(whole, raw, n) for n, raw in enumerate(message.get("wishes") or (), start=1)),
            meant=_part(whole, meant, 1) if meant else None,
            aside=_part(whole, aside, 1) if aside else None,
        )


def _entity(raw: Mapping[str, Any], *, typed: bool) -> Entity:
    return Entity(
        name=str(raw.get("entity")),
        value=raw.get("value"),
        role=raw.get("role"),
        start=int(raw.get("start", -1)) if typed else -1,
        end=int(raw.get("end", -1)) if typed else -1,
        candidates=tuple(raw.get("candidates") or ()),
    )


def _ranking(raw: Any) -> tuple[tuple[str, float], ...]:
    return tuple((str(entry.get("name")), float(entry.get("confidence") or 0.0)) for entry in raw or ())


def _part(whole: Turn, raw: Mapping[str, Any], number: int) -> Turn:
    """A piece of the message with what was named in it."""
    start, end = int(raw["start"]), int(raw["end"])
    within = (found for found in whole.entities if start <= found.start and found.end <= end)
    return replace(
        whole,
        text=whole.text[start:end],
        respelt="",
        intent=str(raw["intent"]),
        confidence=float(raw["confidence"]),
        ranking=_ranking(raw.get("ranking")),
        entities=tuple(replace(found, start=found.start - start, end=found.end - start) for found in within),
        part=number,
    )


def _previous(events: list[dict[str, Any]]) -> Before | None:
    said = [event for event in events if event.get("event") == "user"]
    if len(said) < 2:
        return None
    parsed = said[-2].get("parse_data") or {}
    text = str(said[-2].get("text") or "")
    intent = str((parsed.get("intent") or {}).get("name") or "")
    return Before("" if text.startswith("/") else text, intent, _ranking(parsed.get("intent_ranking")))


def _last_user_event(events: list[dict[str, Any]]) -> dict[str, Any]:
    return next((event for event in reversed(events) if event.get("event") == "user"), {})


def _answered(events: list[dict[str, Any]], loop: str | None) -> bool:
    for event in reversed(events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "action" and event.get("name") not in (loop, LISTEN):
            return True
    return False


def _misses(slots: Mapping[str, Any], events: list[dict[str, Any]]) -> int:
    """The slot, unless the last reply was one of Rasa's own responses, which don't touch slots."""
    before = False
    for event in reversed(events):
        if event.get("event") == "user":
            before = True
        elif before and event.get("event") == "action" and event.get("name") != LISTEN:
            if str(event.get("name")).startswith("utter_"):
                return 0
            break
    value = slots.get("misses")
    return value if isinstance(value, int) else 0


def _returned(slots: Mapping[str, Any], events: list[dict[str, Any]]) -> bool:
    """True unless one of Rasa's own responses, which don't touch slots, has answered since the person left."""
    messages = 0
    for event in reversed(events):
        if event.get("event") == "slot" and event.get("name") == "human_helped":
            break
        messages += event.get("event") == "user"
    else:
        messages = 0
    return bool(slots.get("human_helped")) and messages <= 1
