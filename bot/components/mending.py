"""Mistyped words as the training sentences spell them, for a second look at a message: "cupon" is a coupon.

A word that English or a training sentence knows is never changed, and one that is as near to two words becomes the
commoner one only if that is much commoner. What is mended may still be wrong (a brand, another language), so the
classifier believes whichever of both readings it finds more familiar (docs/adr/0026).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from components.entities.phrases import KnownWord, Spelling

FEWEST = 2
"""A word of one sentence only may be a typo itself."""
UNKNOWN = 6
"""A word that English doesn't know is spelt like this by so many sentences, or it mends nothing."""
_LETTERS = re.compile(r"[^\W\d_]{4,}")
_WORD = re.compile(rf"(?<![\w@.+/#-]){_LETTERS.pattern}(?![\w@+/#]|[.-]\w)")


def common_words(texts: Iterable[str]) -> dict[str, int]:
    """The words of training sentences in lower case, with how often they stand there."""
    counted = Counter(word for text in texts for word in _LETTERS.findall(text.lower()))
    return {word: count for word, count in sorted(counted.items()) if count >= FEWEST}


class Mending:
    """Mends texts by the words of `common_words`; `known` tells what is English."""

    def __init__(self, words: Mapping[str, int], *, known: KnownWord) -> None:
        right = {word: count for word, count in words.items() if known(word) or count >= UNKNOWN}
        self._spelling = Spelling(
            {word: word for word in right}, known=lambda word: known(word) or word in words, often=right
        )

    def of(self, text: str) -> str:
        """The text mended; the same where nothing is to mend. A word with a capital may be a name, unless all is
        shouted or it comes first.
        """
        shouted = text.isupper()

        def mended(match: re.Match[str]) -> str:
            word = match[0]
            if not (word.islower() or shouted or match.start() == 0):
                return word
            meant = self._spelling.corrected(word.lower())
            return word if meant is None or meant == word.lower() else meant

        return _WORD.sub(mended, text)
