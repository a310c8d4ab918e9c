"""A question by mention: answered in its thread, unless people from outside can read there."""

from typing import Any

from slack_bolt.async_app import AsyncApp

from connectors.errors import MessageRefused
from connectors.slack.context import Slack
from connectors.slack.inbound import NAME, message_place, to_inbound
from crm.services import live_threads

SHARED = "People from outside can read this channel, so please ask me in a direct message."


def register(app: AsyncApp, slack: Slack) -> None:
    @app.event("app_mention")
    async def mention(event: dict[str, Any], body: dict[str, Any]) -> None:
        if event.get("bot_id") or not event.get("user"):
            return
        channel, user, place = event["channel"], event["user"], message_place(event)
        if event.get("thread_ts"):
            async with slack.database.read() as uow:
                if await live_threads.at(uow, channel=NAME, place=channel, thread=event["thread_ts"]):
                    return  # in a live chat it is an internal message, which is told apart from this event
        member = await slack.members.who(user)
        if member.user is None:
            if member.refusal:
                await slack.whisper(channel, user, member.refusal, thread=event.get("thread_ts", ""))
            return
        if body.get("is_ext_shared_channel"):
            await slack.whisper(channel, user, SHARED, thread=event.get("thread_ts", ""))
            return
        conversation_id = await slack.conversation_of(user, member.user)
        try:
            await slack.gateway.receive(to_inbound(event, conversation_id))
        except MessageRefused as exc:
            await slack.whisper(channel, user, exc.sentence, thread=place.thread)
