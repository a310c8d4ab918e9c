"""How many a message says."""

from __future__ import annotations

import re

from actions.support.turn import Turn

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# "One" is a number in "no, just one" and none in "the first one".
NUMBER = re.compile(
    r"(?<![\w.,-])(\d{1,3})(?![\w-]|[.,]\d)"
    rf"|(?:^|\b(?:no|wait|just|only|to|it|rather|sorry|actually|oh|oops)\b)\W*({'|'.join(NUMBERS)})(?![\w-])"
)
COUNTED = {"a couple": 2, "a pair": 2, "both": 2, "twice": 2, "double": 2, "a dozen": 12}


def wanted_quantity(turn: Turn) -> int | None:
    """How many were asked for; None when no number was said."""
    value = turn.value("quantity")
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float) or (isinstance(value, str) and value.isdigit()):
        return int(value)
    text = turn.words.lower()
    return next((count for words, count in COUNTED.items() if re.search(rf"\b{words}\b", text)), None)


def only_number(turn: Turn) -> int | None:
    """ "No wait, 1": the one number of a message that is about how many, whatever stands beside it."""
    if turn.pressed:
        return None
    found = [digits or word for digits, word in NUMBER.findall(turn.wording.lower())]
    if len(found) != 1:
        return None
    return int(found[0]) if found[0].isdigit() else NUMBERS.index(found[0]) + 1
