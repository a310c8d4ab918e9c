"""Soft wishes: "a light laptop" likes fewer kilograms, without a bound that could be broken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from models.search.conditions import folded
from models.search.filters import FilterTable, Mask
from models.vocabulary import Vocabulary

WEIGHT = 0.6
"""Of one standard deviation of a liked attribute, against one of relevance."""

_BOUND = 2.0


class Preferences:
    """The vocabulary's words for more and for less of an attribute."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._signs: dict[str, list[tuple[str, float]]] = {}
        for name, attribute in vocabulary.items():
            for phrases, sign in ((attribute.less, -1.0), (attribute.more, 1.0)):
                for phrase in phrases:
                    self._signs.setdefault(folded(phrase), []).append((name, sign))
        longest_first = sorted(self._signs, key=len, reverse=True)
        alternatives = "|".join(map(re.escape, longest_first))
        self._pattern = (
            re.compile(rf"(?<!\w)(not (?:so |too )?|too )?({alternatives})(?!\w)") if alternatives else None
        )

    def liked(self, text: str, stated: Sequence[tuple[str, str]] = ()) -> Iterator[tuple[str, float]]:
        """Attributes that are liked high (+1) or low (-1): the stated ones, then those that the text's words name.

        "Too heavy" and "not so heavy" turn the sign.
        """
        signs = {name: 1.0 if direction == "higher" else -1.0 for name, direction in stated}
        if self._pattern is not None:
            for denied, phrase in self._pattern.findall(folded(text)):
                for name, sign in self._signs[phrase]:
                    signs.setdefault(name, -sign if denied else sign)
        yield from signs.items()


def bonus(table: FilterTable, mask: Mask, wishes: Sequence[tuple[str, float]]) -> npt.NDArray[np.float32]:
    """What each product gains: standard deviations of the liked attributes among the products in ``mask``."""
    total = np.zeros(len(table), dtype=np.float32)
    for name, sign in wishes:
        column = table.numbers(name)
        if column is None:
            continue
        rows, values = column
        kept = mask[rows]
        rows, values = rows[kept], values[kept]
        spread = values.std() if len(values) > 1 else 0.0
        if spread > 0:
            gained = np.clip((values - values.mean()) / spread, -_BOUND, _BOUND)
            total[rows] += np.float32(WEIGHT) * (sign * gained).astype(np.float32)
    return total
