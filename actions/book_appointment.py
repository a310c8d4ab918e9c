"""Appointments: choosing a free time, booking it with consent, moving it, calling it off."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar

from actions.support import fields
from actions.support.appointment_text import at_text, choices, free_near, hours_text
from actions.support.base import ShopAction, WritingAction
from actions.support.form import Answer, Ask, FormValidator, clear_form, unfinished_order
from actions.support.needs_text import needs_so_far
from actions.support.reply import Reply, button, enter, leave, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import Form, Offer, Reading, UseCase
from actions.support.when import shifted, understood
from crm.database import UnitOfWork
from crm.errors import CrmError, InvalidInput, NotFound, SlotTaken
from crm.sales_views import AppointmentView
from crm.services import appointments, carts, catalogue
from parley.bootstrap import ActionsContext

INTENT = "book_appointment"
FORM = "appointment_form"
CONSENT = "May we store your name and contact details for this appointment?"
OFF = re.compile(
    r"\b(cancel|call (it )?off|delete|drop|won.?t make it|can.?t (come|make it)|not coming)\b", re.IGNORECASE
)
MOVE = re.compile(
    r"\b(move|reschedul\w*|postpone|change|shift|push|later|earlier|another (time|day)|different (time|day)|instead)\b",
    re.IGNORECASE,
)
TELL = re.compile(
    r"\b(when.?s|when is|what time is|remind me).{0,20}\b(my|the) (appointment|visit|demo)\b", re.IGNORECASE
)
LOCAL = "%Y-%m-%dT%H:%M"


HOURLY = re.compile(
    r"\b(around|about|half|past|quarter|noon|morning|afternoon|evening|clock|three|four|five|seven|eight|nine|eleven"
    r"|twelve)\b",
    re.IGNORECASE,
)


class StartAppointment(WritingAction):
    """Begin with the time that was said; or look after the appointment that there is. Only cancelling writes."""

    action = "action_start_appointment"

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        """Call the conversation's appointment off, after a yes."""
        booked = await appointments.of_conversation(uow, turn.conversation_id)
        if booked is None:
            return say("There's no appointment any more that I could cancel.", button("Book a time", INTENT))
        gone = await appointments.cancel(uow, turn.conversation_id, booked.id)
        return say(
            f"Your appointment on {at_text(gone.starts_at, context)} is cancelled.",
            button("Book another time", INTENT),
            button("Find a product", "find_product"),
        )

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        if not any(context.shop.selling.opening.week):
            return say(
                "We don't give appointments here in the chat, but a colleague can call you and arrange something.",
                button("Call me back", "callback"),
                button("Talk to a person", "human"),
            )
        async with context.database.read() as uow:
            booked = await appointments.of_conversation(uow, turn.conversation_id)
        if turn.choice == "keep":
            return say("Good, it stays as it is.", button("Find a product", "find_product"))
        if turn.choice == "cancel" or turn.intent == "affirm":
            return await super().answer(turn, context)
        off = OFF.search(turn.words) and not MOVE.search(turn.words)
        if off and booked is None and turn.loop == FORM:
            return say(
                "OK, nothing is booked. You can also just come by during opening hours.",
                button("Find a product", "find_product"),
                events=(*leave(), *clear_form(*SLOTS)),
            )
        if off and booked is None:
            return say(
                "There's no appointment from this chat that I could cancel. A colleague can help with others.",
                button("Talk to a person", "human"),
            )
        if off and booked is not None:
            left = (*leave(), *clear_form(*SLOTS)) if turn.loop == FORM else ()
            return sure_to_cancel(booked, context).with_events(*left)
        if booked is not None and TELL.search(turn.words):
            return told(booked, context)
        chosen = await chosen_time(turn, context, since=booked.starts_at if booked else None)
        if booked is not None:
            return self._move(booked, chosen, turn, context)
        return chosen.reply.with_events(
            *enter(FORM, **chosen.slots, appointment_consent=None, appointment_moved=None)
        )

    def _move(self, booked: AppointmentView, chosen: Chosen, turn: Turn, context: ActionsContext) -> Reply:
        """One appointment at a time: another time moves it."""
        if not (MOVE.search(turn.words) or OFF.search(turn.words) or chosen.slots["appointment_time"]):
            return told(booked, context)
        known = {
            "contact_name": booked.name,
            "appointment_reach": "known",
            "appointment_consent": True,
            "appointment_moved": booked.id,
        }
        return chosen.reply.with_events(*enter(FORM, **chosen.slots, **known))


def told(booked: AppointmentView, context: ActionsContext) -> Reply:
    """What is booked, with the ways to change it."""
    return say(
        f"Your appointment is on {at_text(booked.starts_at, context)}.",
        button("Another time", INTENT, said="move my appointment"),
        button("Cancel it", INTENT, said="cancel my appointment"),
    )


def sure_to_cancel(booked: AppointmentView, context: ActionsContext) -> Reply:
    return say(
        f"Shall I cancel your appointment on {at_text(booked.starts_at, context)}?",
        button("Yes, cancel it", INTENT, choice="cancel"),
        button("Another time", INTENT, said="move my appointment"),
        button("Keep it", INTENT, choice="keep"),
        events=set_slots(offer={"kind": "cancel_appointment"}),
    )


class Chosen:
    """What a message makes of the time: slots, and what is said to it (nothing when it is simply taken)."""

    def __init__(
        self,
        turn: Turn,
        start: datetime | None = None,
        *,
        day: date | None = None,
        reply: Reply | None = None,
    ) -> None:
        self.reply = reply or Reply()
        self.slots = {
            "appointment_time": start.isoformat() if start else None,
            "appointment_day": day.isoformat() if day else None,
            "appointment_offered": turn.message_id if reply else None,
        }


async def chosen_time(turn: Turn, context: ActionsContext, *, since: datetime | None = None) -> Chosen:
    """The free time that the message names, else the free times nearest to it, else nothing.

    "An hour later" is meant from `since`, the time that was fixed before.

    A day without an hour gives that day's free times, and the next message may name just the hour.
    """
    opening = context.shop.selling.opening
    moved = shifted(turn.wording, since, opening) if since else None
    when = moved or understood(turn.choice or turn.words, context.clock(), opening)
    kept = turn.slot("appointment_day")
    day = when.day or _misspelt_day(turn)
    if day is None and when.is_empty:
        return Chosen(turn)
    if day is None and isinstance(kept, str):
        day = date.fromisoformat(kept)
    async with context.database.read() as uow:
        found = await free_near(uow, day, when)
    if found.exact is not None:
        return Chosen(turn, found.exact)
    reply = say(found.sentence, *choices(found.times, context))
    return Chosen(turn, day=day, reply=reply)


def _misspelt_day(turn: Turn) -> date | None:
    """A day that only the bot's own finder reads ("teusday"). Of a bare hour it makes a day, which isn't meant here."""
    for one in turn.each("time"):
        words = HOURLY.sub("", turn.text[one.start : one.end])
        if one.start >= 0 and isinstance(one.value, str) and re.search(r"[a-z]{4,}", words, re.IGNORECASE):
            return date.fromisoformat(one.value[:10])
    return None


class ValidateAppointmentForm(FormValidator):
    """Reads a time, a name, a way to reach the customer, and the answer about storing them."""

    form = FORM
    own_intent = INTENT
    why: ClassVar[Mapping[str, str]] = {
        "contact_name": "So that my colleague knows whom to expect.",
        "appointment_reach": "In case something comes up on our side; it is used for nothing else.",
        "appointment_consent": "Because we only keep contact details of people who want that.",
    }

    async def read(self, turn: Turn, context: ActionsContext) -> Answer | None:
        asked = turn.requested_slot
        if OFF.search(turn.words) and not MOVE.search(turn.words) and turn.intent == INTENT:
            return None
        if asked == "appointment_time":
            return await self._time(turn, context)
        name = fields.name(turn.words) if asked == "contact_name" else None
        reach = _reach(turn, context.shop.region if asked == "appointment_reach" else None)
        if name or reach:
            return Answer({**({"contact_name": name} if name else {}), **reach})
        fixed = turn.slot("appointment_time")
        since = datetime.fromisoformat(fixed) if isinstance(fixed, str) else None
        chosen = await chosen_time(turn, context, since=since) if turn.intent == INTENT else None
        if chosen is not None and chosen.slots["appointment_time"]:
            return Answer({**chosen.slots}, "All right, another time.")
        if self.interrupts(turn):
            return None
        if asked == "appointment_consent":
            return self._consent(turn)
        if fields.is_question(turn.words) or turn.intent == "thanks":
            return None
        if asked == "contact_name":
            return self.again(turn, "I didn't catch a name there.")
        return self.again(turn, "I need either a phone number, with its country code, or an e-mail address.")

    async def _time(self, turn: Turn, context: ActionsContext) -> Answer | None:
        chosen = await chosen_time(turn, context)
        if chosen.slots["appointment_time"]:
            return Answer(dict(chosen.slots))
        if chosen.reply.messages:
            message = chosen.reply.messages[0]
            return Answer(dict(chosen.slots), message.text, message.buttons)
        if self.interrupts(turn):
            return None
        if OFF.search(turn.words) or turn.intent == "deny":
            return self.again(turn, "We needn't fix a time now; say stop to leave it.")
        if fields.is_question(turn.words) or turn.intent == "thanks":
            return None
        return self.again(turn, "I didn't find a day or a time in that.")

    def _consent(self, turn: Turn) -> Answer | None:
        if turn.intent == "affirm":
            return Answer({"appointment_consent": True})
        if turn.intent == "deny":
            return Answer({"appointment_consent": False})
        if fields.is_question(turn.words):
            return None
        return self.again(turn, "I need a clear yes or no for this.")


def _reach(turn: Turn, region: str | None) -> dict[str, str]:
    email = fields.email(str(turn.value("email") or turn.words))
    phone = fields.phone(str(turn.value("phone") or turn.words), region=region)
    found = {"contact_email": email, "contact_phone": phone}
    said = {slot: value for slot, value in found.items() if value}
    return {**said, "appointment_reach": "phone" if phone else "email"} if said else {}


class AskAppointmentTime(ShopAction):
    """When? With the next free times to press; nothing when times were offered just now."""

    action = "action_ask_appointment_form_appointment_time"
    ends_search = False

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        if turn.slot("appointment_offered") == turn.message_id:
            return Reply()
        async with context.database.read() as uow:
            free = await appointments.next_free(uow, uow.now())
        moving = (
            "When would suit you better?"
            if turn.slot("appointment_moved")
            else "When would you like to come?"
        )
        return say(f"{moving} {hours_text(context)}", *choices(free, context))


class AskAppointmentName(Ask):
    action = "action_ask_appointment_form_contact_name"
    text = "What's your name?"


class AskAppointmentReach(Ask):
    action = "action_ask_appointment_form_appointment_reach"
    text = "How can we reach you if something comes up: a phone number (with its country code) or an e-mail address?"


class AskAppointmentConsent(ShopAction):
    """Shows what would be booked and stored, and asks for it."""

    action = "action_ask_appointment_form_appointment_consent"
    ends_search = False

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        phone = turn.slot("contact_phone")
        who = [turn.slot("contact_name"), fields.readable_phone(phone) if isinstance(phone, str) else None]
        who.append(turn.slot("contact_email"))
        start = datetime.fromisoformat(str(turn.slot("appointment_time")))
        return say(
            f"{at_text(start, context)[:1].upper()}{at_text(start, context)[1:]}, for "
            f"{', '.join(str(value) for value in who if value)}. {CONSENT} It's used for nothing else.",
            button("Yes, book it", "affirm"),
            button("No", "deny"),
        )


class BookAppointment(WritingAction):
    """Books or moves, if and only if the customer said yes; of two at once for one seat, one gets it."""

    action = "action_book_appointment"

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        consent, start = turn.slot("appointment_consent"), turn.slot("appointment_time")
        if consent is False:
            return say(
                "That's fine, nothing is booked and nothing is kept. You can also just come by during opening hours.",
                button("Find a product", "find_product"),
                events=clear_form(*SLOTS, "contact_phone", "contact_email", "contact_name"),
            )
        if consent is not True or not isinstance(start, str):
            return Reply()
        moved = turn.slot("appointment_moved")
        if isinstance(moved, str):
            booked = await appointments.move(uow, turn.conversation_id, moved, datetime.fromisoformat(start))
            text = f"Done: your appointment is on {at_text(booked.starts_at, context)} now."
        else:
            booked = await self._book(turn, context, uow, datetime.fromisoformat(start))
            text = (
                f"Booked, {fields.first_name(booked.name)}: {at_text(booked.starts_at, context)}, "
                f"{context.shop.selling.appointments.minutes} minutes. A colleague will expect you, "
                "and knows what we've talked about."
            )
        return say(
            text,
            button("Another time", INTENT, said="move my appointment"),
            button("Cancel it", INTENT, said="cancel my appointment"),
            events=clear_form(*SLOTS),
        ).then(unfinished_order(turn))

    async def _book(
        self, turn: Turn, context: ActionsContext, uow: UnitOfWork, start: datetime
    ) -> AppointmentView:
        phone, email, focus = turn.slot("contact_phone"), turn.slot("contact_email"), turn.slot("focus")
        topic = needs_so_far(turn, await carts.view(uow, turn.conversation_id), context.vocabulary)
        product = await catalogue.get(uow, focus) if isinstance(focus, str) else None
        return await appointments.book(
            uow,
            turn.conversation_id,
            start,
            name=str(turn.slot("contact_name")),
            email=email if isinstance(email, str) else None,
            phone=phone if isinstance(phone, str) else None,
            topic=f"{topic} Talked about last: {product.name}." if product else topic,
            consent=CONSENT,
            cause=turn.message_id,
        )

    async def explain(self, turn: Turn, context: ActionsContext, error: CrmError) -> Reply:
        if isinstance(error, SlotTaken):
            async with context.database.read() as uow:
                free = await appointments.next_free(uow, error.starts_at)
            return say(
                "I'm sorry, somebody has just taken that time. Free after it:",
                *choices(free, context),
                events=enter(FORM, appointment_time=None),
            )
        if isinstance(error, InvalidInput):
            slot = "appointment_time" if error.field == "starts_at" else "appointment_reach"
            return say(f"That doesn't work: {error.fix}.", events=enter(FORM, **{slot: None}))
        if isinstance(error, NotFound):
            return say(
                "There's no appointment any more that I could move.",
                button("Book a time", INTENT),
                events=clear_form(*SLOTS),
            )
        raise error


SLOTS = (
    "appointment_time",
    "appointment_day",
    "appointment_reach",
    "appointment_consent",
    "appointment_moved",
)
USE_CASE = UseCase(
    readings={INTENT: Reading("Book an appointment", StartAppointment())},
    offers={
        "cancel_appointment": Offer(
            StartAppointment(), say("Good, it stays as it is.", button("Find a product", "find_product"))
        )
    },
    forms={FORM: Form("OK, nothing is booked or changed.", "booking an appointment", SLOTS)},
)
