"""Soft wishes: "a light laptop" likes fewer kilograms, without a bound that could be broken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from models.search.conditions import folded
from models.search.filters import FilterTable, Mask
from models.vocabulary import Vocabulary

WEIGHT = 0.6
"""Of one standard deviation of a liked attribute, against one of relevance."""

_BOUND = 2.0

_MORE = ("big", "bigger", "large", "larger", "huge", "massive", "high", "higher", "long", "longer", "lots of")
_LESS = ("small", "smaller", "little", "tiny", "low", "lower", "short", "shorter")
_SIZES = dict.fromkeys(_MORE, 1.0) | dict.fromkeys(_LESS, -1.0)
"""Words that mean the attribute whose name follows, whatever else they are for: a huge battery is no huge screen."""


class Preferences:
    """The vocabulary's words for more and for less of an attribute."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._signs: dict[str, list[tuple[str, float]]] = {}
        for name, attribute in vocabulary.items():
            for phrases, sign in ((attribute.less, -1.0), (attribute.more, 1.0)):
                for phrase in phrases:
                    self._signs.setdefault(folded(phrase), []).append((name, sign))
        self._pattern = _any_of(self._signs, before=r"(not (?:so |too )?|too )?")
        self._named: dict[str, list[str]] = {}
        for name, attribute in vocabulary.items():
            for word in attribute.words if attribute.kind == "number" else ():
                self._named.setdefault(folded(word), []).append(name)
        self._sized = _any_of(self._named, before=f"(not (?:so |too )?|too )?({'|'.join(_SIZES)}) ")

    def liked(self, text: str, stated: Sequence[tuple[str, str]] = ()) -> Iterator[tuple[str, float]]:
        """Attributes that are liked high (+1) or low (-1): the stated ones, then those that the text's words name.

        "Too heavy" and "not so heavy" turn the sign; "a huge battery" names its attribute, whatever "huge" is for.
        """
        signs = {name: 1.0 if direction == "higher" else -1.0 for name, direction in stated}
        text = folded(text)
        if self._sized is not None:
            for denied, size, word in self._sized.findall(text):
                for name in self._named[word]:
                    signs.setdefault(name, -_SIZES[size] if denied else _SIZES[size])
            text = self._sized.sub(lambda match: match[0] if match[0] in self._signs else " ", text)
        if self._pattern is not None:
            for denied, phrase in self._pattern.findall(text):
                for name, sign in self._signs[phrase]:
                    signs.setdefault(name, -sign if denied else sign)
        yield from signs.items()


def _any_of(phrases: Iterable[str], *, before: str) -> re.Pattern[str] | None:
    """Finds each of the phrases as whole words, the longest at a place, after ``before``."""
    alternatives = "|".join(map(re.escape, sorted(phrases, key=len, reverse=True)))
    return re.compile(rf"(?<!\w){before}({alternatives})(?!\w)") if alternatives else None


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
