"""A conversation's running mood, from the sentiment of what the customer writes. Pure.

The mood is an exponentially weighted mean in [-1, 1]: each message counts `WEIGHT`, everything before decays by
the rest, so that three or four messages decide it and one harsh word doesn't. It decays with time too: who comes back
after lunch begins calmer. A person is asked for when messages are strongly negative twice in a row, which a mean would
blur, or when the mood has sunk bit by bit without a single outburst (docs/adr/0102).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

WEIGHT = 0.35
STRONGLY_NEGATIVE = -0.6
IN_A_ROW = 2
NEGATIVE = -0.3
SUNK = -0.5
"""Six messages of -0.55 in a row, or five of -0.59, bring the mood down to here; furious, neutral, furious doesn't."""
HALF_LIFE = timedelta(minutes=30)
ROW_ENDS = timedelta(hours=1)
"""After a pause of this length two strongly negative messages aren't in a row."""
EASED = -0.2
"""The worst mood with which the bot begins again after people had the conversation."""
TURN = 0.3
"""By how much the last messages must differ from those before to be a trend."""
RECENT, BEFORE = 2, 4
"""How many messages are "the last" and "those before"."""

Trend = Literal["falling", "steady", "rising"]


@dataclass(frozen=True, slots=True)
class Mood:
    """`value` in [-1, 1], how many strongly negative messages came in a row, and whether the last one sank the rest."""

    value: float = 0.0
    strong_negatives: int = 0
    has_sunk: bool = False

    @property
    def asks_for_human(self) -> bool:
        """Whether the customer has had enough of the bot."""
        return self.strong_negatives >= IN_A_ROW or self.has_sunk


def after(mood: Mood, score: float, *, pause: timedelta = timedelta(0)) -> Mood:
    """The mood after a message of sentiment `score` (clamped to [-1, 1]) that came `pause` after the one before.

    A neutral message between two furious ones breaks the row: the customer is working with the bot again.
    """
    score = max(-1.0, min(1.0, score))
    in_a_row = mood.strong_negatives if pause < ROW_ENDS else 0
    strong = in_a_row + 1 if score <= STRONGLY_NEGATIVE else 0
    value = round((1 - WEIGHT) * faded(mood.value, pause) + WEIGHT * score, 4)
    return Mood(value, strong, has_sunk=value <= SUNK and score <= NEGATIVE)


def faded(value: float, pause: timedelta) -> float:
    """What is left of a mood after a pause: half of it every HALF_LIFE."""
    halves: float = max(pause, timedelta(0)) / HALF_LIFE
    return float(value * 0.5**halves)


def trend(scores: Sequence[float]) -> Trend:
    """Where a conversation is heading, from the sentiments of its customer's messages, oldest first."""
    recent, before = scores[-RECENT:], scores[-RECENT - BEFORE : -RECENT]
    if not before:
        return "steady"
    turn = sum(recent) / len(recent) - sum(before) / len(before)
    return "falling" if turn <= -TURN else "rising" if turn >= TURN else "steady"
