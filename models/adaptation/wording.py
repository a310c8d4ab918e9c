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

from models.adaptation.chain import Chain
from models.adaptation.sentences import Sentences
from models.adaptation.tagging import tagged, tags_of
from parley_encoder.adapted import words_of
from parley_encoder.lexical import BUCKETS, PIECES, looks

Floats = npt.NDArray[np.float32]
Rules = tuple[Floats, Floats, Floats]
"""What each look adds (BUCKETS, tags); what the first word's tag adds (tags,); what a tag adds after another (tags,
tags)."""

EPOCHS, RATE, BATCH, HIDDEN = 6, 2e-2, 64, 0.3
LOOKS, STEPS, OUTSIDE = 0.4, 0.4, 0.34
"""Shares of the field's weights that are added to the tower's scores, and what is taken from the outside's, times the
logarithm of how many tags there are: both agree on the outside too often where many share what speaks against it.
Chosen on a part of hwu64's training data."""


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
        added, first, step = LOOKS * field.looks, STEPS * field.chain.first, STEPS * field.chain.step
        added[:, 0] -= OUTSIDE * math.log(count) / PIECES  # a word has so many looks
    return added.numpy(), first.numpy(), step.numpy()


class _Field(nn.Module):
    def __init__(self, tags: int) -> None:
        super().__init__()
        self.looks = nn.Parameter(torch.zeros(BUCKETS, tags))
        self.chain = Chain(tags)

    def loss(self, seen: Sequence[Tensor], tags: Sequence[Tensor]) -> Tensor:
        """How unlikely these tags are, a word."""
        joined = torch.cat(list(seen))
        shown = (torch.rand(joined.shape) >= HIDDEN) / (1 - HIDDEN)
        scores = F.embedding_bag(joined, self.looks, per_sample_weights=shown, mode="sum")
        return self.chain.loss(scores, torch.cat(list(tags)), torch.tensor([len(words) for words in seen]))


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Sentences of like lengths, in random order."""
    order = torch.randperm(len(lengths)).tolist()
    pools = (order[start : start + 50 * BATCH] for start in range(0, len(order), 50 * BATCH))
    ordered = [sorted(pool, key=lambda i: lengths[i]) for pool in pools]
    batches = [pool[start : start + BATCH] for pool in ordered for start in range(0, len(pool), BATCH)]
    for number in torch.randperm(len(batches)).tolist():
        yield batches[number]
