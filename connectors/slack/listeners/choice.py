"""A pressed choice of the bot's: only by whom it was offered to."""

import re
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from connectors.errors import MessageRefused
from connectors.slack.context import Slack
from connectors.slack.inbound import pressed_place, pressed_to_inbound, user_of
from connectors.slack.render import CHOICE

NOT_YOURS = "Those buttons are for whoever asked. Ask me yourself, and you get your own."


def register(app: AsyncApp, slack: Slack) -> None:
    @app.action(re.compile(rf"^{CHOICE}:\d+$"))
    async def pressed(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await ack()
        user, place = user_of(body) or "", pressed_place(body)
        member = await slack.members.who(user)
        if member.user is None:
            if member.refusal:
                await slack.whisper(place.channel, user, member.refusal, thread=place.thread)
            return
        conversation_id, _, choice = str(action.get("value", "")).partition("|")
        if conversation_id != await slack.conversation_of(user, member.user):
            await slack.whisper(place.channel, user, NOT_YOURS, thread=place.thread)
            return
        if place.kind == "c":
            slack.remember_response(place, body.get("response_url", ""))
        try:
            await slack.gateway.receive(pressed_to_inbound(body, conversation_id, choice))
        except MessageRefused as exc:
            await slack.whisper(place.channel, user, exc.sentence, thread=place.thread)
