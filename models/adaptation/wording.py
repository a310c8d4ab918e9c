"""What words look like and which tag follows which: a conditional random field that knows nothing of the tower.

Learned together with the tower, which knows its training sentences by heart, the looks would learn little. Learned
alone they err elsewhere (docs/adr/0018), and are added to the tower's scores with a share of their weight.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

from models.adaptation.sentences import Sentences
from models.adaptation.tagging import tagged, tags_of
from parley_encoder.adapted import words_of
from parley_encoder.lexical import BUCKETS, PIECES, looks

Floats = npt.NDArray[np.float32]
Rules = tuple[Floats, Floats, Floats]
"""What each look adds (BUCKETS, tags); what the first word's tag adds (tags,); what a tag adds after another (tags,
tags)."""

EPOCHS, RATE, BATCH, HIDDEN = 6, 2e-2, 64, 0.3
LOOKS, STEPS, OUTSIDE = 0.25, 0.25, 0.4
"""Shares of the field's weights that are added to the tower's scores, and what is taken from the outside's, on which
both agree too often. Chosen on a part of hwu64's training data."""


def rules_of(tokenizer: Tokenizer, sentences: Sentences, seed: int) -> Rules:
    """What the words of these sentences teach."""
    words = [words_of(encoding)[1] for encoding in tokenizer.encode_batch(list(sentences.texts))]
    tags = tags_of(sentences.kinds)
    seen = [
        looks([text[start:end] for start, end in spans])
        for text, spans in zip(sentences.texts, words, strict=True)
    ]
    truth = [tagged(spans, marked, tags) for spans, marked in zip(words, sentences.entities, strict=True)]
    return fit_rules(seen, truth, len(tags), seed)


def fit_rules(
    seen: Sequence[npt.NDArray[np.int64]], tags: Sequence[Sequence[int]], count: int, seed: int
) -> Rules:
    """The field's weights, as they are added to the tower's scores.

    Args:
        seen: each sentence's looks (words, looks a word).
        tags: each sentence's tags' numbers.
        count: of all tags; 0 is the outside.
        seed: of the order and of what is hidden.
    """
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    field = _Field(count)
    optimizer = torch.optim.Adam(field.parameters(), lr=RATE)
    rows = [i for i, words in enumerate(seen) if len(words)]
    total, done = EPOCHS * math.ceil(len(rows) / BATCH), 0
    for _ in range(EPOCHS):
        for batch in _batches([len(seen[i]) for i in rows]):
            chosen = [rows[i] for i in batch]
            loss = field.loss(
                [torch.tensor(seen[i]) for i in chosen], [torch.tensor(tags[i]) for i in chosen]
            )
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch's own
            for group in optimizer.param_groups:
                group["lr"] = RATE * (1 - done / total)
            optimizer.step()
            done += 1
    with torch.no_grad():
        added, first, step = LOOKS * field.looks, STEPS * field.first, STEPS * field.step
        added[:, 0] -= OUTSIDE / PIECES  # a word has so many looks
    return added.numpy(), first.numpy(), step.numpy()


class _Field(nn.Module):
    def __init__(self, tags: int) -> None:
        super().__init__()
        self.looks = nn.Parameter(torch.zeros(BUCKETS, tags))
        self.first = nn.Parameter(torch.zeros(tags))
        self.step = nn.Parameter(torch.zeros(tags, tags))

    def loss(self, seen: Sequence[Tensor], tags: Sequence[Tensor]) -> Tensor:
        """How unlikely these tags are, a word."""
        lengths = torch.tensor([len(words) for words in seen])
        present = torch.arange(int(lengths.max())) < lengths[:, None]
        joined = torch.cat(list(seen))
        shown = (torch.rand(joined.shape) >= HIDDEN) / (1 - HIDDEN)
        scores = torch.zeros(*present.shape, len(self.first))
        scores[present] = F.embedding_bag(joined, self.looks, per_sample_weights=shown, mode="sum")
        truth = torch.zeros(present.shape, dtype=torch.long)
        truth[present] = torch.cat(list(tags))
        return (self._all(scores, present) - self._one(scores, present, truth)).sum() / lengths.sum()

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


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Sentences of like lengths, in random order."""
    order = torch.randperm(len(lengths)).tolist()
    pools = (order[start : start + 50 * BATCH] for start in range(0, len(order), 50 * BATCH))
    ordered = [sorted(pool, key=lambda i: lengths[i]) for pool in pools]
    batches = [pool[start : start + BATCH] for pool in ordered for start in range(0, len(pool), BATCH)]
    for number in torch.randperm(len(batches)).tolist():
        yield batches[number]
