"""How a text sounds: negative, neutral or positive, and a score in [-1, 1].

A linear head on three kinds of evidence: what the encoder's middle layers know (its last layer is about topics and has
forgotten half of the tone), VADER's counts of its lexicon with negation, and the words and word pairs of the text
themselves. The two environments read a head by this module; `models.train_sentiment` writes it.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file

LABELS = ("negative", "neutral", "positive")
FORMAT = 2
HEAD_NAME, TERMS_NAME, MANIFEST_NAME = "head.safetensors", "terms.json", "manifest.json"
TERM_SHARE = 0.6
"""Length of the vector of words and pairs beside the encoder's of length 1, chosen by cross-validation."""

Floats = npt.NDArray[np.float32]
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[!?]{2,}|[\U0001f300-\U0001faff\u2600-\u27bf]|[:;]-?[()]")


class MiddleEncoder(Protocol):
    """What a head needs of an encoder."""

    @property
    def fingerprint(self) -> str: ...

    def middle(self, texts: Sequence[str]) -> Floats: ...


class SentimentUnusable(Exception):
    """A stored head is missing, damaged or made for another encoder; the message says which."""


@dataclass(frozen=True)
class Sentiment:
    """``score`` is p(positive) - p(negative), in [-1, 1]."""

    label: str
    score: float


def terms_of(text: str) -> list[str]:
    """Words, exclamations and faces of a text in lower case, and each pair of neighbours; none twice."""
    words = _WORD.findall(text.lower().replace("’", "'"))
    pairs = (f"{first} {second}" for first, second in itertools.pairwise(words))
    return list(dict.fromkeys([*words, *pairs]))


def lexicon_counts(text: str) -> tuple[float, float, float, float]:
    """VADER's compound score and its shares of positive, negative and neutral words."""
    scores = _vader().polarity_scores(text)
    return scores["compound"], scores["pos"], scores["neg"], scores["neu"]


@functools.lru_cache(maxsize=1)
def _vader() -> Any:
    from vaderSentiment.vaderSentiment import (  # type: ignore[import-untyped]  # ships no types
        SentimentIntensityAnalyzer,
    )

    return SentimentIntensityAnalyzer()


def dense_features(texts: Sequence[str], middle: Floats) -> Floats:
    """The encoder's middle layers and VADER's counts, side by side: (n, middle + 4)."""
    counts = np.array([lexicon_counts(text) for text in texts], np.float32).reshape(len(texts), 4)
    return np.hstack([middle, counts])


@dataclass(frozen=True)
class Terms:
    """The words and pairs that a head knows, and how rare each is (inverse document frequency)."""

    rows: Mapping[str, int]
    rarity: Floats

    def of(self, text: str) -> tuple[list[int], Floats]:
        """The known terms of a text as rows, and their weights; the weights' length is TERM_SHARE."""
        rows = [self.rows[term] for term in terms_of(text) if term in self.rows]
        weights = self.rarity[rows]
        length = math.sqrt(float(weights @ weights)) or 1.0
        return rows, weights * np.float32(TERM_SHARE / length)


@dataclass(frozen=True)
class SentimentHead:
    """`weights` (features, 3), `term_weights` (terms, 3) and `bias` (3,) in the order of LABELS."""

    weights: Floats
    term_weights: Floats
    bias: Floats
    terms: Terms
    temperature: float
    encoder: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path, fingerprint: str) -> SentimentHead:
        """Read a stored head made with the encoder of this fingerprint. Raises SentimentUnusable."""
        try:
            manifest = json.loads((folder / MANIFEST_NAME).read_text(encoding="utf-8"))
            if manifest["format"] != FORMAT or any(
                hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest
                for name, digest in manifest["files"].items()
            ):
                raise SentimentUnusable(f"The sentiment head in {folder} differs from its manifest.")
            tensors = load_file(str(folder / HEAD_NAME))
            names = json.loads((folder / TERMS_NAME).read_text(encoding="utf-8"))
            made_with, temperature = manifest["encoder"], float(manifest["temperature"])
        except FileNotFoundError as exc:
            raise SentimentUnusable(f"{folder} holds no sentiment head.") from exc
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as exc:
            raise SentimentUnusable(f"The sentiment head in {folder} is damaged ({exc}).") from exc
        if made_with != fingerprint:
            raise SentimentUnusable(f"The sentiment head in {folder} was trained with another encoder.")
        terms = Terms({name: row for row, name in enumerate(names)}, tensors["rarity"])
        return cls(
            tensors["weights"],
            tensors["term_weights"],
            tensors["bias"],
            terms,
            temperature,
            made_with,
            manifest,
        )

    def read(self, text: str, middle: Floats) -> Sentiment:
        """How one text sounds; `middle` is the encoder's, shape (middle,)."""
        rows, shares = self.terms.of(text)
        known, counted = self.weights[: len(middle)], self.weights[len(middle) :]
        counts = np.array(lexicon_counts(text), np.float32)
        said = middle @ known + counts @ counted + shares @ self.term_weights[rows] + self.bias
        logits = said / self.temperature
        odds = np.exp(logits - logits.max())
        negative, _, positive = odds / odds.sum()
        return Sentiment(LABELS[int(odds.argmax())], round(float(positive - negative), 4))

    def read_all(self, texts: Sequence[str], encoder: MiddleEncoder) -> list[Sentiment]:
        """The same of several texts."""
        return [self.read(text, middle) for text, middle in zip(texts, encoder.middle(texts), strict=True)]
