"""Return to bot, with a note if one is wanted, and Resolve: how a live chat ends."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from connectors.slack.context import Slack
from connectors.slack.inbound import pressed_place, user_of
from connectors.slack.listeners.open_card import show
from connectors.slack.listeners.reply import tell, text_in
from connectors.slack.taking import STATUS_WORDS
from connectors.slack.thread_blocks import RESOLVE, RETURN
from connectors.slack.views import RETURN_VIEW, return_view
from crm.database import UnitOfWork
from crm.errors import AlreadyClaimed, NotFound, OwnershipChanged
from crm.services import inbox


def register(app: AsyncApp, slack: Slack) -> None:
    @app.action(RETURN)
    async def ask_for_note(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await ack()
        user, place = user_of(body) or "", pressed_place(body)
        member = await slack.members.who(user)
        if member.user is not None:
            await show(slack, body, return_view(action["value"]))
        elif member.refusal:
            await slack.whisper(place.channel, user, member.refusal, thread=place.thread)

    @app.view(RETURN_VIEW)
    async def returned(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        await ack()
        note = text_in(view) or None
        await _end(
            slack, body, view["private_metadata"],
            lambda uow, talk, user: inbox.return_to_bot(uow, talk, user, note=note),
        )  # fmt: skip

    @app.action(RESOLVE)
    async def resolve(ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        await ack()
        await _end(slack, body, action["value"], inbox.resolve)


async def _end(
    slack: Slack,
    body: dict[str, Any],
    conversation_id: str,
    act: Callable[[UnitOfWork, str, str], Awaitable[object]],
) -> None:
    user = user_of(body) or ""
    member = await slack.members.who(user)
    if member.user is None:
        if member.refusal:
            await tell(slack, conversation_id, user, member.refusal)
        return
    try:
        async with slack.database.write() as uow:
            await act(uow, conversation_id, member.user.id)
            await uow.commit()
    except AlreadyClaimed as exc:
        await tell(slack, conversation_id, user, f"Nothing changed: {exc.by} has this conversation.")
    except OwnershipChanged as exc:
        words = STATUS_WORDS.get(exc.status, exc.status)
        await tell(slack, conversation_id, user, f"Nothing changed: the conversation is {words} already.")
    except NotFound:
        await tell(slack, conversation_id, user, "The customer ended the chat and had it erased.")
    else:
        slack.wake()
