"""What was found where, and which finding wins when two overlap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

EXTRACTOR = "EntityExtractor"


@dataclass(frozen=True)
class Span:
    """A finding in the text, characters `start` to `end` (exclusive).

    `strength` decides overlaps: what has a syntax of its own (an order number) beats what merely looks like a
    number. Among equals the longer one wins, then the earlier one.
    """

    start: int
    end: int
    entity: str
    value: Any
    strength: int
    role: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    def as_entity(self, confidence: float = 1.0) -> dict[str, Any]:
        """As a Rasa entity."""
        entity = {
            "entity": self.entity,
            "start": self.start,
            "end": self.end,
            "value": self.value,
            "confidence_entity": confidence,
            "extractor": EXTRACTOR,
            **self.extra,
        }
        if self.role is not None:
            entity["role"] = self.role
        return entity


class Strength:
    """Which kind of finding is believed first."""

    CONTACT = 90
    ADDRESS = 86
    COMPANY = 84
    NAME = 82
    ORDER_NUMBER = 80
    TIME = 72
    PRODUCT = 70
    INSTITUTION = 70
    PRICE_RANGE = 66
    MONEY = 64
    CUED_PRICE = 62
    NUMBERED_WORD = 61
    ATTRIBUTE = 60
    BRAND = 50
    CATEGORY = 45
    WORD = 43
    ORDINAL = 40
    NAME_ALONE = 38
    PRICE = 35
    QUANTITY = 30


def without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """The strongest findings that don't overlap, in reading order."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (-s.strength, s.start - s.end, s.start)):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return sorted(kept, key=lambda s: s.start)


def lowered(text: str) -> str:
    """Lower case of the same length, so that positions in it are positions in the text. Curly quotes become
    straight.
    """
    straight = text.translate(_STRAIGHT)
    lower = straight.lower()
    if len(lower) == len(text):
        return lower
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in straight)


_STRAIGHT = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "″": '"', "′": "'", "\u00a0": " ", "–": "-", "—": "-"}
)
