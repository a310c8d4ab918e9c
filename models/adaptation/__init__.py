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
    """`frozen` lower layers stay as published; rates are AdamW's; `scale` and `contrast_scale` multiply cosines into
    logits; `unseen` is the share of tokens that a sentence is read without. They serve every data set, chosen on parts
    of training data (docs/adr/0015).
    """

    frozen: int = 2
    epochs: int = 5
    batch: int = 64
    rate: float = 1e-4
    head_rate: float = 5e-4
    tag_rate: float = 2e-3
    scale: float = 20.0
    contrast_scale: float = 14.0
    smoothing: float = 0.1
    dropout: float = 0.1
    unseen: float = 0.1
    warm_up: float = 0.1
    seed: int = 7
