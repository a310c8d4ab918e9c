"""Fitting and calibrating a linear softmax classifier on unit vectors.

SciPy is needed in training only; what is served is `softmax((x @ weights + bias) / temperature)` in numpy.
Temperature scaling: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FOLDS = 4
SEED = 7
FULL_STEPS = 120
FOLD_STEPS = 60
"""L-BFGS steps; the folds only rank C and set the temperature, for which half the steps are enough."""


TOGETHER, DOUBT = 1.3, 60.0
"""Readers that are each calibrated are sure of more together, but not of as much as if they were independent."""


@dataclass(frozen=True)
class LinearModel:
    """weights (dimension, classes) and bias (classes,), float32; temperature divides the logits."""

    weights: np.ndarray
    bias: np.ndarray
    temperature: float

    def logits(self, vectors: np.ndarray) -> np.ndarray:
        """Tempered logits, shape (n, classes)."""
        return (vectors @ self.weights + self.bias) / self.temperature


def softmax(logits: np.ndarray) -> np.ndarray:
    """Row-wise softmax, safe against overflow and against rows with masked (-inf) entries."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class Blend:
    """What several models say, weighted: `weights[i]` multiplies the i-th one's logits. Calibrates, too: the weights'
    size is the confidence."""

    weights: np.ndarray

    def logits(self, members: Sequence[np.ndarray]) -> np.ndarray:
        """The weighted sum of the members' logits."""
        return sum(weight * logits for weight, logits in zip(self.weights, members, strict=True))


def fit_blend(
    members: Sequence[np.ndarray], labels: np.ndarray, *, towards: Sequence[float] | None = None
) -> Blend:
    """The weights, none below 0, of least log loss on rows that no member has learned from.

    Few rows can't tell much, so the weights are drawn towards being equal, as strongly as DOUBT rows would draw.

    Args:
        members: of each model, logits (n, classes).
        labels: (n,) class indices.
        towards: weights to be drawn to instead of equal ones.
    """
    from scipy.optimize import minimize

    stacked = np.stack(members).astype(np.float64)
    rows = np.arange(len(labels))
    start = np.array(towards or [TOGETHER / len(members)] * len(members))
    doubt = DOUBT / max(len(labels), 1)

    def loss_and_gradient(weights: np.ndarray) -> tuple[float, np.ndarray]:
        probabilities = softmax(np.tensordot(weights, stacked, 1))
        loss = -np.log(np.clip(probabilities[rows, labels], 1e-12, 1.0)).sum() / max(len(labels), 1)
        expected = (stacked * probabilities).sum(axis=2) - stacked[:, rows, labels]
        away = weights - start
        return float(loss + 0.5 * doubt * away @ away), expected.sum(axis=1) / max(
            len(labels), 1
        ) + doubt * away

    found = minimize(
        loss_and_gradient, start, jac=True, method="L-BFGS-B", bounds=[(0.0, 20.0)] * len(members)
    )
    return Blend(found.x.astype(np.float32))


def fit(
    vectors: np.ndarray, labels: np.ndarray, *, grid: Sequence[float]
) -> tuple[LinearModel, dict[str, float], np.ndarray]:
    """Chooses C by cross-validated log loss after temperature scaling, and fits on everything.

    Args:
        vectors: (n, dimension) unit vectors.
        labels: (n,) class indices 0..classes-1.
        grid: values of C to try, the inverse strength of the L2 penalty; one value skips the search, not the
            calibration.

    Returns:
        The model, what cross-validation measured (C, temperature, accuracy, log loss), and the tempered logits (n,
        classes) of each row from the fold that didn't see it.
    """
    from threadpoolctl import threadpool_limits

    vectors = np.ascontiguousarray(vectors, dtype=np.float32)
    classes = int(labels.max()) + 1
    best: tuple[float, float, float, float, np.ndarray] | None = None
    folds = folds_of(labels)
    with threadpool_limits(1):  # matrices this small only lose by being shared out
        for c in grid:
            logits = _held_out_logits(vectors, labels, c, classes, folds)
            temperature = temperature_of(logits, labels)
            loss = _log_loss(logits / temperature, labels)
            accuracy = float((logits.argmax(axis=1) == labels).mean())
            if best is None or loss < best[0]:
                best = (loss, c, temperature, accuracy, logits / temperature)
        if best is None:
            raise ValueError("the grid of C is empty")
        loss, c, temperature, accuracy, held_out = best
        weights, bias = _regression(vectors, labels, c, classes, steps=FULL_STEPS)
    measured = {"C": c, "temperature": temperature, "cv_accuracy": accuracy, "cv_log_loss": loss}
    return LinearModel(weights, bias, temperature), measured, held_out


def folds_of(labels: np.ndarray) -> np.ndarray:
    """Stratified folds that also bear classes with fewer examples than folds: (n,) fold numbers."""
    order = np.random.default_rng(SEED).permutation(len(labels))
    seen: Counter[int] = Counter()
    fold = np.zeros(len(labels), dtype=np.int64)
    for index in order:
        label = int(labels[index])
        fold[index] = (seen[label] + label) % FOLDS
        seen[label] += 1
    return fold


def _held_out_logits(
    vectors: np.ndarray, labels: np.ndarray, c: float, classes: int, folds: np.ndarray
) -> np.ndarray:
    logits = np.zeros((len(labels), classes), dtype=np.float64)
    for fold in range(FOLDS):
        held_out = folds == fold
        if not held_out.any() or held_out.all():
            continue
        weights, bias = _regression(vectors[~held_out], labels[~held_out], c, classes, steps=FOLD_STEPS)
        logits[held_out] = vectors[held_out] @ weights + bias
    return logits


def balanced(labels: np.ndarray, classes: int) -> np.ndarray:
    """A weight for each row: all classes that occur weigh the same, and all rows together 1."""
    shares = np.bincount(labels, minlength=classes)
    return (1 / (np.count_nonzero(shares) * np.maximum(shares, 1)))[labels].astype(np.float32)


def _regression(
    vectors: np.ndarray, labels: np.ndarray, c: float, classes: int, *, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """A class-balanced multinomial logistic regression: the same objective as scikit-learn's, in float32."""
    from scipy.optimize import minimize

    count, dimension = vectors.shape
    weight = balanced(labels, classes)
    rows = np.arange(count)
    penalty = 1.0 / (c * count)

    def loss_and_gradient(flat: np.ndarray) -> tuple[float, np.ndarray]:
        parameters = flat.reshape(dimension + 1, classes).astype(np.float32)
        logits = vectors @ parameters[:-1] + parameters[-1]
        logits -= logits.max(axis=1, keepdims=True)
        probabilities = np.exp(logits)
        total = probabilities.sum(axis=1, keepdims=True)
        loss = float((weight * (np.log(total[:, 0]) - logits[rows, labels])).sum())
        probabilities /= total
        probabilities[rows, labels] -= 1
        probabilities *= weight[:, None]
        gradient = np.empty((dimension + 1, classes), dtype=np.float64)
        gradient[:-1] = vectors.T @ probabilities + penalty * parameters[:-1]
        gradient[-1] = probabilities.sum(axis=0)
        return loss + 0.5 * penalty * float((parameters[:-1] ** 2).sum()), gradient.ravel()

    start = np.zeros((dimension + 1) * classes)
    found = minimize(
        loss_and_gradient, start, jac=True, method="L-BFGS-B", options={"maxiter": steps, "ftol": 1e-7}
    )
    parameters = found.x.reshape(dimension + 1, classes).astype(np.float32)
    absent = np.bincount(labels, minlength=classes) == 0
    parameters[-1, absent] = -20.0
    return np.ascontiguousarray(parameters[:-1]), np.ascontiguousarray(parameters[-1])


def temperature_of(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature of least log loss: a golden-section search on its logarithm in [1/8, 8]."""
    low, high = np.log(0.125), np.log(8.0)
    ratio = (np.sqrt(5.0) - 1) / 2
    for _ in range(40):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if _log_loss(logits / np.exp(left), labels) < _log_loss(logits / np.exp(right), labels):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def _log_loss(logits: np.ndarray, labels: np.ndarray) -> float:
    probabilities = softmax(logits)[np.arange(len(labels)), labels]
    return float(-np.log(np.clip(probabilities, 1e-12, 1.0)).mean())
