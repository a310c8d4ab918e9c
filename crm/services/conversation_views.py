"""What the conversation services answer: frozen, detached from the database."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from crm.mood import Trend

Role = Literal["customer", "rep"]
Status = Literal["bot", "queued", "human", "resolved"]


@dataclass(frozen=True, slots=True)
class ConversationView:
    """A conversation as of one moment. `assignee` is the agent's full name while a human owns it."""

    id: str
    channel: str
    status: Status
    version: int
    last_seq: int
    mood: float
    assignee_id: str | None = None
    assignee: str | None = None
    contact_id: str | None = None
    handoff_reason: str | None = None
    handoff_summary: str | None = None
    waiting_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class MessageView:
    """One line of a transcript. `content` is a stored reply; None when `text` is all there is."""

    id: str
    conversation_id: str
    seq: int
    direction: str
    author: str
    text: str
    state: str
    created_at: datetime
    content: dict[str, Any] | None = None
    delivery_id: str | None = None
    in_reply_to: str | None = None
    user_name: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """An inbound message that is stored. `repeated`: it was before, and nothing was written now.

    `state` is "pending" when the bot owes an answer. `status` and `version` say who owned the conversation
    in the transaction that stored it; `mood`, `strong_negatives` and `handback` are what the bot's turn needs.
    """

    message_id: str
    conversation_id: str
    seq: int
    state: str
    status: Status
    version: int
    created_at: datetime
    repeated: bool = False
    mood: float = 0.0
    strong_negatives: int = 0
    handback: dict[str, Any] | None = None
    role: str = "customer"


@dataclass(frozen=True, slots=True)
class PendingTurn:
    """A stored message that the bot still owes an answer, with all that its turn needs."""

    message_id: str
    conversation_id: str
    channel: str
    seq: int
    text: str
    payload: str | None
    client: str | None
    created_at: datetime
    status: Status
    version: int
    mood: float
    strong_negatives: int
    handback: dict[str, Any] | None
    attempts: int = 0
    role: str = "customer"


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What the bot made of one inbound message, to be recorded. `replies` are stored as given, in order.

    `version` is the ownership version that the turn began with; `delivered` is True for channels whose
    clients read the transcript themselves, so that a stored reply needs no delivery.
    """

    message_id: str
    conversation_id: str
    channel: str
    version: int
    replies: tuple[dict[str, Any], ...]
    mood: float
    strong_negatives: int
    delivered: bool = False
    clears_handback: bool = False
    intent: str | None = None
    confidence: float | None = None
    sentiment: float | None = None


@dataclass(frozen=True, slots=True)
class RecordedTurn:
    """A turn that is in the transcript. `suppressed`: a human was faster, nothing of it may be sent."""

    status: Status
    version: int
    messages: tuple[MessageView, ...]
    suppressed: bool


@dataclass(frozen=True, slots=True)
class Transcript:
    """A part of a conversation as its customer sees it. `cursor` is where to read on; `channel` where they are."""

    status: Status
    cursor: int
    messages: tuple[MessageView, ...]
    assignee: str | None = None
    more: bool = False
    channel: str = ""


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """A conversation in the agents' list, with the last thing that was said in it."""

    conversation: ConversationView
    last_text: str
    last_author: str
    updated_at: datetime
    contact_name: str | None = None
    trend: Trend = "steady"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened in a conversation, as agents see it between the messages."""

    kind: str
    summary: str
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)
