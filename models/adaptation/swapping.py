"""More sentences from those that are there: what is marked in one is put in the place of its like in another.

A name that stands in three sentences is otherwise learned by heart; where it changes from epoch to epoch, what stands
around it must tell.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.adaptation.sentences import Marked, Sentences

DISTINCT = 0.5
"""So many of the new mentions are drawn from the different ones, the others as often as they are said."""


class Swaps:
    """Draws from what is marked in these rows of the sentences."""

    def __init__(self, sentences: Sentences, rows: Sequence[int]) -> None:
        self._sentences = sentences
        self._rows = [i for i in rows if sentences.entities[i]]
        self._said: dict[str, list[str]] = {}
        for i in self._rows:
            for start, end, kind in sentences.entities[i]:
                self._said.setdefault(kind, []).append(sentences.texts[i][start:end])
        self._different = {kind: sorted(set(said)) for kind, said in self._said.items()}

    def drawn(self, share: float, chance: np.random.Generator) -> dict[int, tuple[str, tuple[Marked, ...]]]:
        """New text and marks of each row in which anything has changed; `share` of the mentions are drawn anew."""
        found = {}
        for i in self._rows:
            text, marked = self._sentences.texts[i], self._sentences.entities[i]
            if (drawn := self._one(text, marked, share, chance))[0] != text:
                found[i] = drawn
        return found

    def _one(
        self, text: str, marked: Sequence[Marked], share: float, chance: np.random.Generator
    ) -> tuple[str, tuple[Marked, ...]]:
        new, done, marks = "", 0, []
        for start, end, kind in sorted(marked):
            mention = text[start:end]
            if chance.random() < share:
                pool = (self._different if chance.random() < DISTINCT else self._said)[kind]
                mention = pool[chance.integers(len(pool))]
            new += text[done:start]
            marks.append((len(new), len(new) + len(mention), kind))
            new, done = new + mention, end
        return new + text[done:], tuple(marks)
