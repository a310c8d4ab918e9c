"""A conversation's running mood, from the sentiment of what the customer writes. Pure.

The mood is an exponentially weighted mean in [-1, 1]: each message counts `WEIGHT`, everything before decays by
the rest, so that three or four messages decide it and one harsh word doesn't. A hand-over is asked for when
messages are strongly negative twice in a row, which a mean would blur.
"""

from dataclasses import dataclass

WEIGHT = 0.35
STRONGLY_NEGATIVE = -0.6
IN_A_ROW = 2


@dataclass(frozen=True, slots=True)
class Mood:
    """`value` in [-1, 1], and how many strongly negative messages came in a row."""

    value: float = 0.0
    strong_negatives: int = 0

    @property
    def asks_for_human(self) -> bool:
        """Whether the customer has had enough of the bot."""
        return self.strong_negatives >= IN_A_ROW


def after(mood: Mood, score: float) -> Mood:
    """The mood after a message of sentiment `score` (clamped to [-1, 1]).

    A neutral message between two furious ones breaks the row: the customer is working with the bot again.
    """
    score = max(-1.0, min(1.0, score))
    strong = mood.strong_negatives + 1 if score <= STRONGLY_NEGATIVE else 0
    return Mood(round((1 - WEIGHT) * mood.value + WEIGHT * score, 4), strong)
