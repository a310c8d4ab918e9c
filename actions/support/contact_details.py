"""Who and where, out of what a customer answers: by what the pipeline recognised, checked as the shop keeps it.

A form that asks takes all of the answer; what stands beside another answer ("Tom Frey, 3 Elm Road, Leeds") counts only
where the pipeline recognised it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actions.support import fields
from actions.support.turn import Turn


def contacts_in(turn: Turn) -> dict[str, Any]:
    """Contact details said in passing ("check out, my e-mail is …")."""
    reading = {
        "contact_name": ("name", fields.name),
        "contact_email": ("email", fields.email),
        "contact_phone": ("phone", fields.phone),
        "delivery_address": ("address", fields.address),
    }
    found = {slot: recognised(turn, entity, checked) for slot, (entity, checked) in reading.items()}
    return {slot: value for slot, value in found.items() if value}


def details_in(turn: Turn) -> dict[str, Any]:
    """Contact details in the message beside the name: e-mail, phone, address."""
    found = {
        "contact_email": email_in(turn),
        "contact_phone": phone_in(turn),
        "delivery_address": recognised(turn, "address", fields.address),
    }
    return {slot: value for slot, value in found.items() if value}


def name_in(turn: Turn) -> str | None:
    """The name in an answer: all of it, if that can be one, else what was recognised as one in a longer sentence."""
    return fields.name(turn.words) or recognised(turn, "name", fields.name)


def address_in(turn: Turn) -> str | None:
    """The address, with all that is said for the courier; out of a message with other details only the address."""
    if any(turn.any_of(other) for other in ("name", "email", "phone")):
        return recognised(turn, "address", fields.address)
    return fields.address(turn.words)


def recognised(turn: Turn, name: str, checked: Callable[[str], str | None]) -> str | None:
    """What the pipeline found in the message, as the shop keeps it."""
    said = turn.value(name)
    return checked(said) if isinstance(said, str) else None


def email_in(turn: Turn) -> str | None:
    said = turn.value("email")
    return fields.email(said if isinstance(said, str) else turn.words)


def phone_in(turn: Turn, region: str | None = None) -> str | None:
    """The phone number in the message; one without a country code only counts where a number was asked for."""
    said = turn.value("phone")
    return fields.phone(said if isinstance(said, str) else turn.words, region=region)
