"""Which tag follows which: a linear-chain conditional random field over scores of words, however they came about."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Chain(nn.Module):
    """What the first word's tag adds, `first` (tags,), and a tag after another, `step` (tags, tags)."""

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.first = nn.Parameter(torch.zeros(tags))
        self.step = nn.Parameter(torch.zeros(tags, tags))

    def loss(self, scores: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """How unlikely the true tags are, a word.

        Args:
            scores: (words, tags) of all sentences' words, one sentence after another.
            tags: (words,) the true ones.
            lengths: (sentences,) words of each sentence, none without any.
        """
        present = torch.arange(int(lengths.max())) < lengths[:, None]
        padded = scores.new_zeros(*present.shape, scores.shape[1])
        padded[present] = scores
        truth = torch.zeros(present.shape, dtype=torch.long)
        truth[present] = tags
        return (self._all(padded, present) - self._one(padded, present, truth)).sum() / lengths.sum()

    def _one(self, scores: Tensor, present: Tensor, truth: Tensor) -> Tensor:
        """The score of the true sequence of each sentence."""
        words = scores.gather(2, truth[..., None])[..., 0]
        steps = self.step[truth[:, :-1], truth[:, 1:]]
        return (words * present).sum(1) + self.first[truth[:, 0]] + (steps * present[:, 1:]).sum(1)

    def _all(self, scores: Tensor, present: Tensor) -> Tensor:
        """The logarithm of the sum over all sequences, by the forward algorithm."""
        total, moves = scores[:, 0] + self.first, self.step.exp()
        for place in range(1, scores.shape[1]):
            highest = total.max(1, keepdim=True).values
            stepped = ((total - highest).exp() @ moves).clamp_min(1e-30).log() + highest + scores[:, place]
            total = torch.where(present[:, place, None], stepped, total)
        return torch.logsumexp(total, 1)
