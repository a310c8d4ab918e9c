"""Fetching a person: the gateway queues the conversation; the person reads a summary first."""

from __future__ import annotations

from actions.support import fields
from actions.support.appointment_text import at_text
from actions.support.base import ShopAction
from actions.support.handback import note_so_far
from actions.support.needs_text import needs_so_far
from actions.support.reply import Reply, leave, listed, money, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import STILL_HERE, Offer, Reading, UseCase, forms
from crm.database import UnitOfWork
from crm.services import appointments, carts, quotes
from parley.bootstrap import ActionsContext


class RequestHuman(ShopAction):
    """Asks for a person. Forms are left, so that nobody's bot question stands between the two; slots stay."""

    action = "action_request_human"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        async with context.database.read() as uow:
            cart = await carts.view(uow, turn.conversation_id)
            agreed = await agreed_so_far(turn, context, uow)
        summary = needs_so_far(turn, cart, context.vocabulary)
        summary = " ".join(part for part in (summary, agreed, tried_so_far(turn), note_so_far(turn)) if part)
        return say(
            "I've asked a person from our team to join this chat. Please stay here; you can already write what it's "
            "about, and they will see everything we've said so far.",
            custom={"handoff": {"reason": "asked", "summary": summary}},
            events=(*(leave() if turn.loop else ()), *set_slots(human_note=None)),
        )


async def agreed_so_far(turn: Turn, context: ActionsContext, uow: UnitOfWork) -> str:
    """The quote and the appointment that this chat has led to; empty without them."""
    parts = []
    if quote := await quotes.latest_of_conversation(uow, turn.conversation_id):
        lines = listed(f"{line.quantity} × {line.name}" for line in quote.lines)
        total = money(quote.total, quote.currency)
        until = f", until {quote.valid_until:%-d %B %Y}" if quote.status == "open" else ""
        parts.append(f"Quote {quote.number} ({quote.status}{until}): {lines}, {total}.")
    if booked := await appointments.of_conversation(uow, turn.conversation_id):
        parts.append(f"Appointment on {at_text(booked.starts_at, context)}.")
    return " ".join(parts)


def tried_so_far(turn: Turn) -> str:
    """What the bot was doing and whether it was of any use, for the person who takes over."""
    parts = []
    if known := contact_so_far(turn):
        parts.append(f"In this chat they gave: {known}.")
    if form := forms().get(turn.loop or ""):
        parts.append(f"They were {form.doing}.")
    elif turn.slot("checkout_open"):
        parts.append("They had begun to check out.")
    last = turn.slot("last_order")
    if isinstance(last, dict) and last.get("number"):
        parts.append(f"They placed order {last['number']} in this chat.")
    about = turn.slot("known_order")
    if isinstance(about, dict) and about.get("number") and about != last:
        parts.append(f"They have proved that order {about['number']} is theirs.")
    if turn.misses:
        parts.append(
            f"The bot didn't understand {turn.misses} message{'s' if turn.misses > 1 else ''} in a row."
        )
    return " ".join(parts)


def contact_so_far(turn: Turn) -> str:
    """Name, e-mail and phone as they were given, also where nothing was ordered yet; empty without any."""
    name, email, phone = (turn.slot(f"contact_{kind}") for kind in ("name", "email", "phone"))
    given = [name, email, fields.readable_phone(phone) if isinstance(phone, str) else None]
    return ", ".join(one for one in given if isinstance(one, str))


USE_CASE = UseCase(
    readings={"human": Reading("Talk to a person", RequestHuman(), guessed=False)},
    offers={"human": Offer(RequestHuman(), STILL_HERE)},
)
