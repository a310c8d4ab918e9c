"""The dense side: one unit vector per product, compared with the query's by cosine."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from models.files import mapped
from models.search.documents import DIGEST

if TYPE_CHECKING:
    from models.search.clusters import Clusters

Vectors = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

CLUSTERED_FROM = 150_000
"""From this many vectors on a search looks into the nearest clusters only (docs/adr/0023)."""

_NEAREST = 1000
_FEW = 4000
"""So few products that fulfil the conditions are compared one by one, whichever cluster they are in."""


class TextEncoder(Protocol):
    """parley_encoder.Encoder, as far as an index needs it."""

    @property
    def dimension(self) -> int: ...
    @property
    def fingerprint(self) -> str: ...
    def encode(self, texts: Sequence[str], *, batch_size: int = 32) -> Vectors: ...


def known_word(encoder: TextEncoder) -> Callable[[str], bool]:
    """Which words are good English for the encoder, so that none is "mended"; none for an encoder that can't tell."""
    knows: Callable[[str], bool] | None = getattr(encoder, "knows", None)
    if knows is None:
        return lambda word: False
    return lambda word: knows(word) or (word.endswith("s") and knows(word[:-1]))


class DenseIndex:
    """Cosines of the products with a query: exact, or above ``CLUSTERED_FROM`` of the nearest ones.

    ``digests`` tell which text each vector was made from. Either ``vectors`` or ``clusters`` holds the vectors.
    """

    def __init__(
        self,
        vectors: Vectors | None,
        digests: npt.NDArray[np.bytes_],
        clusters: Clusters | None = None,
        moments: tuple[Vectors, Vectors] | None = None,
    ) -> None:
        self._vectors = vectors
        self._digests = digests
        self._clusters = clusters
        self._moments = moments

    @classmethod
    def build(
        cls,
        text_of: Callable[[int], str],
        kept: npt.NDArray[np.int64],
        encoder: TextEncoder,
        previous: DenseIndex | None = None,
    ) -> DenseIndex:
        """Index texts, one for each of ``kept``: its row in ``previous``, or -1 where ``text_of`` gives it.

        What ``previous`` has a vector of, made by the same encoder, isn't encoded again.
        """
        digests = np.zeros(len(kept), dtype=f"S{DIGEST}")
        found = kept.copy()
        fresh = np.flatnonzero(kept < 0)
        texts = {row: text_of(row) for row in fresh.tolist()}
        for row, text in texts.items():
            digests[row] = hashlib.sha256(text.encode("utf-8", "replace")).digest()[:DIGEST]
        if previous is not None:
            digests[kept >= 0] = previous._digests[kept[kept >= 0]]
            known = {digest: row for row, digest in enumerate(previous._digests.tolist())} if texts else {}
            found[fresh] = [known.get(digest, -1) for digest in digests[fresh].tolist()]
            if len(found) == len(previous) and np.array_equal(found, np.arange(len(previous))):
                return cls(previous._vectors, digests, previous._clusters, previous._moments)
        vectors = np.empty((len(kept), encoder.dimension), dtype=np.float32)
        if previous is not None and len(previous):
            previous.copy_into(vectors, found)
        missing = np.flatnonzero(found < 0).tolist()
        if missing:
            vectors[missing] = encoder.encode([texts[row] for row in missing])
        return cls.of(vectors, digests, previous)

    @classmethod
    def of(
        cls,
        vectors: Vectors,
        digests: npt.NDArray[np.bytes_] | None = None,
        previous: DenseIndex | None = None,
    ) -> DenseIndex:
        """An index of unit vectors of shape (n, dimension), which may be memory-mapped.

        A catalogue of about the size of ``previous`` is clustered around the same centres: finding them takes longest.
        """
        if digests is None:
            digests = np.arange(len(vectors)).astype(f"S{DIGEST}")
        if len(vectors) < CLUSTERED_FROM:
            return cls(vectors, digests)
        from models.search.clusters import (
            Clusters,
        )  # FAISS takes 36 MB, which a smaller catalogue needn't spend

        clusters = Clusters.build(vectors, None if previous is None else previous._clusters)
        return cls(None, digests, clusters, _moments(vectors))

    def __len__(self) -> int:
        return len(self._digests)

    def vectors(self, rows: npt.NDArray[np.integer]) -> Vectors:
        """The vectors of these rows, of shape (len(rows), dimension)."""
        if self._vectors is not None:
            found: Vectors = self._vectors[rows]
            return found
        return self._clusters.vectors(rows) if self._clusters else np.empty((0, 0), dtype=np.float32)

    def copy_into(self, out: Vectors, rows: npt.NDArray[np.int64]) -> None:
        """Copy the vectors of these rows to ``out``, one for each; where a row is below 0 anything may stand."""
        if self._vectors is not None:
            np.take(
                self._vectors, np.maximum(rows, 0), axis=0, out=out, mode="clip"
            )  # a mode that needs no buffer
        else:
            out[rows >= 0] = self.vectors(rows[rows >= 0])

    def all_vectors(self) -> npt.NDArray[np.floating]:
        """All vectors, of shape (len(self), dimension), read-only; a clustered index copies them as halves."""
        if self._vectors is not None or self._clusters is None:
            return np.empty((0, 0), dtype=np.float32) if self._vectors is None else self._vectors
        return np.concatenate([chunk.astype(np.float16) for chunk in self._clusters.chunks()])

    def nearest(
        self, query: Vectors, count: int, mask: Mask | None = None
    ) -> tuple[npt.NDArray[np.int64], Vectors]:
        """Rows and cosines of the nearest ``count`` of those in ``mask``, best first."""
        if self._clusters is not None and (mask is None or int(mask.sum()) > _FEW):
            return self._clusters.nearest(query, count, mask)
        rows = np.arange(len(self)) if mask is None else np.flatnonzero(mask)
        cosines: Vectors = self.vectors(rows) @ query if mask is not None else self._cosines(query)
        best = np.argpartition(-cosines, count - 1)[:count] if count < len(rows) else np.arange(len(rows))
        best = best[np.lexsort((rows[best], -cosines[best]))]
        return rows[best], cosines[best]

    def standardised(
        self, query: Vectors, mask: Mask, also: npt.NDArray[np.integer] | None = None
    ) -> Vectors:
        """Cosine of every product in standard deviations over the catalogue.

        In a clustered index only the nearest in ``mask`` and the rows ``also`` are compared; others count as average.
        """
        if self._clusters is None or self._moments is None:
            cosines = self._cosines(query)
            spread = float(cosines.std())
            return (cosines - cosines.mean()) / spread if spread > 0 else np.zeros_like(cosines)
        mean, covariance = self._moments
        spread = math.sqrt(max(float(query @ covariance @ query), 1e-12))
        scores = np.zeros(len(self), dtype=np.float32)
        rows, cosines = self.nearest(query, _NEAREST, mask)
        if also is not None and len(also):
            rows = np.concatenate([rows, also])
            cosines = np.concatenate([cosines, self._clusters.vectors(also) @ query])
        scores[rows] = (cosines - float(mean @ query)) / spread
        return scores

    @property
    def is_clustered(self) -> bool:
        """True where only the nearest clusters are looked into."""
        return self._clusters is not None

    def _cosines(self, query: Vectors) -> Vectors:
        if self._vectors is None:
            return np.empty(0, dtype=np.float32)
        # One product of numbers in memory order a row; OpenBLAS's matrix by vector takes more than twice the time.
        cosines: Vectors = np.vecdot(self._vectors, query)
        return cosines

    def save(self, folder: Path) -> None:
        np.save(folder / "digests.npy", self._digests)
        if self._vectors is not None:
            np.save(folder / "vectors.npy", self._vectors)
        elif self._clusters is not None and self._moments is not None:
            self._clusters.save(folder / "clusters.faiss")
            np.savez(folder / "moments.npz", mean=self._moments[0], covariance=self._moments[1])

    @classmethod
    def load(cls, folder: Path) -> DenseIndex:
        """Read what ``save`` wrote; processes that load the same folder share the memory of exact vectors."""
        digests = np.load(folder / "digests.npy")
        if (folder / "vectors.npy").exists():
            return cls(mapped(folder / "vectors.npy"), digests)
        from models.search.clusters import Clusters  # as in of()

        with np.load(folder / "moments.npz") as stored:
            moments = stored["mean"], stored["covariance"]
        return cls(None, digests, Clusters.load(folder / "clusters.faiss"), moments)


def _moments(vectors: Vectors) -> tuple[Vectors, Vectors]:
    """Mean and covariance: from them a query's mean cosine and its spread follow without looking at any vector."""
    count, dimension = vectors.shape
    total = np.zeros(dimension)
    products = np.zeros((dimension, dimension))
    for start in range(0, count, 65_536):
        chunk = np.asarray(vectors[start : start + 65_536], dtype=np.float32)
        total += chunk.sum(axis=0)
        products += chunk.T @ chunk
    mean = total / count
    covariance = products / count - np.outer(mean, mean)
    return mean.astype(np.float32), covariance.astype(np.float32)
