"""The Home tab: my open conversations, waiting hand-overs, new leads."""

from typing import Any

from slack_bolt.async_app import AsyncApp

from connectors.slack import views
from connectors.slack.context import Slack
from connectors.slack.render import sections
from connectors.slack.text import escaped
from crm.services import inbox
from crm.services.reps import leads
from crm.services.reps.access import SELLING
from crm.services.users import UserView

SHOWN = 10


def register(app: AsyncApp, slack: Slack) -> None:
    @app.event("app_home_opened")
    async def opened(event: dict[str, Any]) -> None:
        if event.get("tab") != "home":
            return
        member = await slack.members.who(event["user"])
        if member.user is None:
            blocks = sections(escaped(member.refusal or "This tab is for our staff."))
            await slack.client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})
            return
        await publish(slack, event["user"], member.user)


async def publish(slack: Slack, slack_user: str, user: UserView) -> None:
    """Show somebody's Home tab as things are now."""
    async with slack.database.read() as uow:
        own = await inbox.list_inbox(uow, statuses=("human",), assignee_id=user.id, limit=SHOWN)
        waiting = await inbox.list_inbox(uow, statuses=("queued",), limit=SHOWN)
        new = await leads.new(uow, asker=user, limit=SHOWN) if user.role in SELLING else None
    view = views.home(user, own=own, waiting=waiting, leads=new)
    await slack.client.views_publish(user_id=slack_user, view=view)
