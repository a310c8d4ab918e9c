"""Tells what the intents cover from what they don't, without a single example of the latter.

Three signs are added, each in units of its own spread over the training sentences: the likeliest intent's probability,
how near a sentence lies to those of the intent it is read as, and how near it lies to any. How near the sentences of an
intent usually lie to each other counts half: a wide intent is no reason to call a sentence strange. The published
encoder's vectors are asked, since the tower for this bot was trained to draw every sentence to some intent. The sum
becomes a probability by asking, for every training sentence, how it would look if its own intent didn't exist: those
are out of scope (docs/adr/0014).
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, fields

import numpy as np

WEIGHTS = np.array([0.5, 1.0, 0.5])
"""Of the likeliest intent's probability, the nearness to the intent that is read, the nearness to any."""
SHARE, FEWEST = 0.3, 5
"""The share of the read intent's sentences whose mean cosine is its nearness, and how many are asked at least."""
USUAL = 0.5
"""How much of what is usual in an intent is taken from the nearness to it."""
NEAREST, ASKED = 5, 8
"""So many sentences of any intent are asked; only those of the likeliest intents are looked at."""
STEPS = 50
FEWEST_CLASSES = 3


@dataclass(frozen=True)
class ScopeDetector:
    """Arrays.

    `examples` (sentences, dimension) are unit vectors of float32, class after class, and `starts` (classes,) where each
    class begins; `usual` (classes,) is the mean nearness of a class's own sentences to the others of it. `centre` and
    `spread` (3,) are the signs'; `line` (2,) holds slope and offset of the probability to be in scope.
    """

    examples: np.ndarray
    starts: np.ndarray
    usual: np.ndarray
    centre: np.ndarray
    spread: np.ndarray
    line: np.ndarray

    def known(self, vector: np.ndarray, logits: np.ndarray) -> float:
        """The probability that a unit vector (dimension,) with these logits (classes,) is in scope."""
        signs = _signs(self._by_class, self.usual, vector, logits)
        value = float(_score(signs, self.centre, self.spread) * self.line[0] + self.line[1])
        return 1.0 / (1.0 + math.exp(-min(max(value, -30.0), 30.0)))

    @functools.cached_property
    def _by_class(self) -> list[np.ndarray]:
        return np.split(self.examples, self.starts[1:])

    def tensors(self) -> dict[str, np.ndarray]:
        """What is stored; `ScopeDetector(**tensors)` is this detector."""
        return {each.name: np.ascontiguousarray(getattr(self, each.name)) for each in fields(self)}


def fit_scope(
    vectors: np.ndarray, labels: np.ndarray, logits: np.ndarray, rows: np.ndarray
) -> tuple[ScopeDetector, np.ndarray] | None:
    """Learns the detector.

    Args:
        vectors: (n, dimension) unit vectors of the training sentences.
        labels: (n,) class indices.
        logits: (rows, classes) of these rows from a model that didn't see them.
        rows: those that the logits are of.

    Returns:
        The detector and the probability of each of these rows, or None when there are too few intents to leave one out.
    """
    classes = logits.shape[1]
    counts = np.bincount(labels, minlength=classes)
    if classes < FEWEST_CLASSES or not counts.all():
        return None
    order = np.argsort(labels, kind="stable")
    examples, starts = vectors[order].astype(np.float32), np.cumsum(counts) - counts
    by_class = np.split(examples, starts[1:])
    usual = _usual(by_class)
    places = np.argsort(order)[rows]
    masked = np.where(np.arange(classes) == labels[rows, np.newaxis], -np.inf, logits)

    def signs(said: np.ndarray) -> np.ndarray:
        return np.stack([
            _signs(by_class, usual, examples[place], heard, itself=(label, place - starts[label]))
            for place, label, heard in zip(places, labels[rows], said, strict=True)
        ])  # fmt: skip

    inside, outside = signs(logits), signs(masked)
    centre, spread = inside.mean(axis=0), inside.std(axis=0) + 1e-6
    line = _logistic(_score(inside, centre, spread), _score(outside, centre, spread))
    seen = _sigmoid(_score(inside, centre, spread) * line[0] + line[1])
    return ScopeDetector(
        examples, starts, usual, *(each.astype(np.float32) for each in (centre, spread, line))
    ), seen


def _signs(
    by_class: list[np.ndarray],
    usual: np.ndarray,
    vector: np.ndarray,
    logits: np.ndarray,
    *,
    itself: tuple[int, int] | None = None,
) -> np.ndarray:
    """The three signs of a vector; `itself` is the class and row where it stands: it isn't its own neighbour.

    An intent with the logit -inf isn't there.
    """
    asked = [one for one in np.argsort(-logits)[:ASKED].tolist() if logits[one] > -np.inf]
    cosines = [by_class[one] @ vector for one in asked]
    if itself is not None and itself[0] in asked:
        cosines[asked.index(itself[0])] = np.delete(cosines[asked.index(itself[0])], itself[1])
    read = asked[0]
    own = _highest(cosines[0], _share(len(cosines[0]))) if len(cosines[0]) else usual[read]
    likeliest = 1.0 / np.exp(logits - logits[read]).sum()
    return np.array([likeliest, own - USUAL * usual[read], _highest(np.concatenate(cosines), NEAREST)])


def _usual(by_class: list[np.ndarray]) -> np.ndarray:
    """How near each class's sentences lie to the others of it; what has no others is like the mean of all."""
    found = np.full(len(by_class), np.nan, np.float32)
    for number, own in enumerate(by_class):
        if len(own) > 1:
            others = np.sort(own @ own.T, axis=1)[:, :-1]  # the nearest is the sentence itself
            found[number] = _highest(others, _share(len(own) - 1)).mean()
    alone = np.isnan(found)
    return np.where(alone, 0.0 if alone.all() else found[~alone].mean(), found).astype(np.float32)


def _share(sentences: int) -> int:
    return max(FEWEST, math.ceil(SHARE * sentences))


def _highest(values: np.ndarray, count: int) -> np.ndarray:
    """The mean of so many highest values over the last axis."""
    count = min(count, values.shape[-1])
    found: np.ndarray = np.partition(values, -count, axis=-1)[..., -count:].sum(axis=-1) / count
    return found


def _score(signs: np.ndarray, centre: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Of signs (..., 3): (...,)."""
    return ((signs - centre) / spread) @ WEIGHTS


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
