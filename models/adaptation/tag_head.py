"""The tag head that serves: fitted on what the exported graph says of the training words.

The towers' heads were learned on unquantised states of towers that were averaged since. This one starts at their mean
and learns on the states of the graph that will serve. It must not trust them too much, since the tower has seen these
sentences: half of the numbers are hidden from it at each step. What words look like is learned apart from it
(`wording.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

from models.adaptation.sentences import Sentences
from models.adaptation.tagging import tagged, tags_of
from parley_encoder.adapted import words_of
from parley_encoder.encoder import token_arrays

Floats = npt.NDArray[np.float32]
Head = tuple[Floats, Floats]
"""Weight (tags, 2 × hidden) and bias (tags,) for states."""

STATES = "tags.states"
EPOCHS, RATE, BATCH = 3, 2e-3, 256
HIDDEN, SMOOTHING = 0.5, 0.05
_READ = 32


def fit_tag_head(
    model: onnx.ModelProto,
    tokenizer: Tokenizer,
    sentences: Sentences,
    begin: Head,
    seed: int,
) -> Head:
    """The head for this graph's states, begun at weight and bias `begin`."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    states, truth = _words(model, tokenizer, sentences)
    weight, bias = (nn.Parameter(torch.tensor(value)) for value in begin)
    optimizer = torch.optim.Adam([weight, bias], lr=RATE)
    total, done = EPOCHS * max(len(truth) // BATCH, 1), 0
    for _ in range(EPOCHS):
        for rows in torch.split(torch.randperm(len(truth)), BATCH):
            scores = F.linear(F.dropout(states[rows], HIDDEN), weight, bias)
            loss = F.cross_entropy(scores, truth[rows], label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch's own
            for group in optimizer.param_groups:
                group["lr"] = RATE * max(1 - done / total, 0.0)
            optimizer.step()
            done += 1
    return weight.detach().numpy(), bias.detach().numpy()


def _words(model: onnx.ModelProto, tokenizer: Tokenizer, sentences: Sentences) -> tuple[Tensor, Tensor]:
    """Of every training word: the graph's states and its tag."""
    encodings = tokenizer.encode_batch(list(sentences.texts))
    words = [words_of(encoding) for encoding in encodings]
    tags = tags_of(sentences.kinds)
    states = _states(model, [encoding.ids for encoding in encodings], [first for first, _ in words])
    truth = [
        tag
        for (_, spans), marked in zip(words, sentences.entities, strict=True)
        for tag in tagged(spans, marked, tags)
    ]
    return torch.tensor(np.concatenate(states)), torch.tensor(truth)


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
