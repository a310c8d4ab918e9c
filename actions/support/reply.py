"""What an action answers: messages for the customer and events for the dialogue, both plain JSON.

A reply can be kept and given again, word for word, when its message is delivered twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.numbers import format_currency
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

# Parts of a message's `custom` that are notes to ourselves (actions/support/exposed.py) and aren't sent.
OUR_NOTES = frozenset({"exposed", "opened"})
Event = dict[str, Any]
Button = dict[str, str]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One bubble: a text, buttons below it, and what the gateway renders (cards, a hand-over)."""

    text: str = ""
    buttons: tuple[Button, ...] = ()
    custom: Json | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """Messages in the order they are read, then events."""

    messages: tuple[Message, ...] = ()
    events: tuple[Event, ...] = ()

    def then(self, other: Reply) -> Reply:
        """This reply, followed by another."""
        return Reply(self.messages + other.messages, self.events + other.events)

    def with_events(self, *events: Event) -> Reply:
        return Reply(self.messages, self.events + events)

    def utter(self, dispatcher: CollectingDispatcher) -> list[Event]:
        """Hand the messages to rasa-sdk and return the events."""
        for message in self.messages:
            custom = {name: part for name, part in (message.custom or {}).items() if name not in OUR_NOTES}
            dispatcher.utter_message(
                text=message.text or None, buttons=list(message.buttons), json_message=custom or None
            )
        return list(self.events)

    def as_json(self) -> Json:
        return {
            "messages": [
                {"text": message.text, "buttons": list(message.buttons), "custom": message.custom}
                for message in self.messages
            ],
            "events": list(self.events),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Reply:
        return cls(
            tuple(
                Message(message["text"], tuple(message["buttons"]), message["custom"])
                for message in kept["messages"]
            ),
            tuple(kept["events"]),
        )


def say(text: str, *buttons: Button, custom: Json | None = None, events: Iterable[Event] = ()) -> Reply:
    """A reply of one message."""
    return Reply((Message(text, tuple(buttons), custom),), tuple(events))


def button(title: str, intent: str, **entities: Any) -> Button:
    """A quick reply. What it stands for travels as Rasa's payload and is never shown."""
    return {"title": title, "payload": f"/{intent}" + (json.dumps(entities) if entities else "")}


def set_slots(**values: Any) -> tuple[Event, ...]:
    return tuple(SlotSet(name, value) for name, value in values.items())


def enter(form: str, **slots: Any) -> tuple[Event, ...]:
    """Start a form (or come back to it); it then asks for the first slot that is missing."""
    return (*set_slots(**slots), ActiveLoop(form), SlotSet("requested_slot", None))


def leave() -> tuple[Event, ...]:
    """End whatever form is going on."""
    return (ActiveLoop(None), SlotSet("requested_slot", None))


@lru_cache(maxsize=4096)
def money(amount: Decimal, currency: str = "EUR") -> str:
    """An amount as people read it: €1,299.00."""
    return str(format_currency(amount, currency, locale="en"))


def round_money(amount: Decimal, currency: str = "EUR") -> str:
    """A limit as people say it: €1,500, but €999.90 where the cents matter."""
    text = money(amount, currency)
    return text.removesuffix(".00")


def listed(items: Iterable[str], *, last: str = "and") -> str:
    """a, b and c."""
    words = list(items)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
