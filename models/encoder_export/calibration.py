"""How large each channel gets before it is multiplied, so that a scale can be fixed before any text is read.

Asked with random words instead of texts: what makes a channel large is the layer norm in front of it, which knows no
language, and so nobody's sentences are needed to build the encoder (docs/adr/0020).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import erf, softmax  # type: ignore[import-untyped]  # ships no types

from models.encoder_export.architecture import Architecture, Weights

Floats = npt.NDArray[np.float32]

SEQUENCES, TOKENS = 128, 16
FIRST, LAST, ORDINARY = 101, 102, 1000
"""What a sequence begins and ends with, and where the words begin in the vocabulary."""
_ROOT = np.float32(math.sqrt(2))


@dataclass(frozen=True)
class Ranges:
    """The largest magnitude of each channel (hidden,) that goes into a layer's three attention products, into the one
    behind the attention, and into the wide one."""

    attention: Floats
    attended: Floats
    wide: Floats


def ranges(weights: Weights, architecture: Architecture) -> list[Ranges]:
    """Of every layer, from its weights and those below it. The same weights give the same ranges."""
    chance = np.random.default_rng(0)
    words = weights["embeddings.word_embeddings.weight"]
    ids = chance.integers(ORDINARY, len(words), (SEQUENCES, TOKENS))
    ids[:, 0], ids[:, -1] = FIRST, LAST
    embedded = (
        words[ids]
        + weights["embeddings.position_embeddings.weight"][:TOKENS]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    state = _norm(weights, "embeddings.LayerNorm", embedded, architecture.epsilon)
    found = []
    for layer in range(architecture.layers):
        reached, state = _layer(weights, architecture, f"encoder.layer.{layer}", state)
        found.append(reached)
    return found


def _layer(weights: Weights, architecture: Architecture, name: str, state: Floats) -> tuple[Ranges, Floats]:
    heads = (SEQUENCES, TOKENS, architecture.heads, architecture.hidden // architecture.heads)
    query, key, value = (
        _dense(weights, f"{name}.attention.self.{part}", state).reshape(heads).transpose(0, 2, 1, 3)
        for part in ("query", "key", "value")
    )
    near = softmax(query @ key.swapaxes(2, 3) / np.float32(math.sqrt(heads[-1])), axis=-1)
    attended = (near @ value).transpose(0, 2, 1, 3).reshape(state.shape)
    epsilon = architecture.epsilon
    dense = _dense(weights, f"{name}.attention.output.dense", attended)
    middle = _norm(weights, f"{name}.attention.output.LayerNorm", dense + state, epsilon)
    wide = _dense(weights, f"{name}.intermediate.dense", middle)
    narrow = _dense(weights, f"{name}.output.dense", wide * (1 + erf(wide / _ROOT)) / 2)
    above = _norm(weights, f"{name}.output.LayerNorm", narrow + middle, epsilon)
    return Ranges(*map(_largest, (state, attended, middle))), above


def _dense(weights: Weights, name: str, state: Floats) -> Floats:
    found: Floats = state @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]
    return found


def _norm(weights: Weights, name: str, state: Floats, epsilon: float) -> Floats:
    centred = state - state.mean(axis=-1, keepdims=True)
    spread = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + np.float32(epsilon))
    found: Floats = centred / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"]
    return found


def _largest(state: Floats) -> Floats:
    found: Floats = np.abs(state).reshape(-1, state.shape[-1]).max(axis=0)
    return found
