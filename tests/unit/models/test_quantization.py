"""Scales that are fixed before any text is read."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.encoder_export.calibration import ranges
from models.encoder_export.quantization import GRID, LEVELS, evened, quantize_columns
from models.encoder_export.weights import installed_source

Floats = npt.NDArray[np.float32]


def test_a_few_large_channels_cost_the_others_nothing() -> None:
    chance = np.random.default_rng(5)
    state, weight = _floats(chance, 64, 96), _floats(chance, 96, 32)
    state[:, [3, 40, 77]] *= 30
    reached = np.abs(state).max(axis=0)
    factors, scale = evened(weight, reached)
    alike = _error(state, weight, np.ones(96, np.float32), float(reached.max()) / LEVELS)
    assert _error(state, weight, factors, scale) < alike / 2


def test_another_processors_rounding_makes_no_other_factors() -> None:
    chance = np.random.default_rng(6)
    weight, reached = _floats(chance, 96, 32), np.abs(_floats(chance, 96)) + np.float32(0.1)
    factors, scale = evened(weight, reached)
    near: Floats = reached * np.float32(1 + 2e-7)
    again, same = evened(weight, near)
    np.testing.assert_array_equal(factors, again)
    assert scale == same
    steps = np.log2([*factors, scale]) * GRID
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-4)


def test_each_layers_channels_are_asked_with_its_own_weights() -> None:
    source = installed_source()
    weights, architecture = dict(source.weights()), source.architecture()
    found = ranges(weights, architecture)
    assert len(found) == architecture.layers
    assert {part.shape for each in found for part in (each.attention, each.attended, each.wide)} == {
        (architecture.hidden,)
    }
    # A layer norm's factor reaches what it feeds and nothing below it.
    norm = "encoder.layer.2.attention.output.LayerNorm.weight"
    weights[norm] = weights[norm] * 3
    changed = ranges(weights, architecture)
    np.testing.assert_array_equal(changed[2].attention, found[2].attention)
    assert changed[2].wide.mean() > 2 * found[2].wide.mean()


def _floats(chance: np.random.Generator, *shape: int) -> Floats:
    found: Floats = chance.normal(size=shape).astype(np.float32)
    return found


def _error(state: Floats, weight: Floats, factors: Floats, scale: float) -> float:
    """Of the product with both quantised, relative to the product."""
    quantized, scales = quantize_columns(weight * factors[:, np.newaxis])
    rows = np.clip(np.rint(state / factors / scale), -128, 127)
    exact = state @ weight
    return float(
        np.linalg.norm(rows @ quantized.astype(np.float32) * scale * scales - exact) / np.linalg.norm(exact)
    )
