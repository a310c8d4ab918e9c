"""Entities as tags of words: B- begins one, I- goes on, O is none."""

from __future__ import annotations

from collections.abc import Sequence

from models.adaptation.sentences import Marked

OUTSIDE = "O"


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
