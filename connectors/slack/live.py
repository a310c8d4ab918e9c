"""The threads of live chats: they show what the customer writes, in order, and who owns the conversation."""

import structlog
from slack_sdk.errors import SlackApiError

from connectors.slack.alerting import reason
from connectors.slack.context import Slack, is_gone
from connectors.slack.inbound import NAME
from connectors.slack.render import SlackMessage
from connectors.slack.thread_blocks import line, opening, sent_from_thread, transition
from crm.errors import NotFound
from crm.services import live_threads
from crm.services.briefing import briefing
from crm.services.live_threads import ThreadView

log = structlog.get_logger(__name__)
HOLD_SECONDS = 60.0
PAUSE_SECONDS = 3.0


class Threads:
    """A job that brings every thread up to date."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack

    async def run(self) -> None:
        """Once. A thread that Slack doesn't take messages for waits a moment; the others go on."""
        async with self._slack.database.read() as uow:
            if not await live_threads.are_behind(uow, NAME):
                return
        async with self._slack.database.write() as uow:
            behind = await live_threads.behind(uow, NAME, hold_seconds=HOLD_SECONDS)
            if behind:
                await uow.commit()
        for thread in behind:
            pause = 0.0
            try:
                await self._bring_up_to_date(thread)
            except (SlackApiError, OSError, TimeoutError) as exc:
                log.warning("thread_waits", conversation=thread.conversation_id, reason=reason(exc))
                pause = PAUSE_SECONDS
            async with self._slack.database.write() as uow:
                await live_threads.release(uow, thread.conversation_id, seconds=pause)
                await uow.commit()

    async def _bring_up_to_date(self, thread: ThreadView) -> None:
        """A person who takes over reads the summary first; whoever gives back sees the last words before the end."""
        taken = thread.state_now.startswith("human:")
        if taken:
            await self._show_owner(thread)
        await self._show_messages(thread)
        if not taken:
            await self._show_owner(thread)

    async def _show_owner(self, thread: ThreadView) -> None:
        if thread.shown == thread.state_now:
            return
        status = thread.state_now.partition(":")[0]
        if status == "human":
            try:
                async with self._slack.database.read() as uow:
                    told = await briefing(uow, thread.conversation_id, up_to=thread.mirrored_seq)
            except NotFound:
                return
            await self._post(thread, opening(told))
        else:
            await self._post(thread, transition(status))
        async with self._slack.database.write() as uow:
            await live_threads.showed(uow, thread.conversation_id, thread.state_now)
            await uow.commit()

    async def _show_messages(self, thread: ThreadView) -> None:
        async with self._slack.database.read() as uow:
            owed = await live_threads.owed(uow, thread.conversation_id, after=thread.mirrored_seq)
        for message in owed:
            if not sent_from_thread(message):
                await self._post(thread, line(message, thread.conversation_id))
            async with self._slack.database.write() as uow:
                await live_threads.mirrored(uow, thread.conversation_id, message.seq)
                await uow.commit()

    async def _post(self, thread: ThreadView, message: SlackMessage) -> None:
        try:
            await self._slack.say(thread.place, message, thread=thread.thread)
        except SlackApiError as exc:
            if not is_gone(exc):
                raise
            log.warning("thread_gone", conversation=thread.conversation_id, reason=reason(exc))
