"""Weights to 7-bit integers, one scale per output channel; activations to eight bits with a scale that is fixed.

Seven bits, not eight: on CPUs without VNNI the int8 product is computed by an instruction that adds two products of an
unsigned 8-bit activation and a signed 8-bit weight in 16 bits. 255 × 64 × 2 = 32,640 stays below 32,767, where
255 × 127 × 2 = 64,770 saturates silently and gives other vectors than on a CPU with VNNI (see docs/adr/0020).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LIMIT = 63
"""Largest magnitude of a quantised weight."""

LEVELS = 127
"""Largest magnitude of a quantised activation."""
SHARE = 0.7
"""Of the difficulty, what the weights take over; from 0.5 to 0.8 the vectors differ little."""
GRID = 8
"""Steps an octave."""

DESCRIPTION = {
    "weights": "int8 per output channel",
    "limit": LIMIT,
    "activations": "uint8, fixed before any text is read; per token behind GELU",
}
"""For a manifest."""

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


def evened(
    weight: npt.NDArray[np.float32], reached: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.float32], float]:
    """How activations and ``weight`` (inputs, outputs) share what is hard to quantise between them.

    A few channels of a layer norm are ten times as large as the others, which one scale for all would round away. Each
    channel is divided by a factor, by which its row of the weights is multiplied (SmoothQuant, Xiao et al., ICML 2023).

    Args:
        reached: the largest magnitude of each input channel, (inputs,).

    Returns:
        The factors (inputs,) and the scale of the divided activations, all on a grid coarse enough that another
        processor's rounding makes no other bytes.
    """
    rows = np.maximum(np.abs(weight).max(axis=1), 1e-6)
    factors = np.maximum(reached, 1e-4) ** SHARE / rows ** (1 - SHARE)
    factors = _on_grid(factors / np.exp(np.log(factors).mean()))
    return factors, float(_on_grid((reached / factors).max() / LEVELS))


def _on_grid(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    found: npt.NDArray[np.float32] = np.exp2(np.rint(np.log2(values) * GRID) / GRID).astype(np.float32)
    return found


def _round(weight: npt.NDArray[np.float32], scales: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    rounded: npt.NDArray[np.float32] = np.clip(np.rint(weight / scales), -LIMIT, LIMIT)
    return rounded
