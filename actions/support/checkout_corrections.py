"""What was answered in the checkout before, put right in passing."""

from __future__ import annotations

import re

from actions.support import fields
from actions.support.contact_details import email_in, phone_in, recognised
from actions.support.form import Answer
from actions.support.turn import Turn

# What a customer calls a slot when it shall be changed.
CALLED = {
    "contact_name": re.compile(r"\bname\b", re.IGNORECASE),
    "contact_email": re.compile(r"\be-?mail\b|\bmail address\b", re.IGNORECASE),
    "contact_phone": re.compile(r"\b(phone|telephone|mobile|number)\b", re.IGNORECASE),
    "delivery_address": re.compile(
        r"\b(address|street|deliver(y|ed)?( it)? (to|somewhere))\b", re.IGNORECASE
    ),
}
CHANGE = re.compile(
    r"\b(change|wrong|correct|edit|different|another|other|new|update|typo|mistake|mistyped|no longer|instead)\b",
    re.IGNORECASE,
)
NEW_NAME = re.compile(r"\bname (?:is|should be|to)\s+(?P<name>.+)$", re.IGNORECASE)
NEW_ADDRESS = re.compile(r"\b(address (is|should be)|(deliver|send|ship) (it |them )?to)\b", re.IGNORECASE)


def corrected(turn: Turn) -> Answer | None:
    """A correction of something that was answered before: "no, the e-mail is …", "change the address"."""
    text, asked = turn.words, turn.requested_slot
    if turn.choice in CALLED:
        return Answer({str(turn.choice): None})
    email = email_in(turn)
    if email and asked != "contact_email" and turn.slot("contact_email") not in (None, email):
        return Answer({"contact_email": email}, f"I've changed the e-mail address to {email}.")
    phone = phone_in(turn)
    if (
        phone
        and asked not in ("contact_phone", "delivery_address")
        and turn.slot("contact_phone") is not None
    ):
        return Answer(
            {"contact_phone": phone}, f"I've changed the phone number to {fields.readable_phone(phone)}."
        )
    if asked != "contact_name" and (said := NEW_NAME.search(text)) and (name := fields.name(said["name"])):
        return Answer({"contact_name": name}, f"I've changed the name to {name}.")
    if asked == "checkout_confirm" and (NEW_ADDRESS.search(text) or fields.is_clearly_address(text)):
        address = recognised(turn, "address", fields.address) or fields.address(
            re.sub(r"^.*?\b(?=address (?:is|should be)|(?:deliver|send|ship)\b)", "", text)
        )
        if address and not fields.is_question(text):
            return Answer({"delivery_address": address}, f"I've changed the address to {address}.")
    of_the_cart = any(turn.any_of(name) for name in ("product", "category", "quantity"))
    if CHANGE.search(text) and not fields.is_question(text) and not of_the_cart:
        for slot, called in CALLED.items():
            if called.search(text) and turn.slot(slot) is not None:
                return Answer({slot: None, "checkout_confirm": None}, "Of course.")
    return None
