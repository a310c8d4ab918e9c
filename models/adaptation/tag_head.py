"""The tag head that serves: fitted on what the exported graph says of the training words.

The towers' heads were learned on unquantised states of towers that were averaged since. This one starts at their mean
and learns on the states of the graph that will serve. It must not trust them too much, since the tower has seen these
sentences: half of the numbers are hidden from it at each step. What words look like is learned apart from it
(`wording.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

from models.adaptation.chain import Chain
from models.adaptation.sentences import Sentences
from models.adaptation.tagging import tagged, tags_of
from models.adaptation.training import like_lengths
from parley_encoder.adapted import words_of
from parley_encoder.encoder import token_arrays

Floats = npt.NDArray[np.float32]
STATES = "tags.states"
EPOCHS, RATE, BATCH, HIDDEN = 3, 1e-3, 64, 0.5
_READ = 32


class TagHead(NamedTuple):
    """`weight` (tags, 2 × hidden) and `bias` (tags,) for states; what the `first` tag adds (tags,) and one after
    another, `step` (tags, tags)."""

    weight: Floats
    bias: Floats
    first: Floats
    step: Floats


def fit_tag_head(
    model: onnx.ModelProto,
    tokenizer: Tokenizer,
    sentences: Sentences,
    begin: TagHead,
    seed: int,
) -> TagHead:
    """The head for this graph's states, begun at `begin`."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    states, truth = _words(model, tokenizer, sentences)
    head = _Head(begin)
    optimizer = torch.optim.Adam(head.parameters(), lr=RATE)
    total, done = EPOCHS * math.ceil(len(states) / BATCH), 0
    chance, lengths = np.random.default_rng(seed), np.array([len(words) for words in states])
    for _ in range(EPOCHS):
        for rows in like_lengths(lengths, BATCH, chance):
            loss = head.loss([states[i] for i in rows], [truth[i] for i in rows])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch's own
            for group in optimizer.param_groups:
                group["lr"] = RATE * max(1 - done / total, 0.0)
            optimizer.step()
            done += 1
    return head.learned()


class _Head(nn.Module):
    def __init__(self, begin: TagHead) -> None:
        super().__init__()
        weight, bias, first, step = (nn.Parameter(torch.tensor(value)) for value in begin)
        self.weight, self.bias = weight, bias
        self.chain = Chain(len(bias))
        self.chain.first, self.chain.step = first, step

    def loss(self, states: Sequence[Tensor], tags: Sequence[Tensor]) -> Tensor:
        """How unlikely these tags are, a word."""
        scores = F.linear(F.dropout(torch.cat(list(states)), HIDDEN), self.weight, self.bias)
        return self.chain.loss(scores, torch.cat(list(tags)), torch.tensor([len(words) for words in states]))

    def learned(self) -> TagHead:
        """Arrays."""
        values = (self.weight, self.bias, self.chain.first, self.chain.step)
        return TagHead(*(value.detach().numpy() for value in values))


def _words(
    model: onnx.ModelProto, tokenizer: Tokenizer, sentences: Sentences
) -> tuple[list[Tensor], list[Tensor]]:
    """Of every training sentence that has words: the graph's states for them, and their tags."""
    encodings = tokenizer.encode_batch(list(sentences.texts))
    words = [words_of(encoding) for encoding in encodings]
    tags = tags_of(sentences.kinds)
    states = _states(model, [encoding.ids for encoding in encodings], [first for first, _ in words])
    truth = [tagged(spans, marks, tags) for (_, spans), marks in zip(words, sentences.entities, strict=True)]
    present = [i for i, row in enumerate(truth) if row]
    return [torch.tensor(states[i]) for i in present], [torch.tensor(truth[i]) for i in present]


def _states(
    model: onnx.ModelProto, ids: Sequence[Sequence[int]], words: Sequence[Sequence[int]]
) -> list[Floats]:
    """Of each sentence, the states of its words' first tokens: what the graph's tag head reads."""
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    del shown.graph.output[:]
    shown.graph.output.append(onnx.helper.make_tensor_value_info(STATES, onnx.TensorProto.FLOAT, None))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    session = onnxruntime.InferenceSession(
        shown.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    found: list[Floats] = [np.empty((0, 0), np.float32)] * len(ids)
    for start in range(0, len(order), _READ):
        rows = order[start : start + _READ]
        arrays = token_arrays([ids[i] for i in rows])
        states = session.run([STATES], arrays)[0].reshape(*arrays["input_ids"].shape, -1)
        for state, i in zip(states, rows, strict=True):
            found[i] = state[list(words[i])]
    return found
