"""The alerts channel: cards for what is new, and cards that stay true."""

import time

import structlog
from slack_sdk.errors import SlackApiError

from connectors.slack.cards import conversation_card, lead_card
from connectors.slack.context import Slack, is_gone
from connectors.slack.render import SlackMessage
from crm.errors import NotFound
from crm.services import alerts
from crm.services.alerts import AlertRules, AlertView
from crm.services.briefing import briefing
from crm.services.reps import leads

log = structlog.get_logger(__name__)
HOLD_SECONDS = 60.0
ATTEMPTS = 10
PAUSE_SECONDS = 5.0


class Alerting:
    """A job that looks, posts and brings up to date."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        settings = slack.settings
        self._rules = AlertRules(cart_from=settings.cart_from, mood_below=settings.mood_below)
        self._updates_from = 0.0

    async def run(self) -> None:
        """Once. Raises StorageUnavailable; what Slack doesn't take is tried again later."""
        if not self._slack.settings.alert_channel:
            return
        database = self._slack.database
        async with database.read() as uow:
            new = await alerts.sought(uow, self._rules)
            are_due = bool(new) or await alerts.are_due(uow)
        if are_due:
            async with database.write() as uow:
                await alerts.add(uow, new)
                due = await alerts.due(uow, hold_seconds=HOLD_SECONDS)
                await uow.commit()
            for alert in due:
                await self._post(alert)
        if time.monotonic() < self._updates_from:
            return
        async with database.read() as uow:
            outdated = await alerts.outdated(uow)
        for alert in outdated:
            if not await self._update(alert):
                # Slack has trouble: cards wait a moment, instead of asking it again and again.
                self._updates_from = time.monotonic() + PAUSE_SECONDS
                break

    async def _post(self, alert: AlertView) -> None:
        channel = self._slack.settings.alert_channel
        try:
            thread = await self._slack.say(channel, await self._card(alert))
        except NotFound:
            await self._postpone(alert, give_up=True)
        except (SlackApiError, OSError, TimeoutError) as exc:
            log.warning("alert_not_posted", kind=alert.kind, attempt=alert.attempts, reason=reason(exc))
            await self._postpone(alert, give_up=alert.attempts >= ATTEMPTS)
        else:
            async with self._slack.database.write() as uow:
                await alerts.posted(uow, alert.id, place=channel, thread=thread, shown=alert.state_now)
                await uow.commit()

    async def _update(self, alert: AlertView) -> bool:
        """Bring a card up to date; whether Slack took it, or never will."""
        try:
            card = await self._card(alert)
            await self._slack.client.chat_update(
                channel=alert.place or "", ts=alert.thread or "", text=card.text, blocks=card.blocks
            )
        except NotFound:
            log.info("alert_subject_gone", kind=alert.kind)
        except SlackApiError as exc:
            if not is_gone(exc):
                log.warning("alert_not_updated", kind=alert.kind, reason=reason(exc))
                return False
        except (OSError, TimeoutError) as exc:
            log.warning("alert_not_updated", kind=alert.kind, reason=reason(exc))
            return False
        async with self._slack.database.write() as uow:
            await alerts.showed(uow, alert.id, alert.state_now)
            await uow.commit()
        return True

    async def _card(self, alert: AlertView) -> SlackMessage:
        async with self._slack.database.read() as uow:
            if alert.kind == "lead":
                return lead_card(alert.id, await leads.by_id(uow, alert.lead_id or ""))
            return conversation_card(alert.kind, alert.id, await briefing(uow, alert.conversation_id or ""))

    async def _postpone(self, alert: AlertView, *, give_up: bool) -> None:
        async with self._slack.database.write() as uow:
            await alerts.postpone(uow, alert.id, seconds=PAUSE_SECONDS * alert.attempts, give_up=give_up)
            await uow.commit()


def reason(error: Exception) -> str:
    """What Slack said, for the log: its own word for it, never our payload."""
    if isinstance(error, SlackApiError):
        return str(error.response.get("error"))
    return type(error).__name__
