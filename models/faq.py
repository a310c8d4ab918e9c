"""Answers the shop's frequent questions: the entry whose phrasings and answer come nearest to what was asked, or none.

What is said in a shop's chat without being a question to the FAQ (``NOT_QUESTIONS``) competes with the entries: what is
nearer to one of those than to any phrasing is left alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
LOWEST, HIGHEST = 0.45, 0.7
LOWEST_OF_A_TOPIC = 0.35
ANSWER_SHARE = 0.3
LEAD = 0.05
"""How far the best entry must be ahead of the second: of two that are nearly as near, either may be meant."""


@dataclass(frozen=True, slots=True)
class FaqHit:
    """The entry that answers, with the cosine to its nearest phrasing."""

    id: str
    question: str
    answer: str
    score: float
    leads_to: str = ""


class FaqIndex:
    """The phrasings of all entries as unit vectors; small enough to compare them all."""

    def __init__(self, entries: Sequence[FaqEntry], encoder: TextEncoder) -> None:
        self._entries = tuple(entries)
        self._encoder = encoder
        asked = [(row, text) for row, entry in enumerate(entries) for text in phrasings(entry)]
        self._owners = np.array([row for row, _ in asked], dtype=np.int64)
        self._vectors = encoder.encode([text for _, text in asked])
        self._answers = encoder.encode([entry.answer for entry in entries])
        self._strangers = encoder.encode(NOT_QUESTIONS)
        known = Counter(word for _, text in asked for word in _WORD.findall(text.lower()))
        self._known = known
        self._speller = Speller(known)
        self.threshold = self._chosen_threshold() if entries else HIGHEST

    @classmethod
    def build(cls, entries: Sequence[FaqEntry], encoder: TextEncoder) -> FaqIndex:
        """Encode every phrasing and choose the threshold on them; an empty FAQ answers nothing."""
        return cls(entries, encoder)

    def best(self, text: str, *, topics: Collection[str] = ()) -> FaqHit | None:
        """The entry that answers ``text``; None when nothing comes near enough.

        Who knows what the question is about names the ``topics`` (tags): their entries are preferred, and need to come
        less near, since nothing else competes with them.
        """
        if not self._entries or not text.strip():
            return None
        readings = list(dict.fromkeys([text, self._mended(text)]))
        if topics and (hit := self._best_of(topics, readings)):
            return hit
        found = [self._nearest(self._encoder.encode([reading])[0]) for reading in readings]
        row, score, lead, stranger = max(found, key=lambda each: each[1])
        if score < self.threshold or lead < LEAD or score <= stranger:
            return None
        entry = self._entries[row]
        return FaqHit(entry.id, entry.question, entry.answer, score, entry.leads_to)

    def _best_of(self, topics: Collection[str], readings: Sequence[str]) -> FaqHit | None:
        """The best entry of the topics, when it comes near enough to be about the same."""
        inside = np.array([bool(set(entry.tags) & set(topics)) for entry in self._entries])
        if not inside.any():
            return None
        vectors = self._encoder.encode(list(readings))
        found = [self._ranked(self._vectors @ v, self._answers @ v, inside) for v in vectors]
        row, score, _ = max(found, key=lambda each: each[1])
        if score < LOWEST_OF_A_TOPIC:
            return None
        entry = self._entries[row]
        return FaqHit(entry.id, entry.question, entry.answer, score, entry.leads_to)

    def _nearest(self, vector: Vectors) -> tuple[int, float, float, float]:
        """The best entry's row, the cosine to its nearest phrasing, its lead, and the cosine to the nearest of what is
        no question."""
        return *self._ranked(self._vectors @ vector, self._answers @ vector), float(
            (self._strangers @ vector).max()
        )

    def _ranked(
        self, cosines: Vectors, answers: Vectors, inside: NDArray[np.bool_] | None = None
    ) -> tuple[int, float, float]:
        """The entry with the highest mean of its two nearest phrasings, its answer counting for a part: its row, the
        cosine to its nearest phrasing, and how far it is ahead of the second."""
        best = np.full((len(self._entries), 2), 0, dtype=np.float32)
        for owner, cosine in zip(self._owners, cosines, strict=True):
            first, second = best[owner]
            best[owner] = (cosine, first) if cosine > first else (first, max(second, cosine))
        worth = best.mean(axis=1) + ANSWER_SHARE * answers
        worth = worth if inside is None else np.where(inside, worth, -np.inf)
        row = int(np.argmax(worth))
        second = np.delete(worth, row).max(initial=0.0)
        return row, float(best[row, 0]), float(worth[row] - second)

    def _chosen_threshold(self) -> float:
        """The cosine that best separates phrasings, each found by its entry's others, from what must be refused.

        To be refused are phrasings that another entry is nearer to, and what is no question. Bounded by LOWEST and
        HIGHEST, for a small FAQ's figures say little.
        """
        cosines = self._vectors @ self._vectors.T
        np.fill_diagonal(cosines, -1)
        accept: list[float] = []
        refuse = [float(score) for score in (self._strangers @ self._vectors.T).max(axis=1)]
        for owner, row_cosines, answers in zip(
            self._owners, cosines, self._vectors @ self._answers.T, strict=True
        ):
            row, score, lead = self._ranked(row_cosines, answers)
            if lead >= LEAD:
                (accept if row == owner else refuse).append(score)
        candidates = np.linspace(LOWEST, HIGHEST, 61)
        worth = [_share_above(accept, limit) - _share_above(refuse, limit) for limit in candidates]
        return float(candidates[int(np.argmax(worth))])

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


def _share_above(scores: Sequence[float], limit: float) -> float:
    return sum(score >= limit for score in scores) / max(len(scores), 1)
