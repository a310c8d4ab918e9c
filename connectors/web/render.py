"""The web's pair of pure functions: what a client sends as an inbound message, what is stored as what it reads."""

from typing import Any

from connectors.messages import Choice, InboundMessage, Reply, choice_id
from connectors.web.schemas import MessageRequest
from crm.services.conversation_views import MessageView
from crm.services.inbox import first_name

CHANNEL = "web"


def delivery_id(conversation_id: str, client_id: str) -> str:
    """What a client's id is on the channel: its own only within its conversation."""
    return f"{conversation_id}/{client_id.lower()}"


def to_inbound(request: MessageRequest, conversation_id: str, client: str | None) -> InboundMessage:
    """A client's message for the gateway."""
    return InboundMessage(
        channel=CHANNEL,
        conversation_id=conversation_id,
        delivery_id=delivery_id(conversation_id, request.client_id),
        text=request.text,
        choice=request.choice,
        client=client,
    )


def to_web(message: MessageView) -> dict[str, Any]:
    """A stored message as a client reads it. Payloads stay here: a choice leaves as its id and title."""
    inbound = message.direction == "in"
    kind = "notice" if message.author == "system" else "message"
    reply = Reply.from_content(None if inbound else message.content, text=message.text, kind=kind)
    numbers = iter(range(10_000))

    def choices(offered: tuple[Choice, ...]) -> list[dict[str, str]]:
        return [{"id": choice_id(message.seq, next(numbers)), "title": choice.title} for choice in offered]

    told: dict[str, Any] = {
        "seq": message.seq,
        "id": message.id,
        "author": message.author,
        "text": reply.text,
        "kind": reply.kind,
        "choices": choices(reply.choices),
        "cards": [
            {**card.model_dump(mode="json", exclude={"choices"}), "choices": choices(card.choices)}
            for card in reply.cards
        ],
        "table": reply.table.model_dump(mode="json") if reply.table else None,
        "at": message.created_at.isoformat().replace("+00:00", "Z"),
    }
    if inbound and message.delivery_id:
        told["client_id"] = message.delivery_id.rpartition("/")[2]
    if message.author == "agent" and message.user_name:
        told["name"] = first_name(message.user_name)
    return told
