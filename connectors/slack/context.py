"""What every listener and job of Slack works with, made once."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from connectors.gateway import Gateway
from connectors.slack.inbound import NAME, Place
from connectors.slack.members import Members
from connectors.slack.render import SlackMessage
from connectors.slack.settings import SlackSettings
from crm.database import Database
from crm.services import staff_chats
from crm.services.users import UserView

RESPONSE_SECONDS = 25 * 60  # Slack takes answers to a command's address for 30 minutes
MOST_RESPONSES = 2000
# Slack says these of somebody or something that is gone; trying again changes nothing.
GONE = frozenset(
    {
        "channel_not_found",
        "is_archived",
        "message_not_found",
        "thread_not_found",
        "user_not_found",
        "user_not_in_channel",
        "cannot_dm_bot",
        "user_disabled",
        "not_in_channel",
        "already_reacted",
        "no_reaction",
        "cant_update_message",
        "msg_too_long",
        "invalid_blocks",
        "trigger_expired",
        "exchanged_trigger_id",
        "expired_trigger_id",
        "trigger_exchanged",
        "messages_tab_disabled",
    }
)


@dataclass
class Slack:
    """Slack's parts. `woken` makes the jobs look at once."""

    gateway: Gateway
    client: AsyncWebClient
    members: Members
    settings: SlackSettings
    threads_woken: asyncio.Event = field(default_factory=asyncio.Event)
    alerts_woken: asyncio.Event = field(default_factory=asyncio.Event)
    responses: dict[str, tuple[float, str]] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.gateway.database

    def wake(self) -> None:
        """Something changed that cards, threads or customers must show."""
        self.threads_woken.set()
        self.alerts_woken.set()
        self.gateway.channels.ready.set()

    async def conversation_of(self, slack_user: str, user: UserView) -> str:
        """A member's own conversation with the bot: one, wherever in Slack they write."""
        workspace = await self.members.workspace()
        async with self.database.write() as uow:
            found = await staff_chats.conversation_of(
                uow, channel=NAME, external_id=f"{workspace.team_id}:{slack_user}", user_id=user.id
            )
            await uow.commit()
        return found

    def remember_response(self, place: Place, address: str) -> None:
        """Where the answer to a command goes, for as long as Slack takes it there."""
        now = time.monotonic()
        self.responses = {key: told for key, told in self.responses.items() if told[0] > now}
        if len(self.responses) < MOST_RESPONSES:
            self.responses[place.delivery_id] = (now + RESPONSE_SECONDS, address)

    def response_to(self, place: Place) -> str | None:
        """The address that was remembered, if it still takes answers."""
        told = self.responses.get(place.delivery_id)
        return told[1] if told is not None and told[0] > time.monotonic() else None

    async def say(self, channel: str, message: SlackMessage, *, thread: str = "") -> str:
        """Post a message; answers its time stamp, by which Slack knows it. Raises SlackApiError."""
        more: dict[str, Any] = {"thread_ts": thread} if thread else {}
        told = await self.client.chat_postMessage(
            channel=channel,
            text=message.text,
            blocks=message.blocks or None,
            unfurl_links=False,
            unfurl_media=False,
            **more,
        )
        return str(told["ts"])

    async def whisper(self, channel: str, slack_user: str, text: str, *, thread: str = "") -> None:
        """Tell one person, where they are; by direct message where Slack doesn't let us there."""
        if channel.startswith("D"):
            await self.say(channel, SlackMessage(text), thread=thread)
            return
        try:
            more: dict[str, Any] = {"thread_ts": thread} if thread else {}
            await self.client.chat_postEphemeral(channel=channel, user=slack_user, text=text, **more)
        except SlackApiError as exc:
            if exc.response["error"] not in GONE:
                raise
            await self.say(slack_user, SlackMessage(text))


def is_gone(error: SlackApiError) -> bool:
    """Whether trying again can't help."""
    return str(error.response.get("error")) in GONE
