"""Having somebody call: name, e-mail or phone, an explicit yes to storing them, and a lead with the needs so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from actions.support import fields
from actions.support.base import ShopAction, WritingAction
from actions.support.form import Answer, Ask, FormValidator, clear_form, unfinished_order
from actions.support.needs_text import LONGEST_WORDS, NOTHING_SAID, needs_so_far
from actions.support.reply import Reply, button, enter, say, set_slots
from actions.support.turn import Turn
from actions.support.use_cases import STILL_HERE, Form, Offer, Reading, UseCase
from crm.database import UnitOfWork
from crm.services import carts, leads
from crm.services.briefing import words_that_asked
from parley.bootstrap import ActionsContext

FORM = "callback_form"
CONSENT = "May we store your name and contact details so that a colleague can get in touch about this?"


class StartCallback(ShopAction):
    """Begin with what is known."""

    action = "action_start_callback"

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        email = fields.email(str(turn.value("email") or turn.words)) or turn.slot("contact_email")
        phone = fields.phone(str(turn.value("phone") or turn.words)) or turn.slot("contact_phone") or None
        reach = "phone" if phone else "email" if email else None
        slots = {
            "contact_email": email,
            "callback_reach": reach,
            "callback_consent": None,
            "callback_when": _when(turn),
        }
        if phone:
            slots["contact_phone"] = phone
        if isinstance(name := turn.value("name"), str) and fields.name(name):
            slots["contact_name"] = fields.name(name)
        return Reply(events=enter(FORM, **slots))


def _when(turn: Turn) -> str | None:
    """When they would like to be called, in their words."""
    said = [turn.text[one.start : one.end] for one in turn.each("time") if one.start >= 0]
    return " ".join(said) or None


class ValidateCallbackForm(FormValidator):
    """Reads the name, a way to reach the customer, and the answer about storing them."""

    form = FORM
    own_intent = "callback"
    why: ClassVar[Mapping[str, str]] = {
        "contact_name": "So that my colleague knows whom to ask for.",
        "callback_reach": "So that a colleague can reach you; it is used for nothing else.",
        "callback_consent": "Because we only keep contact details of people who want that.",
    }

    async def read(self, turn: Turn, context: ActionsContext) -> Answer | None:
        asked = turn.requested_slot
        name = fields.name(turn.words) if asked == "contact_name" else None
        if asked == "contact_name" and name is None and isinstance(said := turn.value("name"), str):
            name = fields.name(said)
        reach = self._reach(turn, context.shop.region if asked == "callback_reach" else None)
        when = _when(turn)
        told = {"callback_when": when} if when else {}
        if name or reach:
            return Answer({**({"contact_name": name} if name else {}), **reach, **told})
        if when and turn.intent not in ("affirm", "deny"):
            return Answer({str(asked): None, **told}, f"{when[:1].upper()}{when[1:]}: I'll pass that on.")
        if self.interrupts(turn):
            return None
        if asked == "callback_consent":
            return self._consent(turn)
        if fields.is_question(turn.words) or turn.intent == "thanks":
            return None
        if asked == "contact_name":
            return self.again(turn, "I didn't catch a name there.")
        if fields.looks_like_phone(turn.words):
            return self.again(
                turn, "I can't read that number; please start with the country code, such as +49 151 2345678."
            )
        return self.again(turn, "I need either a phone number or an e-mail address to pass on.")

    def _reach(self, turn: Turn, region: str | None) -> dict[str, str]:
        email = fields.email(str(turn.value("email") or turn.words))
        phone = fields.phone(str(turn.value("phone") or turn.words), region=region)
        found = {"contact_email": email, "contact_phone": phone}
        said = {slot: value for slot, value in found.items() if value}
        return {**said, "callback_reach": "phone" if phone else "email"} if said else {}

    def _consent(self, turn: Turn) -> Answer | None:
        if turn.intent == "affirm":
            return Answer({"callback_consent": True})
        if turn.intent == "deny":
            return Answer({"callback_consent": False})
        if fields.is_question(turn.words):
            return None
        return self.again(turn, "I need a clear yes or no for this.")


class AskCallbackName(Ask):
    action = "action_ask_callback_form_contact_name"
    text = "Gladly. What's your name?"


class AskCallbackReach(Ask):
    action = "action_ask_callback_form_callback_reach"
    text = "How can a colleague reach you: a phone number (with its country code) or an e-mail address?"
    asks = "phone"


class AskCallbackConsent(ShopAction):
    """Shows what would be stored and asks for it."""

    action = "action_ask_callback_consent"
    ends_search = False

    async def answer(self, turn: Turn, context: ActionsContext) -> Reply:
        phone = turn.slot("contact_phone")
        known = [turn.slot("contact_name"), fields.readable_phone(phone) if isinstance(phone, str) else None]
        known.append(turn.slot("contact_email"))
        if isinstance(when := turn.slot("callback_when"), str):
            known.append(f"best time: {when}")
        details = ", ".join(str(value) for value in known if value)
        return say(
            f"I have: {details}. {CONSENT} It's used for nothing else.",
            button("Yes, you may", "affirm"),
            button("No", "deny"),
        )


class SaveCallback(WritingAction):
    """Keeps the lead, if and only if the customer said yes."""

    action = "action_save_callback"

    async def write(self, turn: Turn, context: ActionsContext, uow: UnitOfWork) -> Reply:
        consent = turn.slot("callback_consent")
        if consent is False:
            return say(
                "That's fine, I haven't passed anything on. I'm still here for you in this chat.",
                button("Talk to a person", "human"),
                button("Find a product", "find_product"),
                events=clear_form(
                    "callback_consent", "callback_reach", "contact_phone", "contact_email", "contact_name"
                ),
            )
        if consent is not True:
            return Reply()
        phone, email = turn.slot("contact_phone"), turn.slot("contact_email")
        lead = await leads.capture(
            uow,
            conversation_id=turn.conversation_id,
            name=str(turn.slot("contact_name")),
            email=email if isinstance(email, str) else None,
            phone=phone if isinstance(phone, str) else None,
            needs=_wishes(turn, await _needs(turn, context, uow)),
            consent=CONSENT,
            cause=turn.message_id,
        )
        by = (
            f"call you at {fields.readable_phone(lead.phone)}"
            if lead.phone
            else f"write to you at {lead.email}"
        )
        return say(
            f"Thank you, {fields.first_name(lead.name)}. I've passed it on, and a colleague will {by}. "
            "They know what we've talked about, so you needn't explain it again.",
            events=(
                *clear_form("callback_consent", "callback_reach", "callback_when"),
                *set_slots(callback_saved=True),
            ),
        ).then(unfinished_order(turn))


async def _needs(turn: Turn, context: ActionsContext, uow: UnitOfWork) -> str:
    """What was looked for so far, and the sentence that asked for the call: it often says what about."""
    known = needs_so_far(turn, await carts.view(uow, turn.conversation_id), context.vocabulary)
    asked = await words_that_asked(uow, turn.conversation_id, "callback")
    if not asked:
        return known
    return " ".join(
        part for part in (known, f"They asked: “{asked[:LONGEST_WORDS]}”.") if part != NOTHING_SAID
    )


def _wishes(turn: Turn, needs: str) -> str:
    """What the colleague should know, the time wished for first."""
    parts = []
    if isinstance(when := turn.slot("callback_when"), str):
        parts.append(f"Would like to be called: {when}.")
    if turn.slot("callback_saved"):
        parts.append("Corrects what they left in this chat before.")
    return " ".join([*parts, needs])


USE_CASE = UseCase(
    readings={"callback": Reading("Call me back", StartCallback())},
    offers={"callback": Offer(StartCallback(), STILL_HERE)},
    forms={
        FORM: Form(
            "OK, no call-back then; I've passed nothing on.", "asking for a call-back", ("callback_consent",)
        )
    },
)
