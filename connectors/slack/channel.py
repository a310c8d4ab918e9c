"""Taking the bot's answers to staff in Slack: into the direct message, the thread or the command that asked."""

from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from connectors.errors import Undeliverable
from connectors.messages import Reply
from connectors.slack.context import Slack, is_gone
from connectors.slack.inbound import NAME, Place
from connectors.slack.render import SlackMessage, to_slack
from crm.services import conversations, staff_chats
from crm.services.conversation_views import MessageView


class SlackChannel:
    """The gateway's way to staff. What asked is known by the delivery id of the message that is answered."""

    name = NAME
    reads_transcript = False

    def __init__(self) -> None:
        self._slack: Slack | None = None

    def connect(self, slack: Slack) -> None:
        """The parts it needs; they need the gateway, which needs the channel."""
        self._slack = slack

    async def deliver(self, message: MessageView) -> None:
        """See `Channel`."""
        slack = self._slack
        if slack is None:
            raise RuntimeError("Slack isn't connected")
        place, account = await self._where(slack, message)
        reply = Reply.from_content(message.content, text=message.text, kind="message")
        shown = to_slack(
            reply,
            conversation_id=message.conversation_id,
            seq=message.seq,
            public_url=slack.settings.public_url,
        )
        try:
            if place is not None and place.kind == "c":
                await self._to_command(slack, place, account, shown)
            else:
                channel = place.channel if place else account
                await slack.say(channel, shown, thread=place.thread if place else "")
        except SlackApiError as exc:
            if is_gone(exc):
                raise Undeliverable(str(exc.response["error"])) from exc
            raise

    async def _where(self, slack: Slack, message: MessageView) -> tuple[Place | None, str]:
        async with slack.database.read() as uow:
            external_id = await staff_chats.place_of(uow, message.conversation_id)
            asked = await conversations.delivery_of(uow, message.in_reply_to) if message.in_reply_to else None
        if external_id is None:
            raise Undeliverable("no member of staff has this conversation")
        return Place.of(asked), external_id.rpartition(":")[2]

    async def _to_command(self, slack: Slack, place: Place, account: str, shown: SlackMessage) -> None:
        address = slack.response_to(place)
        if address is not None:
            hook = AsyncWebhookClient(address, timeout=slack.settings.api_seconds)
            told = await hook.send(
                text=shown.text,
                blocks=shown.blocks or None,
                response_type="ephemeral",
                replace_original=False,
            )
            if told.status_code == 200:
                return
        await slack.say(account, shown)
