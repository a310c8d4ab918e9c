"""Answers the shop's frequent questions: the entry whose phrasings come nearest to what was asked, or none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.search.dense import TextEncoder, Vectors
from models.search.spelling import Speller
from models.vocabulary import FaqEntry

NOT_QUESTIONS = (
    "hello there",
    "thanks a lot, bye",
    "I need a light laptop for video editing",
    "show me headphones under 100 euros",
    "do you have something cheaper",
    "add the second one to my cart",
    "make it two please",
    "tell me more about the first one",
    "how heavy is it",
    "is it in stock",
    "what does the black one cost",
    "where is my order",
    "I want to check out",
    "my name is Anna",
    "call me back please",
    "I want to talk to a human",
    "are you a bot",
    "you are useless",
    "what is the weather tomorrow",
    "tell me a joke",
    "which team won yesterday",
    "can you write my homework",
    "what is the capital of Australia",
    "yes, that's right",
)
"""What is said in a shop's chat without being a frequent question; our own sentences."""

_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST_TYPO = 5
LOWEST, HIGHEST = 0.45, 0.75


@dataclass(frozen=True, slots=True)
class FaqHit:
    """The entry that answers, with the cosine to its nearest phrasing."""

    id: str
    question: str
    answer: str
    score: float


class FaqIndex:
    """The phrasings of all entries as unit vectors; small enough to compare them all."""

    def __init__(
        self,
        entries: Sequence[FaqEntry],
        vectors: Vectors,
        owners: npt.NDArray[np.int64],
        encoder: TextEncoder,
        threshold: float,
    ) -> None:
        self._entries = tuple(entries)
        self._vectors = vectors
        self._owners = owners
        self._encoder = encoder
        self._known = Counter(
            word for entry in entries for text in phrasings(entry) for word in _WORD.findall(text.lower())
        )
        self._speller = Speller(self._known)
        self.threshold = threshold

    @classmethod
    def build(cls, entries: Sequence[FaqEntry], encoder: TextEncoder) -> FaqIndex:
        """Encode every phrasing and choose the threshold on them; an empty FAQ answers nothing."""
        asked = [(row, text) for row, entry in enumerate(entries) for text in phrasings(entry)]
        owners = np.array([row for row, _ in asked], dtype=np.int64)
        if not asked:
            return cls((), np.empty((0, encoder.dimension), dtype=np.float32), owners, encoder, HIGHEST)
        vectors = encoder.encode([text for _, text in asked])
        strangers = encoder.encode(list(NOT_QUESTIONS))
        return cls(entries, vectors, owners, encoder, chosen_threshold(vectors, owners, strangers))

    def best(self, text: str) -> FaqHit | None:
        """The entry that answers ``text``; None when nothing comes near enough."""
        if not self._entries or not text.strip():
            return None
        cosines = self._vectors @ self._encoder.encode([text])[0]
        if (mended := self._mended(text)) != text:
            cosines = np.maximum(cosines, self._vectors @ self._encoder.encode([mended])[0])
        nearest = int(np.argmax(cosines))
        score = float(cosines[nearest])
        if score < self.threshold:
            return None
        entry = self._entries[self._owners[nearest]]
        return FaqHit(entry.id, entry.question, entry.answer, score)

    def _mended(self, text: str) -> str:
        """The text with words that no phrasing has replaced by the nearest that one has ("waranty")."""

        def replacement(found: re.Match[str]) -> str:
            word = found[0].lower()
            if word in self._known or len(word) < _SHORTEST_TYPO:
                return found[0]
            return " ".join(self._speller.mended(word)) or found[0]

        return _WORD.sub(replacement, text)


def phrasings(entry: FaqEntry) -> tuple[str, ...]:
    """All ways to ask the entry's question that the shop wrote down."""
    return (entry.question, *entry.alternatives)


def chosen_threshold(vectors: Vectors, owners: npt.NDArray[np.int64], strangers: Vectors) -> float:
    """The cosine that best separates phrasings, each found by its entry's others, from what is no question.

    Accepting a phrasing of the right entry and refusing a stranger count the same; a phrasing that another entry is
    nearer to counts as one to refuse. Bounded by LOWEST and HIGHEST, for a small FAQ's figures say little.
    """
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1.0)
    nearest = cosines.argmax(axis=1)
    scores = cosines[np.arange(len(vectors)), nearest]
    right = owners[nearest] == owners
    accept, refuse = scores[right], np.concatenate([scores[~right], (strangers @ vectors.T).max(axis=1)])
    candidates = np.linspace(LOWEST, HIGHEST, 61)
    value = [
        (accept >= limit).mean() + (refuse < limit).mean() if len(accept) else (refuse < limit).mean()
        for limit in candidates
    ]
    return float(candidates[int(np.argmax(value))])
