"""Weights to 7-bit integers, one scale per output channel.

Seven bits, not eight: on CPUs without VNNI the int8 product is computed by an instruction that adds two products of an
unsigned 8-bit activation and a signed 8-bit weight in 16 bits. 255 × 64 × 2 = 32,640 stays below 32,767, where
255 × 127 × 2 = 64,770 saturates silently and gives other vectors than on a CPU with VNNI (see docs/adr/0020).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LIMIT = 63
"""Largest magnitude of a quantised weight."""

_SHRINK = np.linspace(0.8, 1.0, 21)


def quantize_columns(
    weight: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Quantise ``weight`` of shape (inputs, outputs) symmetrically; returns int8 of that shape and scales (outputs,).

    Each column's scale is the one of 21 clipping points between 0.8 and 1.0 of its largest magnitude that gives the
    least squared error.
    """
    largest = np.maximum(np.abs(weight).max(axis=0), 1e-12)
    best = np.full(weight.shape[1], np.inf)
    scales = largest / LIMIT
    for shrink in _SHRINK:
        candidate = largest * shrink / LIMIT
        error = np.square(_round(weight, candidate) * candidate - weight).sum(axis=0)
        better = error < best
        best[better] = error[better]
        scales[better] = candidate[better]
    return _round(weight, scales).astype(np.int8), scales.astype(np.float32)


def quantize_rows(
    table: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Quantise an embedding table (rows, width) to int8 with a scale (rows, 1) per row.

    A table is looked up, never multiplied, so it may use all eight bits.
    """
    scales = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-12) / 127
    return np.rint(table / scales).astype(np.int8), scales.astype(np.float32)


def _round(weight: npt.NDArray[np.float32], scales: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    rounded: npt.NDArray[np.float32] = np.clip(np.rint(weight / scales), -LIMIT, LIMIT)
    return rounded
