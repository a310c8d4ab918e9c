"""The cards of the alerts channel: what it is about, and who has it. Pure."""

from datetime import datetime
from decimal import Decimal

from babel.numbers import format_currency

from connectors.slack.render import SlackMessage, actions, button, context, header, sections
from connectors.slack.text import escaped, quoted
from crm.people import readable_phone
from crm.services.briefing import Briefing
from crm.services.reps.views import Lead
from crm.views import CartView

ACCEPT = "accept"
OPEN = "open"
TITLES = {
    "handoff": "A customer waits for a person",
    "cart": "A full cart",
    "mood": "A customer is getting annoyed",
    "lead": "New lead",
}
REASONS = {"asked": "They asked for a person.", "mood": "They are annoyed, so the assistant asked for one."}
AUTHORS = {"customer": "Customer", "bot": "Assistant", "agent": "Colleague", "system": "Notice"}
NAMELESS = "a customer we don't know yet"


def money(amount: Decimal, currency: str) -> str:
    """As people read it."""
    return str(format_currency(amount, currency, locale="en"))


def conversation_card(kind: str, alert_id: str, told: Briefing) -> SlackMessage:
    """A hand-over, a cart or a mood, with who owns the conversation now."""
    talk = told.conversation
    who = told.name or NAMELESS
    lines = [f"*{escaped(sentence_case(who))}* on {escaped(talk.channel)}"]
    if kind == "handoff" and talk.handoff_reason:
        lines.append(REASONS.get(talk.handoff_reason, "The assistant asked for a person."))
    if talk.handoff_summary:
        lines.append(quoted(talk.handoff_summary[:1200]))
    if told.cart.lines:
        lines.append(f"Cart: {cart_in_short(told.cart)}")
    if told.typed:
        lines.append(f"Last words:\n{quoted(told.typed[:400])}")
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
    reach = " or ".join(ways_to_reach(lead.phone, lead.email))
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


def cart_in_short(cart: CartView) -> str:
    """How many things for how much."""
    things = "1 item" if cart.item_count == 1 else f"{cart.item_count} items"
    return f"{things} for {money(cart.total, cart.currency)}"


def ways_to_reach(phone: str | None, email: str | None) -> list[str]:
    """Phone and e-mail, as far as they are known, as people write them."""
    return [way for way in (readable_phone(phone) if phone else None, email) if way]


def sentence_case(text: str) -> str:
    """The text as a sentence begins."""
    return text[:1].upper() + text[1:]


def mood_words(mood: float) -> str:
    """The running mood in a word and a number."""
    word = "good" if mood > 0.2 else "angry" if mood <= -0.6 else "annoyed" if mood <= -0.3 else "neutral"
    return f"{word} ({mood:+.1f})"


def _time(moment: datetime | None) -> str:
    return f"{moment:%H:%M} UTC" if moment else "a while ago"
