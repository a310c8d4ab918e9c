"""Messages: a question in a direct message, or words in the thread of a live chat."""

from typing import Any

from slack_bolt.async_app import AsyncApp

from connectors.errors import MessageRefused
from connectors.slack.context import Slack
from connectors.slack.inbound import NAME, to_inbound
from connectors.slack.listeners import live_message
from connectors.slack.render import SlackMessage
from crm.services import live_threads

# Others are edits, joins, topics and the like. A file comes with its text.
SPOKEN = (None, "file_share", "thread_broadcast")
EDITED = "message_changed"


def register(app: AsyncApp, slack: Slack) -> None:
    @app.event("message")
    async def message(event: dict[str, Any]) -> None:
        inner = event.get("message") or event
        if inner.get("bot_id") or (event.get("subtype") not in SPOKEN and event.get("subtype") != EDITED):
            return
        thread = inner.get("thread_ts")
        if thread:
            async with slack.database.read() as uow:
                live = await live_threads.at(uow, channel=NAME, place=event["channel"], thread=thread)
            if live is not None:
                await live_message.heard(slack, event, inner, live)
                return
        if event.get("channel_type") == "im" and event.get("subtype") in SPOKEN:
            await asked(slack, event)


async def asked(slack: Slack, event: dict[str, Any]) -> None:
    """Give a question to the bot; the answer comes back through the gateway's outbox."""
    member = await slack.members.who(event["user"])
    if member.user is None:
        if member.refusal:
            await slack.say(event["channel"], SlackMessage(member.refusal), thread=event.get("thread_ts", ""))
        return
    conversation_id = await slack.conversation_of(event["user"], member.user)
    try:
        await slack.gateway.receive(to_inbound(event, conversation_id))
    except MessageRefused as exc:
        words = "I can read text only." if event.get("files") and not event.get("text") else exc.sentence
        await slack.say(event["channel"], SlackMessage(words), thread=event.get("thread_ts", ""))
