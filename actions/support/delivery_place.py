"""A place that a customer shares from a map in the checkout: it finds the door; the parcel needs an address too."""

from __future__ import annotations

from typing import Any

from actions.support.form import Answer
from actions.support.turn import Turn

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
