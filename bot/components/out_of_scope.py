"""Tells what the intents cover from what they don't, without a single example of the latter.

Two signs are added, each in units of its own spread over the training sentences: half the likeliest intent's
probability, and the relative Mahalanobis distance (Ren et al., "A Simple Fix to Mahalanobis Distance for Improving
Near-OOD Detection", 2021): how much nearer a sentence lies to one intent than to all sentences taken together. The sum
becomes a probability by asking, for every training sentence, how it would look if its own intent didn't exist: those
are out of scope.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, fields

import numpy as np

SHRINKAGE = 0.6
LIKELIEST = 0.5
"""Weight of the likeliest intent's probability beside the distance."""
STEPS = 50
FEWEST_CLASSES = 3
FAR = 1e6


@dataclass(frozen=True)
class ScopeDetector:
    """Tensors of float32.

    `within` and `overall` (dimension, dimension) whiten a vector against its intent and against everything; `means`
    (classes, dimension) and `mean` (dimension,) are whitened already. `line` holds centre and spread of the likeliest
    intent's probability and of the distance, and slope and offset of the probability to be in scope.
    """

    within: np.ndarray
    overall: np.ndarray
    means: np.ndarray
    mean: np.ndarray
    line: np.ndarray

    def known(self, vector: np.ndarray, logits: np.ndarray) -> float:
        """The probability that a vector (dimension,) with these logits (classes,) is in scope.

        Intents that the sender may not use have the logit -inf.
        """
        quadratic, towards, offsets = self._folded
        nearness = float(vector @ (quadratic @ vector)) + float(
            (towards @ vector + offsets)[np.isfinite(logits)].max()
        )
        return float(_sigmoid(_score(_likeliest(logits), nearness, self.line) * self.line[4] + self.line[5]))

    @functools.cached_property
    def _folded(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Both distances of a vector v as one: v·A·v + max over intents of (B·v + c), with A, B and c of float32.

        The distances are |v·W - m|² for everything and for each intent, and only their difference is asked for.
        """
        within, overall, means, mean = (
            np.asarray(each, np.float64) for each in (self.within, self.overall, self.means, self.mean)
        )
        quadratic = overall @ overall.T - within @ within.T
        towards = 2 * (means @ within.T - overall @ mean)
        offsets = mean @ mean - np.square(means).sum(axis=1)
        return quadratic.astype(np.float32), towards.astype(np.float32), offsets.astype(np.float32)

    def tensors(self) -> dict[str, np.ndarray]:
        """What is stored; `ScopeDetector(**tensors)` is this detector."""
        return {
            each.name: np.ascontiguousarray(getattr(self, each.name), np.float32) for each in fields(self)
        }


def fit_scope(
    vectors: np.ndarray, labels: np.ndarray, logits: np.ndarray, folds: np.ndarray, rows: np.ndarray
) -> tuple[ScopeDetector, np.ndarray] | None:
    """Learns the detector.

    Args:
        vectors: (n, dimension) training vectors.
        labels: (n,) class indices.
        logits: (rows, classes) of these rows from a model that didn't see them.
        folds: (n,) numbers; distances are taken from what the other folds say.
        rows: those that the logits are of.

    Returns:
        The detector and the probability of each of these rows by a detector that didn't see it, or None when there are
        too few intents to leave one out.
    """
    classes = logits.shape[1]
    if classes < FEWEST_CLASSES or len(np.unique(labels)) < classes:
        return None
    vectors = vectors.astype(np.float64)
    distances, background = np.empty((len(vectors), classes)), np.empty(len(vectors))
    for fold in np.unique(folds):
        out = folds == fold
        space = _space(vectors[~out], labels[~out], classes)
        distances[out] = _distances(vectors[out] @ space["within"], space["means"])
        background[out] = np.square(vectors[out] @ space["overall"] - space["mean"]).sum(axis=1)
    distances, background = distances[rows], background[rows]
    own = np.arange(classes)[np.newaxis] == labels[rows, np.newaxis]
    best = _likeliest(logits)
    nearness = background - distances.min(axis=1)
    line = np.array([best.mean(), best.std() + 1e-6, nearness.mean(), nearness.std() + 1e-6, 1.0, 0.0])
    inside = _score(best, nearness, line)
    outside = _score(
        _likeliest(np.where(own, -np.inf, logits)),
        background - np.where(own, np.inf, distances).min(axis=1),
        line,
    )
    line[4:] = _logistic(inside, outside)
    tensors = {**_space(vectors, labels, classes), "line": line}
    detector = ScopeDetector(**{name: value.astype(np.float32) for name, value in tensors.items()})
    return detector, _sigmoid(inside * line[4] + line[5])


def _space(vectors: np.ndarray, labels: np.ndarray, classes: int) -> dict[str, np.ndarray]:
    """The whitening matrices and whitened means; an intent without a row lies infinitely far off."""
    centre = vectors.mean(axis=0)
    present = np.bincount(labels, minlength=classes) > 0
    centres = np.stack([vectors[labels == c].mean(axis=0) if present[c] else centre for c in range(classes)])
    within = _whitening(vectors - centres[labels])
    overall = _whitening(vectors - centre)
    means = np.where(present[:, np.newaxis], centres @ within, FAR)
    return {"within": within, "overall": overall, "means": means, "mean": centre @ overall}


def _likeliest(logits: np.ndarray) -> np.ndarray:
    """The probability of the likeliest intent, over the last axis."""
    return 1.0 / np.exp(logits - logits.max(axis=-1, keepdims=True)).sum(axis=-1)


def _score(best: np.ndarray, nearness: np.ndarray, line: np.ndarray) -> np.ndarray:
    return LIKELIEST * (best - line[0]) / line[1] + (nearness - line[2]) / line[3]


def _distances(whitened: np.ndarray, means: np.ndarray) -> np.ndarray:
    squares = np.square(whitened).sum(axis=1, keepdims=True) + np.square(means).sum(axis=1)
    return np.maximum(squares - 2 * whitened @ means.T, 0.0)


def _whitening(residuals: np.ndarray) -> np.ndarray:
    """A matrix whose product with a vector has the Mahalanobis length, the covariance shrunk towards a sphere."""
    covariance = residuals.T @ residuals / len(residuals)
    dimension = len(covariance)
    sphere = np.trace(covariance) / dimension * np.eye(dimension)
    return np.linalg.cholesky(np.linalg.inv((1 - SHRINKAGE) * covariance + SHRINKAGE * sphere))


def _logistic(inside: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Slope and offset of the probability that a score is from `inside`, by Newton's method."""
    scores = np.r_[inside, outside]
    truth = np.r_[np.ones(len(inside)), np.zeros(len(outside))]
    design = np.stack([scores, np.ones_like(scores)], axis=1)
    found = np.zeros(2)
    for _ in range(STEPS):
        likely = _sigmoid(design @ found)
        slope = design.T @ (truth - likely)
        curvature = (design * (likely * (1 - likely))[:, np.newaxis]).T @ design + 1e-3 * np.eye(2)
        step = np.linalg.solve(curvature, slope)
        found += step
        if np.abs(step).max() < 1e-6:
            break
    return found


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-np.clip(values, -30.0, 30.0)))
