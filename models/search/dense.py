"""The dense side: one unit vector per product, compared with the query's by cosine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


class TextEncoder(Protocol):
    """parley_encoder.Encoder, as far as an index needs it."""

    @property
    def dimension(self) -> int: ...
    @property
    def fingerprint(self) -> str: ...
    def encode(self, texts: Sequence[str], *, batch_size: int = 32) -> Vectors: ...


class DenseIndex:
    """Exact cosine over all products. ``digests`` tell which text each vector was made from."""

    def __init__(self, vectors: Vectors, digests: npt.NDArray[np.bytes_]) -> None:
        self._vectors = vectors
        self._digests = digests

    @classmethod
    def build(
        cls, texts: Sequence[str], encoder: TextEncoder, previous: DenseIndex | None = None
    ) -> DenseIndex:
        """Encode the texts; those that ``previous`` has a vector of, made by the same encoder, are taken from there."""
        digests = np.array(
            [hashlib.sha256(text.encode("utf-8", "replace")).digest()[:16] for text in texts], dtype="S16"
        )
        # A digest that ends in zero bytes is shortened by numpy alike on both sides, so equal still means equal.
        known = (
            {} if previous is None else {digest: row for row, digest in enumerate(previous._digests.tolist())}
        )
        vectors = np.empty((len(texts), encoder.dimension), dtype=np.float32)
        missing = []
        for row, digest in enumerate(digests.tolist()):
            if previous is not None and (at := known.get(digest)) is not None:
                vectors[row] = previous._vectors[at]
            else:
                missing.append(row)
        if missing:
            vectors[missing] = encoder.encode([texts[row] for row in missing])
        return cls(vectors, digests)

    @property
    def vectors(self) -> Vectors:
        """Unit vectors of shape (products, dimension); not to be written to."""
        return self._vectors

    def scores(self, query: Vectors) -> Vectors:
        """Cosine of every product with a unit vector of shape (dimension,)."""
        cosines: Vectors = self._vectors @ query
        return cosines

    def save(self, folder: Path) -> None:
        np.save(folder / "vectors.npy", self._vectors)
        np.save(folder / "digests.npy", self._digests)

    @classmethod
    def load(cls, folder: Path) -> DenseIndex:
        """Read what ``save`` wrote; processes that load the same folder share the vectors' memory."""
        return cls(np.load(folder / "vectors.npy", mmap_mode="r"), np.load(folder / "digests.npy"))
