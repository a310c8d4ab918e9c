"""Somebody's Slack account changed: it is looked at again before it is believed."""

from typing import Any

from slack_bolt.async_app import AsyncApp

from connectors.slack.context import Slack


def register(app: AsyncApp, slack: Slack) -> None:
    @app.event("user_change")
    async def changed(event: dict[str, Any]) -> None:
        slack.members.forget(str(event["user"]["id"]))
