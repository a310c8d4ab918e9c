"""An order number in a message, whether or not there is such an order, and whoever it belongs to."""

from __future__ import annotations

import re

from actions.support.turn import Turn

NUMBER = re.compile(r"\bpl\W?(\d{4})\W?(\d{4})\b", re.IGNORECASE)


def order_in(turn: Turn) -> str | None:
    """The number in its canonical form, or None."""
    said = turn.value("order_number")
    found = NUMBER.search(said if isinstance(said, str) else turn.words)
    return f"PL-{found[1]}-{found[2]}" if found else None
