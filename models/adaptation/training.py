"""Supervised adaptation: a cosine classifier on the tower's vectors, begun at the intents' mean vectors.

The settings serve every data set; they were chosen on parts of training data (models/MODEL_CARD.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.adaptation.tower import Tower, Vectors, padded, vectors


@dataclass(frozen=True)
class Settings:
    """`frozen` lower layers stay as published; `scale` divides cosines into logits; rates are AdamW's."""

    frozen: int = 3
    epochs: int = 5
    batch: int = 32
    rate: float = 1e-4
    head_rate: float = 2e-3
    scale: float = 20.0
    smoothing: float = 0.1
    dropout: float = 0.1
    warm_up: float = 0.1
    seed: int = 7


def adapt(
    tower: Tower,
    states: Sequence[Tensor],
    labels: Sequence[int],
    settings: Settings,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Vectors:
    """Trains `tower` in place; returns the vectors of `states` before the training.

    `progress` is called with steps done and steps in all. The same input gives the same tower on the same machine.
    """
    torch.manual_seed(settings.seed)
    chance = np.random.default_rng(settings.seed)
    truth = np.asarray(labels)
    before = vectors(tower, states)
    centres = np.stack([before[truth == c].mean(axis=0) for c in range(int(truth.max()) + 1)])
    head = nn.Parameter(F.normalize(torch.tensor(centres), dim=-1))
    groups = [
        {"params": list(tower.parameters()), "lr": settings.rate, "weight_decay": 0.01},
        {"params": [head], "lr": settings.head_rate, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups)
    total = settings.epochs * math.ceil(len(states) / settings.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _share(step, total, settings))
    lengths = np.array([len(state) for state in states])
    done = 0
    for _ in range(settings.epochs):
        tower.train()
        for rows in _batches(lengths, settings.batch, chance):
            batch, mask = padded([states[i] for i in rows], settings.batch)
            with torch.autocast("cpu", torch.bfloat16):
                found = tower(batch, mask, settings.dropout)
            logits = settings.scale * found @ F.normalize(head, dim=-1).T
            loss = F.cross_entropy(logits, torch.tensor(truth[rows]), label_smoothing=settings.smoothing)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch's own
            nn.utils.clip_grad_norm_(tower.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            done += 1
            progress(done, total)
    return before


def _share(step: int, total: int, settings: Settings) -> float:
    """The share of the full rate: up to it, then down in a straight line."""
    warm = max(settings.warm_up * total, 1.0)
    return min((step + 1) / warm, max(0.02, (total - step) / max(total - warm, 1.0)))


def _batches(lengths: np.ndarray, size: int, chance: np.random.Generator) -> list[list[int]]:
    """Full batches of nearly equal lengths in random order; a few sentences come twice to fill the last one."""
    order = chance.permutation(len(lengths))
    missing = -len(order) % size
    order = np.concatenate([order, chance.choice(len(order), missing)])
    order = order[np.argsort(lengths[order], kind="stable")]
    found = [order[start : start + size].tolist() for start in range(0, len(order), size)]
    chance.shuffle(found)
    return found
