"""What a sentence means, by three readers that err in different places.

- meaning: a softmax regression on the published encoder's vector. Few examples are enough for it.
- wording: one on words and pieces of words (`components/ngrams.py`).
- adapted: the head that was trained together with the encoder's tower for this bot (`models/adapt_encoder.py`), and the
  training sentences near which that tower puts it.

How much each is believed is learned on sentences that none of the three has seen, which also makes the confidence
honest. Numpy serves; SciPy is needed in training only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from components.calibration import Blend, LinearModel, fit, fit_blend, folds_of
from components.ngrams import NgramModel, fit_ngrams
from components.out_of_scope import ScopeDetector, fit_scope
from parley_encoder.neighbours import Neighbours

TRUST = (0.2, 0.1, 0.5)
"""Where few sentences can't tell how far each reader is right, they are weighed like this. Chosen on parts of training
data (docs/adr/0019)."""
_PARTS = ("meaning.", "wording.", "scope.", "near.")


@dataclass(frozen=True)
class Sight:
    """A sentence as the readers see it: its text, its vector by the published encoder, and by the tower for this bot
    where there is one."""

    text: str
    shared: np.ndarray
    own: np.ndarray | None = None


@dataclass(frozen=True)
class Ensemble:
    """The readers and how they are weighed; `head` (dimension, classes) and `near` are the adapted one's, or None."""

    meaning: LinearModel
    wording: NgramModel
    head: np.ndarray | None
    blend: Blend
    scope: ScopeDetector | None
    near: Neighbours | None = None

    def logits(self, sight: Sight) -> np.ndarray:
        """Calibrated, shape (classes,)."""
        members = [self.meaning.logits(sight.shared), self.wording.logits(sight.text)]
        if self.head is not None and sight.own is not None:
            own = sight.own @ self.head
            members.append(own if self.near is None else own + self.near.logits(sight.own, own))
        return self.blend.logits(members)

    def tensors(self) -> dict[str, np.ndarray]:
        """What is stored; `Ensemble.of(tensors)` is this ensemble."""
        meaning = {
            "weights": np.ascontiguousarray(self.meaning.weights),
            "bias": self.meaning.bias,
            "temperature": np.array([self.meaning.temperature], np.float32),
        }
        parts = [
            meaning,
            self.wording.tensors(),
            self.scope.tensors() if self.scope else {},
            self.near.tensors() if self.near else {},
        ]
        found = {
            prefix + name: value
            for prefix, part in zip(_PARTS, parts, strict=True)
            for name, value in part.items()
        }
        found |= {"blend": self.blend.weights}
        return found if self.head is None else found | {"head": np.ascontiguousarray(self.head)}

    @classmethod
    def of(cls, tensors: Mapping[str, np.ndarray]) -> Ensemble:
        meaning, wording, scope, near = (
            {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
            for prefix in _PARTS
        )
        return cls(
            LinearModel(meaning["weights"], meaning["bias"], float(meaning["temperature"][0])),
            NgramModel(**wording),
            tensors.get("head"),
            Blend(tensors["blend"]),
            ScopeDetector(**scope) if scope else None,
            Neighbours(**near) if near else None,
        )


@dataclass(frozen=True)
class Lesson:
    """Sentences with class indices, and what the adapted reader says of the `honest` ones, not learned from:
    `logits` (honest rows, classes). Without an adapted reader `head` is None and all rows are honest.
    """

    texts: Sequence[str]
    shared: np.ndarray
    own: np.ndarray | None
    labels: np.ndarray
    head: np.ndarray | None
    honest: np.ndarray
    logits: np.ndarray | None


def fit_ensemble(lesson: Lesson, *, grid: Sequence[float]) -> tuple[Ensemble, dict[str, float], np.ndarray]:
    """Learn the readers and weigh them.

    Returns:
        The ensemble, what was measured on honest rows, and the probability of each of them to be in scope.
    """
    labels, honest = lesson.labels, lesson.honest
    folds = folds_of(labels)
    meaning, measured, by_meaning = fit(lesson.shared, labels, grid=grid)
    wording, by_wording = fit_ngrams(lesson.texts, labels, folds)
    members = [by_meaning[honest], by_wording[honest]]
    if lesson.logits is not None:
        members.append(lesson.logits)
    blend = fit_blend(members, labels[honest], towards=TRUST if len(members) == len(TRUST) else None)
    logits = blend.logits(members)
    scope, seen = fit_scope(lesson.shared, labels, logits, honest) or (None, np.zeros(1))
    measured = {
        "C": measured["C"],
        "accuracy": float((logits.argmax(axis=1) == labels[honest]).mean()),
        "sentences": float(len(honest)),
        **{
            f"weight_{name}": float(weight)
            for name, weight in zip(("meaning", "wording", "adapted"), blend.weights, strict=False)
        },
    }
    near = None if lesson.head is None or lesson.own is None else Neighbours.of(lesson.own, labels)
    return Ensemble(meaning, wording, lesson.head, blend, scope, near), measured, seen
