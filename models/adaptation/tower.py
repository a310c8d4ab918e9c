"""The encoder's upper layers in PyTorch, on top of lower ones that stay as they were published.

The lower layers' states are computed once and kept, so that an epoch costs the upper half only. Lengths are padded to
few widths and batches are always full: oneDNN prepares a kernel for each new shape, which costs more than it computes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.encoder_export.architecture import Architecture, Weights

WIDTHS = (8, 12, 16, 20, 24, 32, 48, 64)
BATCH = 64
Vectors = npt.NDArray[np.float32]

_PARTS = {
    "out": "attention.output.dense.weight",
    "out_bias": "attention.output.dense.bias",
    "norm1": "attention.output.LayerNorm.weight",
    "norm1_bias": "attention.output.LayerNorm.bias",
    "wide": "intermediate.dense.weight",
    "wide_bias": "intermediate.dense.bias",
    "narrow": "output.dense.weight",
    "narrow_bias": "output.dense.bias",
    "norm2": "output.LayerNorm.weight",
    "norm2_bias": "output.LayerNorm.bias",
}
_ATTENTION = ("query", "key", "value")


class Layer(nn.Module):
    """One layer of BERT with the published weights."""

    qkv: Tensor
    qkv_bias: Tensor
    out: Tensor
    out_bias: Tensor
    norm1: Tensor
    norm1_bias: Tensor
    wide: Tensor
    wide_bias: Tensor
    narrow: Tensor
    narrow_bias: Tensor
    norm2: Tensor
    norm2_bias: Tensor

    def __init__(self, weights: Weights, number: int, architecture: Architecture) -> None:
        super().__init__()
        self._prefix = f"encoder.layer.{number}."
        self._architecture = architecture
        joined = {
            "qkv": [f"attention.self.{part}.weight" for part in _ATTENTION],
            "qkv_bias": [f"attention.self.{part}.bias" for part in _ATTENTION],
        } | {name: [part] for name, part in _PARTS.items()}
        for name, parts in joined.items():
            values = np.concatenate([weights[self._prefix + part] for part in parts])
            self.register_parameter(name, nn.Parameter(torch.tensor(values)))

    def forward(self, states: Tensor, mask: Tensor, dropout: float) -> Tensor:
        """States (batch, tokens, hidden); mask (batch, 1, 1, tokens), true where there is a token."""
        batch, tokens, hidden = states.shape
        heads, epsilon = self._architecture.heads, self._architecture.epsilon
        rate = dropout if self.training else 0.0
        joined = F.linear(states, self.qkv, self.qkv_bias).view(batch, tokens, 3, heads, hidden // heads)
        query, key, value = joined.permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=rate)
        dense = F.linear(attended.transpose(1, 2).reshape(batch, tokens, hidden), self.out, self.out_bias)
        middle = F.layer_norm(
            F.dropout(dense, rate) + states, (hidden,), self.norm1, self.norm1_bias, epsilon
        )
        narrow = F.linear(F.gelu(F.linear(middle, self.wide, self.wide_bias)), self.narrow, self.narrow_bias)
        return F.layer_norm(F.dropout(narrow, rate) + middle, (hidden,), self.norm2, self.norm2_bias, epsilon)

    def published(self) -> dict[str, npt.NDArray[np.float32]]:
        """The weights under their published names."""
        found = {self._prefix + part: getattr(self, name) for name, part in _PARTS.items()}
        for kind in ("weight", "bias"):
            parts = (self.qkv if kind == "weight" else self.qkv_bias).chunk(3)
            names = (f"{self._prefix}attention.self.{part}.{kind}" for part in _ATTENTION)
            found |= dict(zip(names, parts, strict=True))
        return {name: value.detach().numpy().copy() for name, value in found.items()}


class Tower(nn.Module):
    """Layers `first` and up."""

    def __init__(self, weights: Weights, architecture: Architecture, first: int) -> None:
        super().__init__()
        self._layers = [Layer(weights, number, architecture) for number in range(first, architecture.layers)]
        self._registered = nn.ModuleList(self._layers)

    def forward(self, states: Tensor, mask: Tensor, dropout: float) -> tuple[Tensor, Tensor]:
        """Unit vectors (batch, hidden), the mean over tokens, normalised; and the tokens' states."""
        for layer in self._layers:
            states = layer(states, mask, dropout)
        states = states.float()
        return F.normalize((states * mask[:, 0, 0, :, None]).sum(1), dim=-1), states

    def published(self) -> dict[str, npt.NDArray[np.float32]]:
        """The weights under their published names."""
        return {name: value for layer in self._layers for name, value in layer.published().items()}


@torch.no_grad()
def lower_states(
    ids: Sequence[Sequence[int]], weights: Weights, architecture: Architecture, layers: int
) -> list[Tensor]:
    """Each text's states (tokens, hidden) after the first `layers` layers, from its token ids."""
    lower = [Layer(weights, number, architecture).eval() for number in range(layers)]
    words, norm, bias = (
        torch.tensor(weights[f"embeddings.{name}"])
        for name in ("word_embeddings.weight", "LayerNorm.weight", "LayerNorm.bias")
    )
    places = torch.tensor(
        weights["embeddings.position_embeddings.weight"]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    states: list[Tensor] = [torch.empty(0)] * len(ids)
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        embedded = [words[torch.tensor(ids[i])] + places[: len(ids[i])] for i in rows]
        batch, mask = padded(embedded, BATCH)
        batch = F.layer_norm(batch, (architecture.hidden,), norm, bias, architecture.epsilon)
        with torch.autocast("cpu", torch.bfloat16):
            for layer in lower:
                batch = layer(batch, mask, 0.0)
        for row, i in enumerate(rows):
            states[i] = batch[row, : len(ids[i])].float().clone()
    return states


def padded(states: Sequence[Tensor], rows: int) -> tuple[Tensor, Tensor]:
    """A full batch (rows, width, hidden) and its mask; what is left over is zeros that see their first token only."""
    width = next(width for width in WIDTHS if width >= max(map(len, states)))
    batch = torch.zeros(rows, width, states[0].shape[1])
    mask = torch.zeros(rows, 1, 1, width, dtype=torch.bool)
    mask[..., 0] = True
    for row, state in enumerate(states):
        batch[row, : len(state)] = state
        mask[row, 0, 0, : len(state)] = True
    return batch, mask


@torch.no_grad()
def read(tower: Tower, states: Sequence[Tensor]) -> tuple[Vectors, list[Tensor]]:
    """Unit vectors (texts, hidden), and each text's states (tokens, hidden) above the tower."""
    tower.eval()
    order = sorted(range(len(states)), key=lambda i: len(states[i]))
    found = np.empty((len(states), states[0].shape[1]), np.float32)
    above: list[Tensor] = [torch.empty(0)] * len(states)
    with torch.autocast("cpu", torch.bfloat16):  # around all batches: the weights are converted once
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            batch, mask = padded([states[i] for i in rows], BATCH)
            vectors, tokens = tower(batch, mask, 0.0)
            found[rows] = vectors[: len(rows)].numpy()
            for row, i in enumerate(rows):
                above[i] = tokens[row, : len(states[i])].clone()
    return found, above
