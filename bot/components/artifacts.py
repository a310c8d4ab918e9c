"""Where the built models lie.

`PARLEY_ARTIFACTS` names the folder; without it the repository's own `models/artifacts` is used, so that `rasa
train` and `rasa data validate` work from `bot/` without any setting.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from parley_encoder import AdaptedEncoder, Encoder

DEFAULT_ARTIFACTS = Path(__file__).resolve().parents[2] / "models" / "artifacts"
DEFAULT_GAZETTEER = Path(__file__).resolve().parents[2] / "var" / "gazetteer.json"
_adapted: dict[str, Adapted] = {}
"""By the value of PARLEY_ARTIFACTS."""


def artifacts() -> Path:
    """The folder of the built models."""
    return Path(os.environ.get("PARLEY_ARTIFACTS") or DEFAULT_ARTIFACTS)


def gazetteer_path() -> Path:
    """The file that names what the catalogue holds (`PARLEY_GAZETTEER`)."""
    return Path(os.environ.get("PARLEY_GAZETTEER") or DEFAULT_GAZETTEER)


@functools.lru_cache(maxsize=4)
def _load(folder: Path) -> Encoder:
    from parley_encoder import Encoder

    return Encoder.load(folder, threads=1)


def encoder() -> Encoder:
    """The sentence encoder, loaded once per process.

    Raises:
        RuntimeError: the encoder has not been built; the message says how to build it.
    """
    folder = artifacts() / "encoder"
    if not (folder / "manifest.json").exists():
        raise RuntimeError(
            f"no sentence encoder in {folder}: build it with `python -m models.export_encoder --to {folder}`"
        )
    return _load(folder)


@dataclass(frozen=True)
class Adapted:
    """The encoder with a tower for this bot, and what was learned with it.

    `head` (dimension, intents) makes logits of adapted vectors; `held_out` are training sentences, and `said` what a
    tower and its neighbours said of each that hadn't learned from it, as logits, or None by an earlier release; `tags`
    name the columns of a reading's scores, to which `looks` adds what the words look like (buckets, tags), `first` what
    a sentence begins with (tags,), and `step` what follows what (tags, tags).
    """

    encoder: AdaptedEncoder
    intents: tuple[str, ...]
    tags: tuple[str, ...]
    head: np.ndarray
    held_out: tuple[str, ...]
    said: np.ndarray | None
    looks: np.ndarray
    first: np.ndarray
    step: np.ndarray


def adapted() -> Adapted | None:
    """What `python -m models.adapt_encoder` has made of this bot's sentences, loaded once per process; None where it
    wasn't run.
    """
    # Asked several times a message: where it lies is looked up once.
    named = os.environ.get("PARLEY_ARTIFACTS") or ""
    known = _adapted.get(named)
    if known is None:
        folder = artifacts() / "adapted"
        if not (folder / "manifest.json").exists():
            return None
        known = _adapted[named] = _load_adapted(folder)
    return known


def begin_reading(text: str) -> None:
    """Let another core read a message while this one fetches its conversation: `read` then finds it read."""
    learned = adapted()
    if learned is not None:
        learned.encoder.begin(text)


def english_words() -> Callable[[str], bool]:
    """Tells English words from typos: by the encoder's own vocabulary, which holds the common words whole."""
    path = artifacts() / "encoder" / "tokenizer.json"
    return _whole_words(path).__contains__ if path.exists() else lambda word: False


@functools.lru_cache(maxsize=4)
def _whole_words(path: Path) -> frozenset[str]:
    from tokenizers import Tokenizer

    return frozenset(word for word in Tokenizer.from_file(str(path)).get_vocab() if word.isalpha())


def middle_of(text: str) -> np.ndarray:
    """What the encoder's middle layers know of a text; free for one that was just featurized."""
    learned = adapted()
    found: np.ndarray = encoder().middle([text])[0] if learned is None else learned.encoder.read(text).middle
    return found


def _load_adapted(folder: Path) -> Adapted:
    from safetensors.numpy import load_file

    from parley_encoder import AdaptedEncoder

    if not (folder / "learned.json").exists():
        raise RuntimeError(f"{folder} was made by an earlier release: run `make train`")
    encoder = AdaptedEncoder.load(folder, threads=1)
    labels = json.loads((folder / "learned.json").read_text(encoding="utf-8"))
    tensors = load_file(str(folder / "learned.safetensors"))
    names = (tuple(labels[key]) for key in ("intents", "tags", "held_out"))
    intents, tags, held_out = names
    nothing = np.zeros(1, np.float32)
    rules = (tensors.get(name, nothing) for name in ("looks", "first", "step"))
    return Adapted(encoder, intents, tags, tensors["head"], held_out, tensors.get("said"), *rules)
