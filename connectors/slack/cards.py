"""The cards of the alerts channel: what it is about, and who has it. Pure."""

from datetime import datetime
from decimal import Decimal

from babel.numbers import format_currency

from connectors.slack.render import SlackMessage, actions, button, context, header, sections
from connectors.slack.text import escaped, quoted
from crm.services.briefing import Briefing
from crm.services.reps.views import Lead

ACCEPT = "accept"
OPEN = "open"
TITLES = {
    "handoff": "A customer waits for a person",
    "cart": "A full cart",
    "mood": "A customer is getting annoyed",
    "lead": "New lead",
}
REASONS = {"asked": "They asked for a person.", "mood": "They were annoyed twice in a row."}


def money(amount: Decimal, currency: str) -> str:
    """As people read it."""
    return str(format_currency(amount, currency, locale="en"))


def conversation_card(kind: str, alert_id: str, told: Briefing) -> SlackMessage:
    """A hand-over, a cart or a mood, with who owns the conversation now."""
    talk = told.conversation
    who = told.name or "Somebody who hasn't said their name"
    lines = [f"*{escaped(who)}* on {escaped(talk.channel)}"]
    if kind == "handoff" and talk.handoff_reason:
        lines.append(REASONS.get(talk.handoff_reason, "The assistant asked for a person."))
    if talk.handoff_summary:
        lines.append(quoted(talk.handoff_summary[:1200]))
    if told.cart.lines:
        lines.append(f"Cart: {told.cart.item_count} for {money(told.cart.total, told.cart.currency)}")
    last = next((message for message in reversed(told.said) if message.author == "customer"), None)
    if last is not None:
        lines.append(f"Last words:\n{quoted(last.text[:400])}")
    lines.append(f"Mood: {mood_words(talk.mood)}")
    state, free = conversation_state(told)
    offered = [button("Open", OPEN, value=alert_id)]
    if free:
        offered.insert(0, button("Accept", ACCEPT, value=alert_id, style="primary"))
    return SlackMessage(
        f"{TITLES[kind]}: {escaped(who)}. {escaped(state)}",
        [header(TITLES[kind]), *sections("\n".join(lines)), context(escaped(state)), *actions(offered)],
    )


def lead_card(alert_id: str, lead: Lead) -> SlackMessage:
    """A lead with needs and contact, with who has it."""
    reach = " or ".join(part for part in (lead.phone, lead.email) if part)
    text = f"*{escaped(lead.name)}*, {escaped(reach)}\n{quoted(lead.needs[:1500])}"
    state = f"Lead {lead.number} is {lead.status}" + (
        f", {lead.owner} has it." if lead.owner else "; nobody has it yet."
    )
    offered = [button("Open", OPEN, value=alert_id)]
    if lead.owner_id is None:
        offered.insert(0, button("Accept", ACCEPT, value=alert_id, style="primary"))
    return SlackMessage(
        f"{TITLES['lead']} {lead.number}: {escaped(lead.name)}. {escaped(state)}",
        [
            header(f"{TITLES['lead']} {lead.number}"),
            *sections(text),
            context(escaped(state)),
            *actions(offered),
        ],
    )


def conversation_state(told: Briefing) -> tuple[str, bool]:
    """Who owns it, in a sentence, and whether it can be accepted."""
    talk = told.conversation
    match talk.status:
        case "queued":
            return f"Waiting since {_time(talk.waiting_since)}.", True
        case "human":
            return f"{talk.assignee} has it.", False
        case "resolved":
            return "Resolved.", False
        case _:
            return "The assistant has it.", True


def mood_words(mood: float) -> str:
    """The running mood in a word and a number."""
    word = "good" if mood > 0.2 else "angry" if mood <= -0.6 else "annoyed" if mood <= -0.3 else "neutral"
    return f"{word} ({mood:+.1f})"


def _time(moment: datetime | None) -> str:
    return f"{moment:%H:%M} UTC" if moment else "a while ago"
