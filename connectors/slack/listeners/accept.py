"""Accept: on a card, or on the Home tab."""

from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from connectors.slack.cards import ACCEPT
from connectors.slack.context import Slack
from connectors.slack.inbound import pressed_place, user_of
from connectors.slack.listeners import home
from connectors.slack.render import SlackMessage
from connectors.slack.taking import Taken, subject_of, take
from crm.errors import NotFound


def register(app: AsyncApp, slack: Slack) -> None:
    @app.action(ACCEPT)
    async def accept(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await ack()
        user = user_of(body) or ""
        member = await slack.members.who(user)
        if member.user is None:
            taken = Taken(member.refusal, won=False)
        else:
            try:
                taken = await take(slack, await subject_of(slack, action["value"]), member.user)
            except NotFound:
                taken = Taken("That card is too old.", won=False)
        place = pressed_place(body)
        if not taken.sentence:
            return
        if place.channel:
            await slack.whisper(place.channel, user, taken.sentence)
            return
        await slack.say(user, SlackMessage(taken.sentence))
        if member.user is not None:
            await home.publish(slack, user, member.user)
