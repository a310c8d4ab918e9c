"""How near a text lies to the examples of each class, read as logits: a softened vote of its neighbours.

The tower is trained to bring sentences of one class together (docs/adr/0015); its head sees one direction a class, the
neighbours see that a class may have several (docs/adr/0019).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

ASKED = 8
"""So many classes are asked for their vote, those that the head finds likeliest: all would cost as much as a layer."""
SHARPNESS, SHARE = 60.0, 0.5
"""A cosine is multiplied into a logarithmic vote; what the votes say, into logits of the head's size."""
_TINY = np.float32(1e-38)


@dataclass(frozen=True)
class Neighbours:
    """Unit vectors `examples` (examples, dimension), class after class; `starts` (classes,): where each begins."""

    examples: Floats
    starts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, vectors: Floats, labels: npt.NDArray[np.int64]) -> Neighbours:
        """Of unit vectors (n, dimension) and their classes, of which none may be without a vector."""
        counts = np.bincount(labels)
        return cls(vectors[np.argsort(labels, kind="stable")], np.cumsum(counts) - counts)

    def logits(self, vectors: Floats, heard: Floats) -> Floats:
        """Of unit vectors (..., dimension), and the head's logits for them (..., classes): (..., classes).

        Below the lowest vote, the classes that aren't asked follow each other as the head's logits do.
        """
        if vectors.ndim > 1:
            rows = [self.logits(vector, own) for vector, own in zip(vectors, heard, strict=True)]
            return np.stack(rows) if rows else np.zeros_like(heard)
        asked = np.argsort(-heard)[:ASKED]
        votes = SHARPNESS * np.concatenate([self._by_class[one] @ vectors for one in asked.tolist()])
        counts = self._counts[asked]
        highest = votes.max()
        sums = np.add.reduceat(np.exp(votes - highest), np.cumsum(counts) - counts)
        said = SHARE * (np.log(np.maximum(sums, _TINY) / counts) + highest)
        found: Floats = (said.min() + heard - heard[asked].min()).astype(np.float32)
        found[asked] = said
        return found

    def tensors(self) -> dict[str, npt.NDArray[np.generic]]:
        """What is stored; `Neighbours(**tensors)` are these neighbours."""
        return {each.name: np.ascontiguousarray(getattr(self, each.name)) for each in fields(self)}

    @functools.cached_property
    def _by_class(self) -> list[Floats]:
        return np.split(self.examples, self.starts[1:])

    @functools.cached_property
    def _counts(self) -> npt.NDArray[np.int64]:
        return np.array([len(own) for own in self._by_class])
