"""Mends words that the catalogue doesn't know: typos, words run together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from models.search.analysis import stem

SHORTEST = 4
"""Below this length a typo and another word look the same."""

_TWO_EDITS_FROM = 8

RARE, RATIO, _COMMON = 10, 20, 10
"""A word in at most RARE documents may be a typo of one in RATIO times as many, which are _COMMON at least."""


class Speller:
    """Suggests known words for an unknown one. ``known`` counts the documents of each word."""

    def __init__(self, known: Mapping[str, int]) -> None:
        self._known = known
        self._by_length: dict[int, list[str]] = {}
        self._by_sound: dict[str, str] = {}
        for word in known:
            if word.isalpha() and len(word) >= SHORTEST - 1:
                self._by_length.setdefault(len(word), []).append(word)
                other = self._by_sound.setdefault(_sound(word), word)
                if (known[word], word) > (known[other], other):
                    self._by_sound[_sound(word)] = word
        self._remembered = lru_cache(maxsize=4096)(self._find)
        self._commoner = lru_cache(maxsize=4096)(self._find_commoner)

    def mended(self, word: str) -> Iterator[str]:
        """Known words that ``word`` probably means, best first; none when nothing is near."""
        yield from self._remembered(word)

    def commoner(self, word: str) -> str | None:
        """A far commoner word that a rare one is probably a misspelling of, or None: catalogues have typos too."""
        return self._commoner(word) if self._known.get(word, 0) <= RARE else None

    def _find_commoner(self, word: str) -> str | None:
        if len(word) <= SHORTEST or not word.isalpha():
            return None
        edits = 2 if len(word) >= _TWO_EDITS_FROM else 1
        least = max(_COMMON, RATIO * self._known.get(word, 0))
        candidates = [
            known
            for known in self._of_about(len(word), edits)
            if known[0] == word[0] and self._known[known] >= least and stem(known) != stem(word)
        ]
        found = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=edits, limit=None)
        return (
            min(found, key=lambda match: (match[1], -self._known[match[0]], match[0]))[0] if found else None
        )

    def _of_about(self, length: int, edits: int) -> list[str]:
        lengths = range(length - edits, length + edits + 1)
        return [known for n in lengths for known in self._by_length.get(n, ())]

    def _find(self, word: str) -> tuple[str, ...]:
        if len(word) < SHORTEST or not word.isalpha():
            return ()
        if (alike := self._by_sound.get(_sound(word))) is not None:
            return (alike,)
        return self._nearest(word) or self._split(word)

    def _nearest(self, word: str) -> tuple[str, ...]:
        edits = 2 if len(word) >= _TWO_EDITS_FROM else 1
        candidates = self._of_about(len(word), edits)
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


def _sound(word: str) -> str:
    """About how a word sounds, where a letter's sound has two spellings: "fone" is "phone", "zise" is "size"."""
    return word.replace("ph", "f").replace("ck", "k").replace("z", "s")
