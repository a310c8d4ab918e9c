"""A typed line as a message for the gateway. Pure."""

from collections.abc import Mapping

from connectors.gateway.commands import COMMANDS
from connectors.messages import InboundMessage

CHANNEL = "terminal"


def to_inbound(
    line: str, offered: Mapping[int, str], *, conversation_id: str, delivery_id: str
) -> InboundMessage:
    """What a line means: a number presses what was offered under it, `/cart` is a command, the rest is said.

    `=2` says "2" where 2 would press something.
    """
    words = line.strip()
    choice = offered.get(int(words)) if words.isascii() and words.isdigit() and len(words) < 4 else None
    command = words[1:].lower() if words.startswith("/") and words[1:].lower() in COMMANDS else None
    text = None if choice or command else words.removeprefix("=")
    return InboundMessage(
        channel=CHANNEL,
        conversation_id=conversation_id,
        delivery_id=delivery_id,
        text=text,
        choice=choice,
        command=command,
    )
