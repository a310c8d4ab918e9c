"""Item-to-item weights from baskets: EASE where items are bought often, its first-order form for the rest.

EASE (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", 2019) is the linear model that predicts each item
from the others of its basket; its closed form needs one matrix inversion. Inverting 100,000 items is out of reach, so
only the ``HEAD`` most bought take part. For the others, seldom bought, the regularisation outweighs what correlations
there are, and the inverse's first-order expansion, count / (count + λ), is nearly the same and stays sparse.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse  # type: ignore[import-untyped]  # scipy ships no types
from scipy.linalg import lapack  # type: ignore[import-untyped]  # as above

Floats = npt.NDArray[np.float32]

REGULARISATION = 20.0
"""λ, in orders: the strength of the assumption that two items have nothing to do with each other (docs/adr/0070)."""

HEAD = 6000
"""Items whose matrix is inverted: 288 MB of float64, in place."""

KEPT = 300
"""Weights kept of each item, the largest by absolute value."""


def item_weights(
    baskets: sparse.csr_matrix,
    *,
    regularisation: float = REGULARISATION,
    head: int = HEAD,
    kept: int = KEPT,
) -> sparse.csr_matrix:
    """Weights of shape (items, items), float32: row i is what item i in a basket says about every other item.

    ``baskets`` is (baskets, items) with a positive number where a basket has the item; squares of these are what a
    basket counts.
    """
    gram = (baskets.T @ baskets).tocsr().astype(np.float64)
    counts = gram.diagonal()
    expansion = sparse.diags(1.0 / (counts + regularisation)) @ gram
    expansion = _without_diagonal(expansion.tocsr())
    often = np.sort(np.argsort(-counts, kind="stable")[:head])
    exact = _inverted(gram[often][:, often].toarray(), regularisation)
    place = np.full(len(counts), -1)
    place[often] = np.arange(len(often))
    rows = [
        _strongest(_row(expansion, item, exact, often, int(place[item])), kept) for item in range(len(counts))
    ]
    return _stacked(rows, len(counts))


def _inverted(gram: npt.NDArray[np.float64], regularisation: float) -> Floats:
    """EASE's weights for a dense Gram matrix, diagonal zero."""
    if not len(gram):
        return np.zeros((0, 0), dtype=np.float32)
    gram[np.diag_indices_from(gram)] += regularisation
    # The transpose of a symmetric matrix is itself, in the order in which LAPACK works without a copy.
    factor, failed = lapack.dpotrf(gram.T, lower=1, overwrite_a=1)
    inverse, also_failed = lapack.dpotri(factor, lower=1, overwrite_c=1)
    if failed or also_failed:
        raise ArithmeticError("the co-occurrence matrix can't be inverted: are there negative counts?")
    weights: Floats = inverse.astype(np.float32)
    for row in range(len(weights)):  # the upper half holds no result
        weights[row, row + 1 :] = weights[row + 1 :, row]
    weights /= -np.diag(weights)[None, :].copy()
    np.fill_diagonal(weights, 0.0)
    return weights


def _row(
    expansion: sparse.csr_matrix, item: int, exact: Floats, often: npt.NDArray[np.intp], place: int
) -> tuple[npt.NDArray[np.intp], Floats]:
    """One item's weights as (columns, values): EASE's among the often bought, expanded ones to the others."""
    start, end = expansion.indptr[item : item + 2]
    columns, values = expansion.indices[start:end], expansion.data[start:end].astype(np.float32)
    if place < 0:
        return columns, values
    others = ~np.isin(columns, often)
    columns = np.concatenate([often, columns[others]])
    return columns, np.concatenate([exact[place], values[others]])


def _strongest(row: tuple[npt.NDArray[np.intp], Floats], kept: int) -> tuple[npt.NDArray[np.intp], Floats]:
    columns, values = row
    if len(values) > kept:
        best = np.argpartition(-np.abs(values), kept)[:kept]
        columns, values = columns[best], values[best]
    filled = np.flatnonzero(values)
    order = filled[np.argsort(columns[filled])]
    return columns[order], values[order]


def _stacked(rows: list[tuple[npt.NDArray[np.intp], Floats]], width: int) -> sparse.csr_matrix:
    starts = np.cumsum([0, *(len(columns) for columns, _ in rows)])
    columns = np.concatenate([columns for columns, _ in rows]) if rows else np.zeros(0, dtype=np.intp)
    values = np.concatenate([values for _, values in rows]) if rows else np.zeros(0, dtype=np.float32)
    return sparse.csr_matrix((values, columns, starts), shape=(len(rows), width), dtype=np.float32)


def _without_diagonal(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    matrix.setdiag(0.0)
    matrix.eliminate_zeros()
    return matrix
