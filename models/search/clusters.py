"""Approximate neighbours for large catalogues: an inverted file over half-precision vectors (FAISS).

Jégou et al., "Product quantization for nearest neighbor search" (2011), the IVF part; Johnson et al., "Billion-scale
similarity search with GPUs" (2019). See docs/adr/0023.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

PROBED = 160
"""Clusters looked into, of about 4 √n (docs/adr/0023)."""

_TRAINED_ON = 40
"""Vectors for each cluster's centre to be learned from."""
_CHUNK = 32_768


class Clusters:
    """The vectors themselves, kept by cluster, and the answer to which are nearest."""

    def __init__(self, index: faiss.IndexIVFScalarQuantizer) -> None:
        self._index = index
        self._index.nprobe = min(PROBED, self._index.nlist)
        self._index.make_direct_map()

    @classmethod
    def build(cls, vectors: Vectors, like: Clusters | None = None) -> Clusters:
        """Cluster unit vectors of shape (n, dimension), which may be memory-mapped: they are read in chunks.

        Around the centres of ``like``, where that is of about the same size.
        """
        count = len(vectors)
        index = like._emptied() if like is not None and like._suits(count) else _trained(vectors)
        for start in range(0, count, _CHUNK):
            index.add(np.ascontiguousarray(vectors[start : start + _CHUNK], dtype=np.float32))
        return cls(index)

    def _suits(self, count: int) -> bool:
        return 0.5 <= count / max(len(self), 1) <= 2

    def _emptied(self) -> faiss.IndexIVFScalarQuantizer:
        index = _empty(self.dimension, int(self._index.nlist))
        index.quantizer.add(self._index.quantizer.reconstruct_n(0, int(self._index.nlist)))
        index.train(
            np.zeros((1, self.dimension), dtype=np.float32)
        )  # the centres are there; halves need no training
        return index

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    def nearest(
        self, query: Vectors, count: int, mask: npt.NDArray[np.bool_] | None = None
    ) -> tuple[Rows, Vectors]:
        """Rows and cosines of about the nearest ``count`` of those in ``mask``, best first."""
        # FAISS's stubs describe the C++ constructors, not the Python ones that wrap them.
        options: Any = faiss.SearchParametersIVF()
        options.nprobe = self._index.nprobe
        if mask is not None:
            selector: Any = faiss.IDSelectorBitmap
            options.sel = selector(np.packbits(mask, bitorder="little"))
        cosines, rows = self._index.search(query[np.newaxis], count, params=options)
        found = rows[0] >= 0
        return rows[0][found], cosines[0][found]

    def vectors(self, rows: npt.NDArray[np.integer]) -> Vectors:
        """The vectors of these rows, float32 of shape (len(rows), dimension)."""
        found: Vectors = self._index.reconstruct_batch(rows.astype(np.int64))
        return found

    def chunks(self) -> Iterator[Vectors]:
        """All vectors in the order of their rows, some thousands at a time."""
        for start in range(0, len(self), _CHUNK):
            yield self.vectors(np.arange(start, min(start + _CHUNK, len(self))))

    def save(self, path: Path) -> None:
        faiss.write_index(self._index, str(path))

    @classmethod
    def load(cls, path: Path) -> Clusters:
        """Read what ``save`` wrote. Raises ValueError for a file that FAISS can't read."""
        try:
            index: Any = faiss.read_index(str(path))
        except RuntimeError as exc:
            raise ValueError(f"{path} can't be read") from exc
        return cls(index)


def _empty(dimension: int, clusters: int) -> faiss.IndexIVFScalarQuantizer:
    return faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension),
        dimension,
        clusters,
        faiss.ScalarQuantizer.QT_fp16,
        faiss.METRIC_INNER_PRODUCT,
        False,
    )


def _trained(vectors: Vectors) -> faiss.IndexIVFScalarQuantizer:
    """An empty index with centres found by k-means on a sample."""
    count, dimension = vectors.shape
    clusters = max(1, min(round(4 * math.sqrt(count)), count // _TRAINED_ON))
    index = _empty(dimension, clusters)
    index.cp.niter = 8
    index.cp.max_points_per_centroid = _TRAINED_ON
    index.cp.min_points_per_centroid = 1
    index.cp.spherical = True
    index.cp.seed = 1
    size = min(count, clusters * _TRAINED_ON)
    sample = np.sort(np.random.default_rng(1).choice(count, size, replace=False))
    index.train(np.ascontiguousarray(vectors[sample], dtype=np.float32))
    return index
