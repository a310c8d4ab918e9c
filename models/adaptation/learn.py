"""Trains one of the towers that are averaged, in a process of its own.

    python -m models.adaptation.learn --data data/nlu --part 0 --to part0.safetensors

A tenth of each intent's sentences is kept back, another one by each part: what this tower says of them is what an
honest confidence is learned from. Lines on standard output are `<steps done> <steps in all>`.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F

from models.adaptation import Settings
from models.adaptation.sentences import Marked, Sentences, read_sentences
from models.adaptation.swapping import Swaps
from models.adaptation.tagging import tagged, tags_of
from models.adaptation.tower import WIDTHS, Tower, lower_states, read
from models.adaptation.training import Material, Network, adapt, centres_of
from models.encoder_export.weights import Source, installed_source
from parley_encoder.adapted import words_of
from parley_encoder.neighbours import Neighbours

KEPT_BACK = 10
"""Each part keeps back every tenth sentence of an intent."""
_PROGRESS_EVERY = 10


def kept_back(intents: tuple[str, ...], part: int, *, seed: int) -> npt.NDArray[np.bool_]:
    """Which sentences this part doesn't learn from. An intent with a single sentence keeps it."""
    order = np.random.default_rng(seed).permutation(len(intents))
    count, seen = Counter(intents), Counter[str]()
    found = np.zeros(len(intents), bool)
    for i in order:
        found[i] = seen[intents[i]] % KEPT_BACK == part and count[intents[i]] > part + 1
        seen[intents[i]] += 1
    return found


class Reader:
    """Makes material of sentences: tokenised, tagged, and with the lower layers' states."""

    def __init__(self, sentences: Sentences, source: Source, frozen: int) -> None:
        self._sentences, self._frozen = sentences, frozen
        self._weights, self._architecture = source.weights(), source.architecture()
        self._tokenizer = Tokenizer.from_file(str(source.tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=min(WIDTHS[-1], self._architecture.max_tokens))
        self._tags = tags_of(sentences.kinds)

    def material(self) -> Material:
        """Of all the sentences."""
        names = list(self._sentences.names)
        read = self._read(self._sentences.texts, self._sentences.entities)
        return Material(*read, np.array([names.index(intent) for intent in self._sentences.intents]))

    def renewed(self, material: Material, changed: Mapping[int, tuple[str, tuple[Marked, ...]]]) -> Material:
        """The material with other texts and marks in these rows."""
        if not changed:
            return material
        states, words, tags = list(material.states), list(material.words), list(material.tags)
        texts, marked = zip(*changed.values(), strict=True)
        for row, state, begun, told in zip(changed, *self._read(texts, marked), strict=True):
            states[row], words[row], tags[row] = state, begun, told
        return Material(states, words, tags, material.intents)

    def _read(
        self, texts: Sequence[str], marked: Sequence[Sequence[Marked]]
    ) -> tuple[list[Tensor], list[list[int]], list[list[int]]]:
        encodings = self._tokenizer.encode_batch(list(texts))
        words = [words_of(encoding) for encoding in encodings]
        states = lower_states([e.ids for e in encodings], self._weights, self._architecture, self._frozen)
        tags = [tagged(spans, marks, self._tags) for (_, spans), marks in zip(words, marked, strict=True)]
        return states, [first for first, _ in words], tags


def learned(
    sentences: Sentences, source: Source, settings: Settings, part: int, *, show: bool = True
) -> dict[str, npt.NDArray[np.float32]]:
    """The trained weights under their published names, the heads, and what is said of the sentences kept back."""
    torch.set_num_threads(1)  # the others have the other core, and one thread sums in one order
    every = sentences.with_names()
    reader = Reader(every, source, settings.frozen)
    material = reader.material()
    back = kept_back(sentences.intents, part, seed=settings.seed)
    rows = [i for i in range(len(every.texts)) if i >= len(back) or not back[i]]
    tower = Tower(source.weights(), source.architecture(), settings.frozen)
    centres = centres_of(tower, material, len(sentences.names), rows)
    torch.manual_seed(settings.seed)
    network = Network(tower, centres, len(tags_of(sentences.kinds)), settings.scale)

    def progress(done: int, total: int) -> None:
        if show and (done % _PROGRESS_EVERY == 0 or done == total):
            sys.stdout.write(f"{done} {total}\n")
            sys.stdout.flush()

    swaps = Swaps(every, rows)
    adapt(
        network,
        material,
        rows,
        settings,
        seed=settings.seed + part,
        renewed=lambda chance: reader.renewed(material, swaps.drawn(settings.swapped, chance)),
        progress=progress,
    )
    found = {f"layers.{name}": value for name, value in tower.published().items()}
    found["head"] = F.normalize(network.head.detach(), dim=-1).numpy()
    if network.words is not None:
        found["tags.weight"] = network.words.weight.detach().numpy()
        found["tags.bias"] = network.words.bias.detach().numpy()
        found["tags.first"] = network.chain.first.detach().numpy()
        found["tags.step"] = network.chain.step.detach().numpy()
    return found | _said(network, material, rows, np.flatnonzero(back))


@torch.no_grad()
def _said(
    network: Network, material: Material, learned: Sequence[int], back: npt.NDArray[np.int64]
) -> dict[str, npt.NDArray[np.float32]]:
    """What head and neighbours say of the sentences kept back, having learned from the others only."""
    found = np.zeros((0, len(network.head)), np.float32)  # where too few sentences are there to keep any back
    if len(back):
        known, _ = read(network.tower, [material.states[i] for i in learned])
        vectors, _ = read(network.tower, [material.states[i] for i in back])
        neighbours = Neighbours.of(known, material.intents[list(learned)])
        heard = network.logits(torch.tensor(vectors)).numpy()
        found = heard + neighbours.logits(vectors, heard)
    return {"held.rows": back.astype(np.float32), "held.logits": found}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Trains one of the towers that are averaged.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", type=int, required=True)
    parser.add_argument("--to", type=Path, required=True)
    options = parser.parse_args()
    sentences = read_sentences(options.data)
    save_file(learned(sentences, installed_source(), Settings(), options.part), options.to)


if __name__ == "__main__":
    main()
