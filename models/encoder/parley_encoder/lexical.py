"""What words look like and stand beside, as numbers of buckets: what the tag head knows beyond the words' states."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

BUCKETS = 1 << 15
PIECES = 11
"""So many numbers describe a word."""


def looks(words: Sequence[str]) -> npt.NDArray[np.int64]:
    """Of a sentence's words: numbers (words, PIECES) below BUCKETS."""
    row = ["<s>", "<s>", *(word.lower() for word in words), "</s>", "</s>"]
    found = np.zeros((len(words), PIECES), np.int64)
    for place in range(len(words)):
        far, last, word, following, beyond = row[place : place + 5]
        described = (
            f"0{word}",
            f"-{last}",
            f"+{following}",
            f"={far}",
            f"*{beyond}",
            f"<{last} {word}",
            f">{word} {following}",
            f"i{last} {following}",
            f"p{word[:3]}",
            f"s{word[-3:]}",
            f"t{word[-2:]}",
        )
        found[place] = [zlib.crc32(piece.encode()) % BUCKETS for piece in described]
    return found
