"""`/parley …`: the same questions as in plain words, told apart by their first word instead of by understanding."""

from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from connectors.errors import MessageRefused
from connectors.messages import InboundMessage
from connectors.slack.context import Slack
from connectors.slack.inbound import NAME, command_place
from connectors.slack.text import plain

COMMAND = "/parley"
# What a command's first word asks the bot; the names are those of `connectors.gateway.commands`.
WORDS = {
    "lead": "rep_leads",
    "leads": "rep_leads",
    "contact": "rep_contact",
    "order": "rep_orders",
    "orders": "rep_orders",
    "recommend": "rep_recommend",
    "note": "rep_note",
    "pipeline": "rep_pipeline",
    "waiting": "rep_waiting",
    "help": "rep_help",
    "": "rep_help",
}


def register(app: AsyncApp, slack: Slack) -> None:
    @app.command(COMMAND)
    async def command(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        user, channel = body["user_id"], body["channel_id"]
        member = await slack.members.who(user)
        if member.user is None:
            if member.refusal:
                await slack.whisper(channel, user, member.refusal)
            return
        place = command_place(body)
        slack.remember_response(place, body.get("response_url", ""))
        conversation_id = await slack.conversation_of(user, member.user)
        try:
            await slack.gateway.receive(to_inbound(body, conversation_id))
        except MessageRefused as exc:
            await slack.whisper(channel, user, exc.sentence)


def to_inbound(body: dict[str, Any], conversation_id: str) -> InboundMessage:
    """A command as a message: by its first word, or as plain words where that names nothing. Pure."""
    text = plain(body.get("text") or "")
    word, _, rest = text.partition(" ")
    intent = WORDS.get(word.lower())
    return InboundMessage(
        channel=NAME,
        conversation_id=conversation_id,
        delivery_id=command_place(body).delivery_id,
        command=intent,
        text=(rest.strip() or None) if intent else text,
    )
