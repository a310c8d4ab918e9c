"""One turn: what the channel, the processor, the action client and the tracker store must know of each other.

Rasa's interfaces between them carry a sender id at most, so the turn travels in a context variable that is set for the
task that serves it.

Errors::

    TurnFailed                      nothing of the turn has been stored; the same message may be sent again
    ├── TrackerUnavailable          the tracker store can't be read or written
    └── ActionFailed(action, why)   the action server is unreachable, too slow, or answered what isn't an answer
    AlreadyAnswered(answer)         not a failure: the message has been answered before, here is the answer
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


class TurnFailed(Exception):
    """Root: the turn was given up before anything was stored."""


class TrackerUnavailable(TurnFailed):
    """The tracker store can't be read or written."""


class ActionFailed(TurnFailed):
    """A custom action gave no result. `why` is a fixed word, never an error's text, which may hold what a
    customer wrote.
    """

    def __init__(self, action: str, why: str) -> None:
        self.action, self.why = action, why
        super().__init__(f"action {action} failed: {why}")


class AlreadyAnswered(Exception):
    """The tracker store knows the answer to this message id."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer
        super().__init__("this message has been answered before")


@dataclass
class Turn:
    """What happens while one message is answered.

    `answer` is what the channel returns for it: messages, intent and sentiment; it is stored with the tracker,
    so that the same message id gets the same answer again. `earlier` holds the stored answers to the messages before.
    """

    message_id: str
    slots: dict[str, Any] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    intent: dict[str, Any] = field(default_factory=dict)
    sentiment: dict[str, Any] = field(default_factory=dict)
    earlier: list[dict[str, Any]] = field(default_factory=list)
    failure: TurnFailed | None = None

    def answer(self) -> dict[str, Any]:
        """The answer as JSON, without `repeated`."""
        return {"messages": self.messages, "intent": self.intent, "sentiment": self.sentiment}

    def fail(self, failure: TurnFailed) -> TurnFailed:
        """Remembers the first failure: Rasa swallows exceptions of actions, the processor asks here."""
        self.failure = self.failure or failure
        return failure


current_turn: ContextVar[Turn | None] = ContextVar("current_turn", default=None)
