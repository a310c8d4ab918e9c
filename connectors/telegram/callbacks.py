"""What a button under a message carries back: at most 64 bytes, so a reference, never a payload. Pure.

A choice is named by its conversation (the first eight digits of its id), the message's number and its own; the
payload stays in the database, where the gateway finds it. Buttons stay on the screen for ever: the conversation
in them keeps one from an ended chat from pressing something else in the next.
"""

import re
from dataclasses import dataclass
from typing import Final

DATA_LIMIT: Final = 64
NOTHING: Final = "-"  # the button that only says which card this is
_CHOICE = re.compile(r"c:([0-9a-f]{8}):([0-9]{1,9}\.[0-9]{1,5})")
_PAGE = re.compile(r"p:([0-9a-f]{8}):([0-9]{1,9}):([0-9]{1,4})")
_END = re.compile(r"e:([0-9a-f]{8}):([01])")


@dataclass(frozen=True, slots=True)
class Pressed:
    """A choice of a reply. `choice` is its id as `connectors.messages` names it."""

    conversation: str
    choice: str


@dataclass(frozen=True, slots=True)
class Turned:
    """Next or previous: card `page` (from 0) of the reply stored as `seq`."""

    conversation: str
    seq: int
    page: int


@dataclass(frozen=True, slots=True)
class Ending:
    """The answer to whether the chat shall be ended and erased."""

    conversation: str
    sure: bool


def short(conversation_id: str) -> str:
    """How buttons name a conversation."""
    return conversation_id[:8].lower()


def choice_data(conversation_id: str, choice: str) -> str:
    return f"c:{short(conversation_id)}:{choice}"


def page_data(conversation_id: str, seq: int, page: int) -> str:
    return f"p:{short(conversation_id)}:{seq}:{page}"


def ending_data(conversation_id: str, *, sure: bool) -> str:
    return f"e:{short(conversation_id)}:{int(sure)}"


def parse(data: str) -> Pressed | Turned | Ending | None:
    """What was pressed, or None when it is none of ours."""
    if found := _CHOICE.fullmatch(data):
        return Pressed(found[1], found[2])
    if found := _PAGE.fullmatch(data):
        return Turned(found[1], int(found[2]), int(found[3]))
    if found := _END.fullmatch(data):
        return Ending(found[1], found[2] == "1")
    return None
