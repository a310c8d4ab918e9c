"""Accepting: a conversation or a lead, from a card or the Home tab. The first wins; the others are told who."""

from dataclasses import dataclass

from connectors.slack.cards import conversation_card
from connectors.slack.context import Slack
from connectors.slack.inbound import NAME
from connectors.slack.views import BY_CONVERSATION, BY_LEAD
from crm.database import UnitOfWork
from crm.errors import AlreadyClaimed, NotAllowed, NotFound, OwnershipChanged
from crm.services import alerts, inbox, live_threads
from crm.services.briefing import briefing
from crm.services.reps import leads
from crm.services.reps.access import may_sell
from crm.services.users import UserView

STATUS_WORDS = {"resolved": "resolved", "bot": "with the assistant", "queued": "waiting", "human": "taken"}


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of it: a sentence for whoever pressed, and whether they have it now."""

    sentence: str
    won: bool
    conversation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a button is about: a conversation or a lead."""

    conversation_id: str | None = None
    lead_id: str | None = None


async def subject_of(slack: Slack, value: str) -> Subject:
    """Read a button's value: an alert's id, or what the Home tab names. Raises NotFound."""
    if value.startswith(BY_CONVERSATION):
        return Subject(conversation_id=value.removeprefix(BY_CONVERSATION))
    if value.startswith(BY_LEAD):
        return Subject(lead_id=value.removeprefix(BY_LEAD))
    async with slack.database.read() as uow:
        alert = await alerts.get(uow, value)
    if alert is None:
        raise NotFound("alert", value)
    if alert.kind == "lead":
        return Subject(lead_id=alert.lead_id)
    return Subject(conversation_id=alert.conversation_id)


async def take(slack: Slack, subject: Subject, user: UserView) -> Taken:
    """Try to have it. Pressing twice changes nothing. Raises StorageUnavailable, SlackApiError."""
    try:
        if subject.lead_id is not None:
            async with slack.database.write() as uow:
                lead = await leads.take(uow, subject.lead_id, asker=may_sell(user))
                await uow.commit()
            slack.wake()
            return Taken(f"Lead {lead.number} ({lead.name}) is yours.", won=True)
        conversation_id = subject.conversation_id or ""
        async with slack.database.write() as uow:
            claimed = await inbox.claim(uow, conversation_id, user.id)
            await uow.commit()
    except AlreadyClaimed as exc:
        slack.wake()
        return Taken(f"{exc.by} was faster and has it already.", won=False)
    except OwnershipChanged as exc:
        slack.wake()
        return Taken(
            f"It is {STATUS_WORDS.get(exc.status, exc.status)} now, so there is nothing to accept.", won=False
        )
    except NotAllowed as exc:
        return Taken(exc.why, won=False)
    except NotFound:
        return Taken("That is gone: the customer ended the chat and had it erased.", won=False)
    await _open_thread(slack, conversation_id, user, seq=claimed.last_seq)
    slack.wake()
    return Taken("It's yours. Go on in the thread.", won=True, conversation_id=conversation_id)


async def _open_thread(slack: Slack, conversation_id: str, user: UserView, *, seq: int) -> None:
    """The conversation's one thread: below its card, or below a new one where it has none."""
    async with slack.database.read() as uow:
        known = await live_threads.of_conversation(uow, conversation_id)
        card = await alerts.latest(uow, conversation_id)
        told = await briefing(uow, conversation_id)
    place, thread = (card.place, card.thread) if card else (None, None)
    if known is None and not (place and thread):
        place = slack.settings.alert_channel or await _direct(slack, user)
        thread = await slack.say(
            place, conversation_card("handoff", f"{BY_CONVERSATION}{conversation_id}", told)
        )
    async with slack.database.write() as uow:
        if known is None and place and thread:
            await live_threads.open_(uow, conversation_id, channel=NAME, place=place, thread=thread)
        await _begin(uow, conversation_id, seq)
        await uow.commit()


async def _begin(uow: UnitOfWork, conversation_id: str, seq: int) -> None:
    """What was said until the claim stands in the summary; only what follows is shown line by line."""
    await live_threads.mirrored(uow, conversation_id, seq)
    await live_threads.release(uow, conversation_id)


async def _direct(slack: Slack, user: UserView) -> str:
    found = await slack.client.users_lookupByEmail(email=user.email)
    opened = await slack.client.conversations_open(users=str(found["user"]["id"]))
    return str(opened["channel"]["id"])
