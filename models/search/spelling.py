"""Mends words that the catalogue doesn't know: typos, words run together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4
"""Below this length a typo and another word look the same."""

_TWO_EDITS_FROM = 8


class Speller:
    """Suggests known words for an unknown one. ``known`` counts the documents of each word."""

    def __init__(self, known: Mapping[str, int]) -> None:
        self._known = known
        self._by_length: dict[int, list[str]] = {}
        for word in known:
            if word.isalpha() and len(word) >= SHORTEST - 1:
                self._by_length.setdefault(len(word), []).append(word)
        self._remembered = lru_cache(maxsize=4096)(self._find)

    def mended(self, word: str) -> Iterator[str]:
        """Known words that ``word`` probably means, best first; none when nothing is near."""
        yield from self._remembered(word)

    def _find(self, word: str) -> tuple[str, ...]:
        if len(word) < SHORTEST or not word.isalpha():
            return ()
        return self._nearest(word) or self._split(word)

    def _nearest(self, word: str) -> tuple[str, ...]:
        edits = 2 if len(word) >= _TWO_EDITS_FROM else 1
        candidates = [
            known
            for n in range(len(word) - edits, len(word) + edits + 1)
            for known in self._by_length.get(n, ())
        ]
        found = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=edits, limit=24)
        # People rarely mistype the first letter; among equals the commoner word is the likelier one.
        ranked = sorted(
            found, key=lambda match: (match[1], match[0][0] != word[0], -self._known[match[0]], match[0])
        )
        return tuple(match[0] for match in ranked[:1])

    def _split(self, word: str) -> tuple[str, ...]:
        for at in range(3, len(word) - 2):
            if word[:at] in self._known and word[at:] in self._known:
                return word[:at], word[at:]
        return ()
