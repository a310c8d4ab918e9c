"""Reply to customer: a modal, and what is written in it."""

from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from connectors.slack.context import Slack
from connectors.slack.inbound import pressed_place, user_of
from connectors.slack.listeners.live_message import send
from connectors.slack.listeners.open_card import show
from connectors.slack.render import SlackMessage
from connectors.slack.thread_blocks import REPLY
from connectors.slack.views import REPLY_VIEW, TEXT, reply_view
from crm.services import live_threads


def register(app: AsyncApp, slack: Slack) -> None:
    @app.action(REPLY)
    async def reply(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await ack()
        user, place = user_of(body) or "", pressed_place(body)
        member = await slack.members.who(user)
        if member.user is None:
            if member.refusal:
                await slack.whisper(place.channel, user, member.refusal, thread=place.thread)
            return
        await show(slack, body, reply_view(action["value"], "the customer"))

    @app.view(REPLY_VIEW)
    async def replied(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        await ack()
        user, conversation_id = user_of(body) or "", view["private_metadata"]
        words = text_in(view)
        member = await slack.members.who(user)
        if member.user is None:
            return
        told = await send(slack, conversation_id, member.user.id, words, f"slack:v|{view['id']}")
        if told:
            await tell(slack, conversation_id, user, told)


def text_in(view: dict[str, Any]) -> str:
    """What was written into a modal's only field."""
    return str(view["state"]["values"][TEXT][TEXT].get("value") or "").strip()


async def tell(slack: Slack, conversation_id: str, slack_user: str, sentence: str) -> None:
    """Tell somebody in the conversation's thread, where only they read it."""
    async with slack.database.read() as uow:
        live = await live_threads.of_conversation(uow, conversation_id)
    if live is None:
        await slack.say(slack_user, SlackMessage(sentence))
    else:
        await slack.whisper(live.place, slack_user, sentence, thread=live.thread)
