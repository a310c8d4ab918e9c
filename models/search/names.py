"""A second look at the best products: how their names say what was asked, and what the first ones have in common."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.files import mapped
from models.search.analysis import stem
from models.search.lexical import Term
from models.search.tokens import Tokens

Scores = npt.NDArray[np.float32]
Rows = npt.NDArray[np.integer]

_LONGEST = 24
"""Words of a name that are looked at."""


class Names:
    """The stems of every product's name in their order."""

    def __init__(self, stems: dict[str, int], table: npt.NDArray[np.int32]) -> None:
        self._stems = stems
        self._table = table

    @classmethod
    def build(cls, tokens: Tokens) -> Names:
        """The name is each document's first field."""
        stems: dict[str, int] = {}
        stem_of = np.array(
            [stems.setdefault(stem(word), len(stems)) for word in tokens.words], dtype=np.int32
        )
        names = tokens.first_fields(_LONGEST)
        return cls(stems, np.where(names >= 0, stem_of[names], np.int32(-1)))

    def evidence(self, rows: Rows, terms: Sequence[Term]) -> tuple[Scores, Scores]:
        """For each row how much of the query stands in its name as it was said, and the logarithm of the name's length.

        The first is the share of neighbouring words of the query that are neighbours in the name too.
        """
        asked = np.array(
            [self._stems.get(term.stem, -2) for term in terms if term.weight == 1], dtype=np.int32
        )
        names = self._table[rows]
        lengths = np.log1p((names >= 0).sum(axis=1)).astype(np.float32)
        if len(asked) < 2:
            return np.zeros(len(rows), dtype=np.float32), lengths
        hits = names[:, :, np.newaxis] == asked
        sides = (hits[:, :-1, :-1] & hits[:, 1:, 1:]).any(axis=1).sum(axis=1)
        return (sides / (len(asked) - 1)).astype(np.float32), lengths

    def save(self, folder: Path) -> None:
        np.save(folder / "names.npy", self._table)
        (folder / "names.txt").write_text("\n".join(self._stems), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Names:
        stems = (folder / "names.txt").read_text(encoding="utf-8").split("\n")
        return cls({word: number for number, word in enumerate(stems)}, mapped(folder / "names.npy"))


def feedback(vectors: Scores, weights: Scores, candidates: Scores) -> Scores:
    """Closeness of candidates to what the first hits have in common: Rocchio's pseudo relevance feedback."""
    centre = weights @ vectors
    closeness: Scores = candidates @ (centre / max(float(np.linalg.norm(centre)), 1e-9))
    return closeness
