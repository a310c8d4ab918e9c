"""Which line of an order a customer means. The lines stand in a slot, so that a form can read an answer without asking
the database again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from actions.support.reference import by_words, only, pick
from actions.support.turn import Turn

EVERYTHING = re.compile(
    r"\b(everything|all|both|the lot|the whole (thing|order|lot)|complete(ly)?)\b", re.IGNORECASE
)
COUNTED = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "a single": 1, "just the one": 1}
ALL = "all"


class _Counted(Protocol):
    @property
    def position(self) -> int: ...
    @property
    def sku(self) -> str: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Line:
    """So many pieces of a product, at a position of the order."""

    position: int
    sku: str
    name: str
    quantity: int

    def as_slot(self) -> list[Any]:
        return [self.position, self.sku, self.name, self.quantity]


def from_slot(value: Any) -> tuple[Line, ...]:
    """The lines that `as_slot` wrote; none for an empty slot."""
    rows: Iterable[Any] = value if isinstance(value, list) else ()
    return tuple(Line(int(row[0]), str(row[1]), str(row[2]), int(row[3])) for row in rows)


def picked(turn: Turn, lines: tuple[Line, ...], *, only_one: bool = False) -> Line | str | None:
    """The line that the message names, `ALL`, or None. With `only_one` a single line is meant when none is named."""
    choice = turn.choice or ""
    if choice.startswith("line:"):
        wanted = choice.removeprefix("line:")
        return ALL if wanted == ALL else only(lines, lambda line: str(line.position) == wanted)
    product = turn.any_of("product")
    skus = {product.value, *product.candidates} if product is not None else set()
    if named := only(lines, lambda line: line.sku in skus):
        return named
    place = turn.value("ordinal")
    if isinstance(place, int) and (there := pick(lines, place)):
        return there
    if told := by_words(turn.words, lines):
        return told
    if EVERYTHING.search(turn.words):
        return ALL
    return lines[0] if only_one and len(lines) == 1 else None


def counted(turn: Turn) -> int | None:
    """How many pieces the message says; None when it says no number."""
    value = turn.value("quantity")
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isdigit():
        return int(value)
    text = turn.words.lower()
    if alone := re.fullmatch(
        r"\W*(?:only |just |make it )?(\d{1,3})\W*(?:pieces?|of them|pcs|more|less|fewer)?\W*", text
    ):
        return int(alone[1])
    return next((count for words, count in COUNTED.items() if re.search(rf"\b{words}\b", text)), None)
