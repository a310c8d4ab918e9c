"""A place that a customer shares from a map in the checkout: it finds the door; the parcel needs an address too."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from babel import Locale

from actions.support.form import Answer
from actions.support.reply import listed
from actions.support.turn import Turn
from crm.policy import ShopPolicy

LANGUAGES = ("en", "de", "fr", "nl", "it", "es")
"""In which people write the name of a country into their address."""
SHORT_NAMES = {"uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "usa": "US", "holland": "NL"}
NOTED = "I've noted that place for the courier."


def noted(place: str, asked: str | None) -> Answer:
    """Keep the place; where the address was asked for, or stands in the summary, it is asked for again."""
    if asked not in ("delivery_address", "checkout_confirm"):
        return Answer({str(asked): None, "delivery_place": place}, NOTED)
    slots = {"delivery_place": place, "delivery_address": None, "checkout_confirm": None}
    return Answer(slots, f"{NOTED} The parcel also needs its address.")


def delivered_to(turn: Turn, address: str) -> dict[str, Any]:
    """The slots of an address, with the place that was shared before it."""
    place = turn.slot("delivery_place")
    if not isinstance(place, str):
        return {"delivery_address": address}
    return {"delivery_address": f"{address} (on the map: {place})", "delivery_place": None}


def refusing(answer: Answer | None, turn: Turn, shop: ShopPolicy) -> Answer | None:
    """The answer, unless it gives an address that no parcel goes to: then why, and the question again."""
    address = answer.slots.get("delivery_address") if answer else None
    if not isinstance(address, str) or not (why := not_delivered_to(address, shop)):
        return answer
    return Answer({str(turn.requested_slot): None}, f"{why} Is there another address?")


def not_delivered_to(address: str, shop: ShopPolicy) -> str:
    """Why no parcel goes to an address that names another country than the shop's; "" where one does."""
    country = _country(address)
    if not shop.delivers_to or country is None or country in shop.delivers_to:
        return ""
    names = Locale("en").territories
    served = listed(names[code] for code in shop.delivers_to)
    return f"I'm sorry, we don't deliver to {names[country]}, only to {served}."


def _country(address: str) -> str | None:
    """The country (ISO 3166) that an address ends with, if it names one."""
    last = re.split(r"[,;\n]|\d", address)[-1].strip(" .").lower()
    words = last.split()
    return next((code for n in range(len(words)) if (code := _countries().get(" ".join(words[n:])))), None)


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    named = {
        name.lower(): code
        for language in LANGUAGES
        for code, name in Locale(language).territories.items()
        if len(code) == 2 and code.isalpha()
    }
    return named | SHORT_NAMES
