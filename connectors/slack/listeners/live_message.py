"""Words in the thread of a live chat: to the customer behind `!r`, else a private note."""

from typing import Any

from slack_sdk.errors import SlackApiError

from connectors.slack.context import Slack, is_gone
from connectors.slack.inbound import message_place
from connectors.slack.text import plain, reply_in
from crm.errors import AlreadyClaimed, InvalidInput, NotFound, OwnershipChanged
from crm.services import inbox
from crm.services.live_threads import ThreadView

SENT = "white_check_mark"
EDITED = "The customer has the first version already. What you write behind another `!r` reaches them too."
FILES = "Files can't be sent to customers from here; only your words were."
NOTHING = "There is nothing behind `!r`. Write `!r Hello, how can I help?`."
NOT_SENT = {
    "bot": "Nothing was sent: the assistant has this conversation. Press Accept on its card to take it over.",
    "queued": "Nothing was sent: the customer waits for somebody. Press Accept on the card first.",
    "resolved": "Nothing was sent: this conversation is resolved.",
}


async def heard(slack: Slack, event: dict[str, Any], inner: dict[str, Any], live: ThreadView) -> None:
    """Send it, or keep it as a note. Repeated, it does so once."""
    user = inner.get("user") or ""
    channel, thread = event["channel"], live.thread
    text = plain(inner.get("text") or "")
    words = reply_in(text)
    if event.get("subtype") == "message_changed":
        if words is not None:
            await slack.whisper(channel, user, EDITED, thread=thread)
        return
    member = await slack.members.who(user)
    if member.user is None:
        if member.refusal:
            await slack.whisper(channel, user, member.refusal, thread=thread)
        return
    delivery_id = f"slack:{message_place(event).delivery_id}"
    if words is None:
        await _note(slack, live, member.user.id, text, delivery_id)
        return
    told = await send(slack, live.conversation_id, member.user.id, words, delivery_id) if words else NOTHING
    if told:
        await slack.whisper(channel, user, told, thread=thread)
        return
    if inner.get("files"):
        await slack.whisper(channel, user, FILES, thread=thread)
    await _tick(slack, channel, event["ts"])


async def send(slack: Slack, conversation_id: str, user_id: str, words: str, delivery_id: str) -> str:
    """Send words to the customer; empty when they are on their way, else why they aren't."""
    try:
        async with slack.database.write() as uow:
            await inbox.reply(uow, conversation_id, user_id, words, delivery_id=delivery_id)
            await uow.commit()
    except AlreadyClaimed as exc:
        return f"Nothing was sent: {exc.by} has this conversation."
    except OwnershipChanged as exc:
        return NOT_SENT.get(exc.status, "Nothing was sent: the conversation changed hands.")
    except InvalidInput as exc:
        return f"Nothing was sent: {exc.fix}."
    except NotFound:
        return "Nothing was sent: the customer ended the chat and had it erased."
    slack.wake()
    return ""


async def _note(slack: Slack, live: ThreadView, user_id: str, text: str, delivery_id: str) -> None:
    if not text:
        return
    try:
        async with slack.database.write() as uow:
            await inbox.note(
                uow, live.conversation_id, user_id, text[: inbox.MAX_REPLY], delivery_id=delivery_id
            )
            await uow.commit()
    except NotFound:
        return


async def _tick(slack: Slack, channel: str, stamp: str) -> None:
    try:
        await slack.client.reactions_add(channel=channel, timestamp=stamp, name=SENT)
    except SlackApiError as exc:
        if not is_gone(exc):
            raise
