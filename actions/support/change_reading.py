"""What a customer wants to change about an order, read from what they say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from actions.support import fields
from actions.support.order_lines import Line, counted
from actions.support.turn import Turn

ADDRESS = re.compile(
    r"\b(address|street|deliver(ed|y)? (it )?(to|somewhere)|ship (it )?to|send (it )?to|moved?|house number"
    r"|postcode|zip)\b",
    re.IGNORECASE,
)
TO = re.compile(
    r"\b(?:address (?:is|to)|deliver(?:ed)? (?:it )?to|ship (?:it )?to|send (?:it )?to|to)\b[: ]*",
    re.IGNORECASE,
)
DAY = re.compile(
    r"\b(day|date|later|earlier|postpone|tomorrow|next week|(mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
ADD = re.compile(r"\b(add|include|put in|also (want|need)|on top|as well|forgot)\b", re.IGNORECASE)
TAKE_OUT = re.compile(
    r"\b(remove|take (\w+ ){0,4}(out|off)|drop|without|delete|leave out|don.?t (want|need)|cancel)\b",
    re.IGNORECASE,
)
MORE = re.compile(r"\b(more|another|additional|extra)\b", re.IGNORECASE)
FEWER = re.compile(r"\b(fewer|less)\b", re.IGNORECASE)


def change_said(turn: Turn) -> dict[str, Any]:
    """What the first sentence asks for, for when the order is known."""
    product = turn.any_of("product")
    text = "" if turn.pressed else turn.words
    address = TO.split(text, maxsplit=1)
    tail = address[-1] if len(address) > 1 else ""
    return {
        "address": fields.address(tail) if tail and fields.is_clearly_address(tail) else None,
        "skus": [product.value, *product.candidates] if product is not None else [],
        "quantity": counted(turn),
        "about": about_in(text, turn.choice),
        "place": turn.value("ordinal"),
    }


def about_in(text: str, choice: str | None) -> str | None:
    """What kind of change the words are about; None when they don't say."""
    if choice in ("address", "add", "day"):
        return choice
    for kind, pattern in (("address", ADDRESS), ("out", TAKE_OUT), ("add", ADD), ("day", DAY)):
        if pattern.search(text):
            return kind
    return "quantity" if MORE.search(text) or FEWER.search(text) else None


def first_plan(said: Any, lines: tuple[Line, ...]) -> tuple[str | None, dict[str, Any] | None]:
    """What is to change and how, as far as the first sentence says it."""
    known: Mapping[str, Any] = said if isinstance(said, dict) else {}
    about, quantity, skus = known.get("about"), known.get("quantity"), known.get("skus") or []
    if known.get("address"):
        return "address", {"kind": "address", "address": known["address"]}
    if about in ("address", "day"):
        return about, None
    named = [line for line in lines if line.sku in skus]
    line = named[0] if len(named) == 1 else lines[0] if len(lines) == 1 and not skus else None
    if line is None and skus and not named and about in ("add", None) and len(skus) == 1:
        return "add", {"kind": "added", "sku": skus[0], "quantity": quantity or 1}
    if line is not None and about == "out":
        return f"line:{line.position}", {"kind": "removed", "position": line.position, "quantity": 0}
    if line is not None and about is None and quantity is not None:
        return f"line:{line.position}", {"kind": "quantity", "position": line.position, "quantity": quantity}
    if line is not None and about == "add" and quantity is not None and named:
        more = line.quantity + quantity
        return f"line:{line.position}", {"kind": "quantity", "position": line.position, "quantity": more}
    return ("add", None) if about == "add" else (None, None)


def plan_for(what: str, turn: Turn, lines: tuple[Line, ...]) -> dict[str, Any] | None:
    if what == "address":
        address = fields.address(turn.words)
        return {"kind": "address", "address": address} if address else None
    if what == "add":
        product = turn.any_of("product")
        return {"kind": "added", "sku": product.value, "quantity": counted(turn) or 1} if product else None
    position = int(what.removeprefix("line:"))
    held = next((line.quantity for line in lines if line.position == position), 0)
    if turn.choice == "out" or TAKE_OUT.search(turn.words):
        return {"kind": "removed", "position": position, "quantity": 0}
    count = int(turn.choice) if turn.choice and turn.choice.isdigit() else counted(turn)
    if count is None:
        count = 1 if MORE.search(turn.words) or FEWER.search(turn.words) else None
    if count is None:
        return None
    if MORE.search(turn.words):
        count = held + count
    elif FEWER.search(turn.words):
        count = max(held - count, 0)
    return {"kind": "removed" if count == 0 else "quantity", "position": position, "quantity": count}
