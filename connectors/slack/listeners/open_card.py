"""Open: the conversation or the lead in a modal."""

from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError

from connectors.slack.cards import OPEN
from connectors.slack.context import Slack, is_gone
from connectors.slack.inbound import pressed_place, user_of
from connectors.slack.taking import subject_of
from connectors.slack.views import View, conversation_view, lead_view
from crm.errors import NotAllowed, NotFound
from crm.services.briefing import briefing
from crm.services.reps import leads
from crm.services.reps.access import may_sell
from crm.services.users import UserView

LINES = 20


def register(app: AsyncApp, slack: Slack) -> None:
    @app.action(OPEN)
    async def open_card(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await ack()
        user, place = user_of(body) or "", pressed_place(body)
        member = await slack.members.who(user)
        if member.user is None:
            await slack.whisper(place.channel, user, member.refusal) if member.refusal else None
            return
        try:
            view = await _view(slack, action["value"], member.user)
        except NotAllowed as exc:
            await slack.whisper(place.channel, user, exc.why)
        except NotFound:
            await slack.whisper(place.channel, user, "That is gone: the customer had it erased.")
        else:
            await show(slack, body, view)


async def show(slack: Slack, body: dict[str, Any], view: View) -> None:
    """Open a modal. Slack gives three seconds; whoever was too late is asked to press again."""
    try:
        await slack.client.views_open(trigger_id=body["trigger_id"], view=view)
    except SlackApiError as exc:
        if not is_gone(exc):
            raise
        place = pressed_place(body)
        await slack.whisper(
            place.channel,
            user_of(body) or "",
            "That took too long. Please press it again.",
            thread=place.thread,
        )


async def _view(slack: Slack, value: str, user: UserView) -> View:
    subject = await subject_of(slack, value)
    async with slack.database.read() as uow:
        if subject.lead_id is None:
            return conversation_view(await briefing(uow, subject.conversation_id or "", lines=LINES))
        lead = await leads.by_id(uow, subject.lead_id)
        return lead_view(await leads.get(uow, lead.number, asker=may_sell(user)))
