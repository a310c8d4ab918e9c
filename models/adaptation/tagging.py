"""Entities as tags of words: B- begins one, I- goes on, O is none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.adaptation.sentences import Marked

OUTSIDE = "O"
SHIFTS = np.arange(0.0, 3.1, 0.25)
"""How far the outside's score may be lowered: a tagger that learned what is usual overlooks more than it invents."""


def tags_of(kinds: Sequence[str]) -> list[str]:
    """Every tag, the outside first; none at all where nothing is marked."""
    return [OUTSIDE, *(f"{place}-{kind}" for kind in kinds for place in "BI")] if kinds else []


def tagged(words: Sequence[tuple[int, int]], marked: Sequence[Marked], tags: Sequence[str]) -> list[int]:
    """The tag's number of each word (characters from and to)."""
    numbers = {tag: number for number, tag in enumerate(tags)}
    found, before = [], None
    for start, end in words:
        here = next((m for m in marked if m[0] < end and start < m[1]), None)
        place = "I" if here is before else "B"
        found.append(0 if here is None else numbers[f"{place}-{here[2]}"])
        before = here
    return found


def outside_counts(scores: npt.NDArray[np.float32], truth: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """For each of SHIFTS: words tagged right (B and I alike), words with a tag in the truth, and in the reading.

    `scores` are (words, tags), `truth` (words,) numbers of tags.
    """
    best = scores[:, 1:].argmax(axis=1) + 1
    ahead = scores[:, 1:].max(axis=1) - scores[:, 0]
    found = []
    for shift in SHIFTS:
        inside = ahead + shift > 0
        right = inside & (truth > 0) & ((best - 1) // 2 == (truth - 1) // 2)
        found.append((right.sum(), (truth > 0).sum(), inside.sum()))
    return np.array(found, np.float32)


def best_shift(counts: npt.NDArray[np.float32]) -> float:
    """The one of SHIFTS with the best F1."""
    right, expected, found = counts.T
    return float(SHIFTS[np.argmax(2 * right / np.maximum(expected + found, 1))])
