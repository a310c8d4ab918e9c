"""Adapting the sentence encoder to the sentences of a bot, in PyTorch, when it is trained; nothing of it serves.

Errors::

    AdaptationError     the sentences can't be read or aren't enough; the message says what to do
"""

from __future__ import annotations

from dataclasses import dataclass


class AdaptationError(Exception):
    """The sentences can't be learned from."""


@dataclass(frozen=True)
class Settings:
    """`frozen` lower layers stay as published; `scale` divides cosines into logits; rates are AdamW's. They serve every
    data set, chosen on parts of training data (docs/adr/0015)."""

    frozen: int = 2
    epochs: int = 4
    batch: int = 32
    rate: float = 1e-4
    head_rate: float = 2e-3
    scale: float = 20.0
    smoothing: float = 0.1
    dropout: float = 0.1
    warm_up: float = 0.1
    seed: int = 7
