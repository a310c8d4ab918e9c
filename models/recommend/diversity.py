"""Maximal marginal relevance (Carbonell and Goldstein, 1998): good ones that aren't all alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

RELEVANCE_SHARE = 0.7
"""Of a choice; the rest is for being unlike what was chosen before."""


def varied(
    scores: Sequence[float], vectors: npt.NDArray[np.floating], limit: int, *, share: float = RELEVANCE_SHARE
) -> list[int]:
    """Positions of at most ``limit`` candidates: the best first, then each time the best that repeats least.

    Scores are brought to 0–1 so that they compare with cosines of ``vectors`` (unit, one row a candidate).
    """
    values = np.asarray(scores, dtype=np.float64)
    if not len(values):
        return []
    spread = values.max() - values.min()
    relevance = (values - values.min()) / spread if spread > 0 else np.ones(len(values))
    nearest = np.zeros(len(values))
    left = np.ones(len(values), dtype=np.bool_)
    chosen: list[int] = []
    while left.any() and len(chosen) < limit:
        worth = np.where(left, share * relevance - (1 - share) * nearest, -np.inf)
        best = int(np.argmax(worth))
        chosen.append(best)
        left[best] = False
        nearest = np.maximum(nearest, vectors.astype(np.float64) @ vectors[best].astype(np.float64))
    return chosen
