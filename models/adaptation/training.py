"""Supervised adaptation: what a sentence means and what its words are, learned together by the encoder's upper layers.

The intents are told by a cosine classifier begun at their mean vectors, and sentences of one intent are drawn together;
the words' tags are told by a linear head on the states above and below the trained layers and by what follows what. A
tenth of the tokens isn't seen. The settings serve every data set (docs/adr/0015, models/README.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.adaptation import Settings
from models.adaptation.chain import Chain
from models.adaptation.tower import Tower, padded, read

FEW = 2000
"""Up to so many sentences each batch is made of pairs of an intent, of any lengths: the contrast has something to draw
together in each, and tells nothing apart by its length. It takes two and a half times as long."""
_POOL = 50
"""Batches of nearly equal lengths are made within so many batches' sentences, so that they differ between epochs."""


@dataclass(frozen=True)
class Material:
    """What is learned from: a text's states below the tower, the tokens at which its words begin, the words' tags, and
    its intent's number."""

    states: Sequence[Tensor]
    words: Sequence[Sequence[int]]
    tags: Sequence[Sequence[int]]
    intents: npt.NDArray[np.int64]


class Network(nn.Module):
    """A tower with a head for intents and, where there are tags, one for words and what follows what."""

    def __init__(self, tower: Tower, centres: npt.NDArray[np.float32], tags: int, scale: float) -> None:
        super().__init__()
        self.tower = tower
        self.scale = scale
        self.head = nn.Parameter(F.normalize(torch.tensor(centres), dim=-1))
        self.words = nn.Linear(2 * centres.shape[1], tags) if tags else None
        self.chain = Chain(tags)

    @property
    def kinds(self) -> int:
        """Of entities."""
        return 0 if self.words is None else self.words.out_features // 2

    def logits(self, found: Tensor) -> Tensor:
        """Of unit vectors: a row a text, a column an intent."""
        return self.scale * found @ F.normalize(self.head, dim=-1).T

    def tag_scores(self, above: Tensor, below: Tensor, dropout: float) -> Tensor:
        """Of the states above and below the tower: (batch, tokens, tags)."""
        assert self.words is not None  # noqa: S101 - asked only where there are tags
        both = F.dropout(torch.cat([above, below], -1), dropout, self.training)
        scores: Tensor = self.words(both)
        return scores


def centres_of(
    tower: Tower, material: Material, intents: int, rows: Sequence[int]
) -> npt.NDArray[np.float32]:
    """Each intent's mean vector before anything is learned."""
    found, _ = read(tower, [material.states[i] for i in rows])
    labels = material.intents[list(rows)]
    return np.stack([found[labels == intent].mean(axis=0) for intent in range(intents)])


def adapt(
    network: Network,
    material: Material,
    rows: Sequence[int],
    settings: Settings,
    *,
    seed: int,
    renewed: Callable[[np.random.Generator], Material] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Trains `network` in place on these rows; `progress` is called with steps done and steps in all.

    `renewed` gives each epoch its material where it changes; rows and intents stay.

    The same input and seed give the same network on the same machine.
    """
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    # One pass over the weights instead of one for each of its sums: an eighth of a step's time less.
    optimizer = torch.optim.AdamW(_groups(network, settings), fused=True)
    epochs = settings.epochs_for(network.kinds, len(rows))
    total = epochs * math.ceil(len(rows) / settings.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _share(step, total, settings))
    done = 0
    network.train()
    for _ in range(epochs):
        shown = material if renewed is None else renewed(chance)
        for batch in _epoch(shown, rows, settings.batch, chance):
            loss = _loss(network, shown, [rows[i] for i in batch], settings)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch's own
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            done += 1
            progress(done, total)


def _epoch(
    material: Material, rows: Sequence[int], size: int, chance: np.random.Generator
) -> Iterator[npt.NDArray[np.int64]]:
    if len(rows) <= FEW:
        return pairs(material.intents[list(rows)], size, chance)
    return like_lengths(np.array([len(material.states[i]) for i in rows]), size, chance)


def _groups(network: Network, settings: Settings) -> list[dict[str, object]]:
    groups: list[dict[str, object]] = [
        {"params": list(network.tower.parameters()), "lr": settings.rate, "weight_decay": 0.01},
        {"params": [network.head], "lr": settings.head_rate, "weight_decay": 0.0},
    ]
    if network.words is not None:
        words = [*network.words.parameters(), *network.chain.parameters()]
        groups.append({"params": words, "lr": settings.tag_rate, "weight_decay": 0.0})
    return groups


def _loss(network: Network, material: Material, rows: Sequence[int], settings: Settings) -> Tensor:
    below, mask = padded([material.states[i] for i in rows], settings.batch)
    seen = mask & (torch.rand(mask.shape) >= settings.unseen)
    seen[..., 0] = True
    with torch.autocast("cpu", torch.bfloat16):
        found, above = network.tower(below, seen, settings.dropout)
    truth = torch.tensor(material.intents[list(rows)])
    loss = F.cross_entropy(network.logits(found), truth, label_smoothing=settings.smoothing)
    loss = loss + contrast(found, truth, settings.contrast_scale)
    if network.words is None:
        return loss
    scores = network.tag_scores(above, below, settings.dropout).flatten(0, 1)
    width = below.shape[1]
    places = [number * width + first for number, i in enumerate(rows) for first in material.words[i]]
    tags = torch.tensor([tag for i in rows for tag in material.tags[i]])
    lengths = torch.tensor([len(material.tags[i]) for i in rows])
    words = scores[torch.tensor(places)]
    return loss + settings.tag_weight * network.chain.loss(words, tags, lengths[lengths > 0])


def contrast(found: Tensor, truth: Tensor, scale: float) -> Tensor:
    """How little nearer sentences of one intent are than all others of the batch; 0 where no two are of one intent.

    Khosla et al., "Supervised Contrastive Learning", NeurIPS 2020.
    """
    itself = torch.eye(len(truth), dtype=torch.bool)
    alike = (truth[:, None] == truth) & ~itself
    paired = alike.any(1)
    if not paired.any():
        return found.new_zeros(())
    near = F.log_softmax((scale * found @ found.T).masked_fill(itself, -1e4), 1)
    return -((near * alike).sum(1)[paired] / alike.sum(1)[paired]).mean()


def _share(step: int, total: int, settings: Settings) -> float:
    """The share of the full rate: up to it, then down in a straight line."""
    warm = max(settings.warm_up * total, 1.0)
    return min((step + 1) / warm, max(0.02, (total - step) / max(total - warm, 1.0)))


def pairs(
    intents: npt.NDArray[np.int64], size: int, chance: np.random.Generator
) -> Iterator[npt.NDArray[np.int64]]:
    """Full batches of two sentences of an intent each, whatever their lengths; a few sentences come twice."""
    groups: list[npt.NDArray[np.int64]] = []
    for intent in np.unique(intents):
        own = chance.permutation(np.flatnonzero(intents == intent))
        groups += [own[first : first + 2] for first in range(0, len(own), 2)]
    order = np.concatenate([groups[i] for i in chance.permutation(len(groups))])
    order = np.concatenate([order, chance.choice(len(order), -len(order) % size)])
    yield from order.reshape(-1, size)


def like_lengths(
    lengths: npt.NDArray[np.int64], size: int, chance: np.random.Generator
) -> Iterator[npt.NDArray[np.int64]]:
    """Full batches of nearly equal lengths in random order; a few sentences come twice to fill the last one."""
    order = chance.permutation(len(lengths))
    order = np.concatenate([order, chance.choice(len(order), -len(order) % size)])
    found = []
    for start in range(0, len(order), size * _POOL):
        pool = order[start : start + size * _POOL]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        found += [pool[first : first + size] for first in range(0, len(pool), size)]
    chance.shuffle(found)
    yield from found
