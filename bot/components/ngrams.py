"""Words and pieces of words as features: what is written, beside what is meant.

Words, pairs of words and pieces of three to five letters are hashed into buckets; those that two training sentences
share are kept. A sentence is a unit vector of their weights (tf-idf), and a softmax regression tells the intents from
it. It is weaker than the encoder's vectors alone but errs elsewhere (docs/adr/0016).
"""

from __future__ import annotations

import functools
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from components.calibration import FOLDS, balanced, temperature_of

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

BUCKETS = 1 << 16
SHARED_BY = 2
STRENGTH = 20.0
FULL_STEPS = 30
FOLD_STEPS = 20
_TOKEN = re.compile(r"\w+|[^\w\s]")
_PIECES = (3, 4, 5)


def counted(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Buckets and the logarithmic count of each. Words, pairs and pieces can't be taken for one another."""
    words = _TOKEN.findall(text.lower())
    pairs = zip(["^", *words], [*words, "$"], strict=True)
    every = [_bucket(f"b {first} {second}") for first, second in pairs]
    for word in words:
        every += _of_word(word)
    found = Counter(every)
    return np.fromiter(found, np.int64, len(found)), 1 + np.log(
        np.fromiter(found.values(), float, len(found))
    )


@functools.lru_cache(maxsize=1 << 14)
def _of_word(word: str) -> tuple[int, ...]:
    """The buckets of a word and of its pieces; most words of a message were in others before."""
    bordered = f" {word} "
    pieces = (
        bordered[i : i + length] for length in _PIECES for i in range(max(1, len(bordered) - length + 1))
    )
    return _bucket(f"w {word}"), *map(_bucket, pieces)


def _bucket(piece: str) -> int:
    return zlib.crc32(piece.encode()) % BUCKETS


@dataclass(frozen=True)
class NgramModel:
    """`places` (BUCKETS,) is a bucket's row in `rarity` (kept,) and `weights` (kept, classes), or -1."""

    places: np.ndarray
    rarity: np.ndarray
    weights: np.ndarray
    bias: np.ndarray

    def logits(self, text: str) -> np.ndarray:
        """Shape (classes,)."""
        buckets, counts = counted(text)
        rows = self.places[buckets]
        known = rows >= 0
        values = counts[known] * self.rarity[rows[known]]
        length = np.sqrt(np.square(values).sum())
        if length == 0:
            return self.bias
        return (values / length).astype(np.float32) @ self.weights[rows[known]] + self.bias

    def tensors(self) -> dict[str, np.ndarray]:
        """What is stored; `NgramModel(**tensors)` is this model."""
        return {name: np.ascontiguousarray(value) for name, value in self.__dict__.items()}


def fit_ngrams(texts: Sequence[str], labels: np.ndarray, folds: np.ndarray) -> tuple[NgramModel, np.ndarray]:
    """The model, calibrated, and each row's logits (n, classes) from one that didn't see it."""
    matrix, places, rarity = _matrix(texts)
    classes = int(labels.max()) + 1
    held_out = np.zeros((len(labels), classes))
    for fold in range(FOLDS):
        out = folds == fold
        if out.any() and not out.all():
            weights, bias = _regression(matrix[~out], labels[~out], classes, FOLD_STEPS)
            held_out[out] = matrix[out] @ weights + bias
    weights, bias = _regression(matrix, labels, classes, FULL_STEPS)
    temperature = np.float32(temperature_of(held_out, labels))
    return NgramModel(places, rarity, weights / temperature, bias / temperature), held_out / temperature


def _matrix(texts: Sequence[str]) -> tuple[csr_matrix, np.ndarray, np.ndarray]:
    from scipy.sparse import csr_matrix

    rows = [counted(text) for text in texts]
    shared = np.bincount(np.concatenate([buckets for buckets, _ in rows]), minlength=BUCKETS)
    kept = np.flatnonzero(shared >= SHARED_BY)
    places = np.full(BUCKETS, -1, np.int32)
    places[kept] = np.arange(len(kept), dtype=np.int32)
    rarity = (np.log((1 + len(texts)) / (1 + shared[kept])) + 1).astype(np.float32)
    columns, values, ends = [], [], [0]
    for buckets, counts in rows:
        column = places[buckets]
        known = column >= 0
        value = counts[known] * rarity[column[known]]
        columns.append(column[known])
        values.append(value / max(np.sqrt(np.square(value).sum()), 1e-9))
        ends.append(ends[-1] + int(known.sum()))
    parts = (np.concatenate(values).astype(np.float32), np.concatenate(columns), np.array(ends))
    return csr_matrix(parts, shape=(len(texts), len(kept))), places, rarity


def _regression(
    matrix: csr_matrix, labels: np.ndarray, classes: int, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Softmax regression by L-BFGS, class-balanced, the objective of `calibration`."""
    from scipy.optimize import minimize

    count, features = matrix.shape
    weight = balanced(labels, classes)[:, np.newaxis]
    turned, rows = matrix.T.tocsr(), np.arange(count)
    penalty = 1.0 / (STRENGTH * count)

    def loss_and_gradient(flat: np.ndarray) -> tuple[float, np.ndarray]:
        parameters = flat.reshape(features + 1, classes).astype(np.float32)
        logits = matrix @ parameters[:-1] + parameters[-1]
        logits -= logits.max(axis=1, keepdims=True)
        right = logits[rows, labels]
        np.exp(logits, out=logits)
        total = logits.sum(axis=1, keepdims=True)
        loss = float((weight[:, 0] * (np.log(total[:, 0]) - right)).sum())
        logits /= total
        logits[rows, labels] -= 1
        logits *= weight
        gradient = np.empty(parameters.shape)
        gradient[:-1] = turned @ logits + penalty * parameters[:-1]
        gradient[-1] = logits.sum(axis=0)
        return loss + 0.5 * penalty * float(np.square(parameters[:-1]).sum()), gradient.ravel()

    start = np.zeros((features + 1) * classes)
    options = {"maxiter": steps, "maxcor": 6, "ftol": 1e-7}
    found = minimize(loss_and_gradient, start, jac=True, method="L-BFGS-B", options=options)
    parameters = found.x.reshape(features + 1, classes).astype(np.float32)
    return np.ascontiguousarray(parameters[:-1]), np.ascontiguousarray(parameters[-1])
