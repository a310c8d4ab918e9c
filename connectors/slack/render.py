"""A `Reply` as Block Kit, within Slack's limits. Pure.

`text` is what notifications and screen readers read; it says all that the blocks say.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.messages import Card, Choice, Reply, choice_id, offers
from connectors.slack import limits
from connectors.slack.limits import cut, pieces
from connectors.slack.text import escaped

Block = dict[str, Any]
CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """What chat.postMessage takes."""

    text: str
    blocks: list[Block] = field(default_factory=list)


def to_slack(reply: Reply, *, conversation_id: str, seq: int, public_url: str = "") -> SlackMessage:
    """The reply stored as `seq`. What doesn't fit into blocks is still in the text."""
    numbers = {id(choice): number for number, choice in enumerate(offers(reply))}

    def buttons(choices: Sequence[Choice]) -> list[Block]:
        return actions(
            [
                button(
                    choice.title,
                    f"{CHOICE}:{numbers[id(choice)]}",
                    value=f"{conversation_id}|{choice_id(seq, numbers[id(choice)])}",
                )
                for choice in choices
            ]
        )

    blocks: list[Block] = sections(escaped(reply.as_text()))
    for card in reply.cards:
        blocks += _card(card, public_url)
        blocks += buttons(card.choices)
    blocks += buttons(reply.choices)
    return SlackMessage(cut(_as_text(reply), limits.MESSAGE_TEXT) or "…", fitting(blocks))


def sections(mrkdwn: str) -> list[Block]:
    """Text as blocks: as many as it needs."""
    return [{"type": "section", "text": {"type": "mrkdwn", "text": part}} for part in pieces(mrkdwn)]


def context(*mrkdwn: str) -> Block:
    """Small print."""
    texts = [cut(text, limits.FIELD_TEXT) for text in mrkdwn if text][: limits.CONTEXT_ELEMENTS]
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text} for text in texts]}


def header(text: str) -> Block:
    """A heading: plain text, so nothing in it is formatting."""
    return {
        "type": "header",
        "text": {"type": "plain_text", "text": cut(text, limits.HEADER_TEXT), "emoji": True},
    }


def button(title: str, action_id: str, *, value: str = "", style: str | None = None) -> Block:
    """A button; `style` is "primary" or "danger"."""
    made: Block = {
        "type": "button",
        "text": {"type": "plain_text", "text": cut(title, limits.BUTTON_TEXT), "emoji": True},
        "action_id": action_id,
    }
    if value:
        made["value"] = value[: limits.BUTTON_VALUE]
    if style:
        made["style"] = style
    return made


def actions(buttons: Sequence[Block]) -> list[Block]:
    """Buttons in rows of what one block may hold; none for none."""
    rows = [buttons[at : at + limits.ACTIONS] for at in range(0, len(buttons), limits.ACTIONS)]
    return [{"type": "actions", "elements": list(row)} for row in rows]


def fitting(blocks: list[Block], limit: int = limits.BLOCKS) -> list[Block]:
    """The blocks that one message holds; that some are left out is said."""
    if len(blocks) <= limit:
        return blocks
    return [*blocks[: limit - 1], context("There is more than fits here. Ask for less at once.")]


def _card(card: Card, public_url: str) -> list[Block]:
    price = card.price_text if card.in_stock else f"{card.price_text}, out of stock"
    lines = [f"*{escaped(card.title)}*  {escaped(price)}", escaped(card.reason)]
    text = cut("\n".join(line for line in lines if line), limits.SECTION_TEXT)
    block: Block = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    address = _address(card.image, public_url)
    if address:
        title = cut(card.title, limits.ALT_TEXT)
        block["accessory"] = {"type": "image", "image_url": address, "alt_text": title}
    facts = " · ".join((*card.facts, card.sku))
    return [block, context(escaped(facts))]


def _address(image: str | None, public_url: str) -> str | None:
    """Where Slack's servers can fetch the picture; None for one that only the shop's own page reaches."""
    if image and image.startswith("/") and public_url.startswith("https://"):
        image = public_url.rstrip("/") + image
    shows = image is not None and image.startswith("https://") and not image.endswith(".svg")
    return image if shows and len(image or "") <= limits.IMAGE_URL else None


def _as_text(reply: Reply) -> str:
    cards = [
        " · ".join(part for part in (card.title, card.price_text, card.reason) if part)
        for card in reply.cards
    ]
    return escaped("\n".join(part for part in (reply.as_text(), *cards) if part))
