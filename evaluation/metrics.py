"""The figures of understanding, as `docs/how-to/evaluate.md` defines them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score, roc_auc_score

from evaluation.intent_sets import Entity

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

BINS = 15


def accuracy(truth: Sequence[str], read: Sequence[str]) -> float:
    return float(np.mean([a == b for a, b in zip(truth, read, strict=True)]))


def weighted_f1(truth: Sequence[str], read: Sequence[str]) -> float:
    """F1 of each class, weighted by how often it is the truth."""
    return float(f1_score(truth, read, average="weighted", zero_division=0))


def macro_f1(truth: Sequence[str], read: Sequence[str]) -> float:
    """The mean of F1 over the classes that occur in the truth."""
    return float(f1_score(truth, read, labels=sorted(set(truth)), average="macro", zero_division=0))


@dataclass(frozen=True)
class Calibration:
    """Per bin of equal width with any reading: mean confidence, share right, share of all readings."""

    confidence: Floats
    right: Floats
    share: Floats

    @property
    def error(self) -> float:
        """Expected calibration error (Guo et al., 2017)."""
        return float((np.abs(self.confidence - self.right) * self.share).sum())


def calibration(confidences: Sequence[float], right: Sequence[bool], *, bins: int = BINS) -> Calibration:
    values, hits = np.asarray(confidences, float), np.asarray(right, float)
    which = np.minimum((values * bins).astype(int), bins - 1)
    used = np.unique(which)
    return Calibration(
        np.array([values[which == b].mean() for b in used]),
        np.array([hits[which == b].mean() for b in used]),
        np.array([(which == b).mean() for b in used]),
    )


def auroc(known: Sequence[float], unknown: Sequence[float]) -> float:
    """The chance that an in-scope text scores above an out-of-scope one."""
    truth = np.r_[np.ones(len(known)), np.zeros(len(unknown))]
    return float(roc_auc_score(truth, np.r_[known, unknown]))


def best_threshold(known: Sequence[float], right: Sequence[bool], unknown: Sequence[float]) -> float:
    """The score from which a text counts as in scope: in-scope accuracy and out-of-scope recall are both counted, and
    the lesser of the two is made as large as can be; their sum decides ties.
    """
    scores, hits, others = np.asarray(known), np.asarray(right), np.asarray(unknown)
    candidates = np.unique(np.r_[scores, others])
    both = [(float((hits & (scores >= t)).mean()), float((others < t).mean())) for t in candidates]
    best = max(range(len(candidates)), key=lambda i: (min(both[i]), sum(both[i])))
    return float(candidates[best])


def span_f1(truth: Sequence[Sequence[Entity]], read: Sequence[Sequence[Entity]]) -> float:
    """Micro F1 over spans: start, end and type must agree."""
    pairs = [(set(a), set(b)) for a, b in zip(truth, read, strict=True)]
    return _f1(
        sum(len(a & b) for a, b in pairs), sum(len(a) for a, _ in pairs), sum(len(b) for _, b in pairs)
    )


def value_f1(truth: Sequence[Sequence[str]], read: Sequence[Sequence[str]]) -> float:
    """Micro F1 over entities as bags of values, wherever in the text they were found."""
    pairs = [(Counter(a), Counter(b)) for a, b in zip(truth, read, strict=True)]
    return _f1(
        sum((a & b).total() for a, b in pairs),
        sum(a.total() for a, _ in pairs),
        sum(b.total() for _, b in pairs),
    )


def token_f1(
    texts: Sequence[str], truth: Sequence[Sequence[Entity]], read: Sequence[Sequence[Entity]]
) -> float:
    """Micro F1 over the tokens (between blanks) that carry an entity in the truth or in the reading."""
    right = expected = found = 0
    for text, a, b in zip(texts, truth, read, strict=True):
        for token in re.finditer(r"\S+", text):
            said, heard = _kind_at(token, a), _kind_at(token, b)
            expected += said is not None
            found += heard is not None
            right += said is not None and said == heard
    return _f1(right, expected, found)


def _kind_at(token: re.Match[str], entities: Sequence[Entity]) -> str | None:
    return next((e.kind for e in entities if e.start < token.end() and token.start() < e.end), None)


def _f1(right: int, expected: int, found: int) -> float:
    return 2 * right / (expected + found) if expected + found else 0.0
