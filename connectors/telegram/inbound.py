"""The inward half of the pair: an update of Telegram as messages for the gateway. Pure.

What the bot can't know (pictures, stickers, an edited message) gets the channel's own answer; the message is
stored with a word in brackets, so that an agent sees that there was something.
"""

from dataclasses import dataclass

from telegram import Message, Update

from connectors.messages import InboundMessage, Reply
from connectors.telegram import phrases
from connectors.telegram.callbacks import Pressed, parse
from connectors.telegram.settings import CHANNEL

# What a message may hold besides text, and what it is called. The first that it has counts.
ATTACHMENTS = {
    "sticker": ("sticker", phrases.STICKER),
    "dice": ("sticker", phrases.STICKER),
    "animation": ("animation", phrases.PICTURE),
    "photo": ("photo", phrases.PICTURE),
    "video": ("video", phrases.PICTURE),
    "video_note": ("video message", phrases.PICTURE),
    "voice": ("voice message", phrases.VOICE),
    "audio": ("audio", phrases.VOICE),
    "document": ("file", phrases.FILE),
    "poll": ("poll", phrases.OTHER),
    "story": ("story", phrases.OTHER),
    "game": ("game", phrases.OTHER),
}


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message for the gateway, and the channel's own answer to it where the bot has none."""

    message: InboundMessage
    reply: Reply | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Where a message belongs: what the channel found out about who sent it."""

    conversation_id: str
    client: str | None = None


def delivery_id(update: Update, bot_id: int) -> str:
    """An update's name on the channel; another bot's updates have numbers of their own."""
    return f"{bot_id}:{update.update_id}"


def to_inbound(update: Update, sender: Sender, *, delivery: str) -> tuple[Inbound, ...]:
    """What an update says to the gateway, in order; nothing when it says nothing (somebody pinned a message)."""
    if (query := update.callback_query) is not None:
        pressed = parse(query.data or "")
        if not isinstance(pressed, Pressed):
            return ()
        return (_inbound(sender, delivery, choice=pressed.choice),)
    if (edited := update.edited_message) is not None:
        words = edited.text or edited.caption or ""
        return (_inbound(sender, delivery, text=f"[edited] {words}".strip(), reply=phrases.EDITED),)
    message = update.message
    if message is None:
        return ()
    if message.text:
        return (_inbound(sender, delivery, text=message.text),)
    return _shared(message, sender, delivery) or _attached(message, sender, delivery)


def command(name: str, sender: Sender, *, delivery: str) -> Inbound:
    """One of the gateway's commands."""
    return _inbound(sender, delivery, command=name)


def _shared(message: Message, sender: Sender, delivery: str) -> tuple[Inbound, ...]:
    """A contact or a place, as the words that a customer would have typed."""
    if (contact := message.contact) is not None:
        if message.from_user is None or contact.user_id != message.from_user.id:
            # Anybody's card can be shared: its number is neither kept nor taken for the customer's.
            return (_inbound(sender, delivery, text="[somebody's contact]", reply=phrases.NOT_YOUR_CONTACT),)
        number = contact.phone_number
        return (_inbound(sender, delivery, text=number if number.startswith("+") else f"+{number}"),)
    if (venue := message.venue) is not None:
        return (_inbound(sender, delivery, text=f"{venue.title}, {venue.address}"),)
    if (place := message.location) is not None:
        return (_inbound(sender, delivery, text=f"Map location {place.latitude:.5f}, {place.longitude:.5f}"),)
    return ()


def _attached(message: Message, sender: Sender, delivery: str) -> tuple[Inbound, ...]:
    for name, (called, reply) in ATTACHMENTS.items():
        if not getattr(message, name, None):
            continue
        alone = _inbound(sender, f"{delivery}:{name}", text=f"[{called}]", reply=reply)
        if not message.caption:
            return (alone,)
        return (_inbound(sender, delivery, text=message.caption), alone)
    return ()


def _inbound(
    sender: Sender,
    delivery: str,
    *,
    text: str | None = None,
    choice: str | None = None,
    command: str | None = None,
    reply: Reply | None = None,
) -> Inbound:
    message = InboundMessage(
        channel=CHANNEL,
        conversation_id=sender.conversation_id,
        delivery_id=delivery,
        text=text,
        choice=choice,
        command=command,
        client=sender.client,
    )
    return Inbound(message, reply)
