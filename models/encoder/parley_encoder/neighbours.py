"""How near a text lies to the examples of each class, read as logits: a softened vote of its neighbours.

The tower is trained to bring sentences of one class together (docs/adr/0015); its head sees one direction a class, the
neighbours see that a class may have several (docs/adr/0019).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

MOST = 16
"""Examples a class; of more sentences, the centres of so many groups."""
SHARPNESS, SHARE = 40.0, 0.5
"""A cosine is multiplied into a logarithmic vote; what the votes say, into logits of the head's size."""
_ROUNDS = 10
_TINY = np.float32(1e-38)


@dataclass(frozen=True)
class Neighbours:
    """Unit vectors `examples` (examples, dimension), class after class; `starts` (classes,) is each class's first row;
    `shares` (examples,) are logarithms of the share of the class's sentences that an example stands for.
    """

    examples: Floats
    starts: npt.NDArray[np.int64]
    shares: Floats

    @classmethod
    def of(cls, vectors: Floats, labels: npt.NDArray[np.int64]) -> Neighbours:
        """Of unit vectors (n, dimension) and their classes, of which none may be without a vector."""
        found = [_centres(vectors[labels == label]) for label in range(int(labels.max()) + 1)]
        starts = np.cumsum([0, *(len(centres) for centres, _ in found[:-1])])
        shares = np.concatenate([np.log(counts / counts.sum()) for _, counts in found])
        return cls(np.concatenate([centres for centres, _ in found]), starts, shares.astype(np.float32))

    def logits(self, vectors: Floats) -> Floats:
        """Of unit vectors (..., dimension): (..., classes)."""
        votes = SHARPNESS * (vectors @ self.examples.T) + self.shares
        highest = votes.max(axis=-1, keepdims=True)
        sums = np.add.reduceat(np.exp(votes - highest), self.starts, axis=-1)
        found: Floats = SHARE * (np.log(np.maximum(sums, _TINY)) + highest)
        return found

    def tensors(self) -> dict[str, npt.NDArray[np.generic]]:
        """What is stored; `Neighbours(**tensors)` are these neighbours."""
        return {name: np.ascontiguousarray(value) for name, value in self.__dict__.items()}


def _centres(vectors: Floats) -> tuple[Floats, npt.NDArray[np.int64]]:
    """The vectors themselves where they are few, or else the centres of groups, and for how many each stands."""
    if len(vectors) <= MOST:
        return vectors, np.ones(len(vectors), np.int64)
    centres = vectors[np.linspace(0, len(vectors) - 1, MOST).astype(np.int64)]
    for _ in range(_ROUNDS):
        nearest = (vectors @ centres.T).argmax(axis=1)
        present = np.unique(nearest)
        centres = np.stack([vectors[nearest == group].mean(axis=0) for group in present])
        centres = centres / np.linalg.norm(centres, axis=1, keepdims=True)
    return centres, np.bincount((vectors @ centres.T).argmax(axis=1), minlength=len(centres)).clip(1)
