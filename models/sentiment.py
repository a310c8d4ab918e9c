"""How a customer sounds: a linear head on the sentence vector, three classes, calibrated.

``train`` learns it; ``SentimentHead.load`` reads what ``save`` wrote. The bot reads the same two files by itself:
a softmax over ``vector @ weights + bias``, divided by the manifest's temperature.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from models.files import folder_swapped_in, sha256_of
from models.search.dense import TextEncoder, Vectors

LABELS = ("negative", "neutral", "positive")
FORMAT = 1
HEAD_NAME, MANIFEST_NAME = "head.safetensors", "manifest.json"
FEWEST = 20
"""Examples that each class needs at least."""


class SentimentError(Exception):
    """The training data or the stored head can't be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Sentiment:
    """``score`` is p(positive) - p(negative), in [-1, 1]."""

    label: str
    score: float


@dataclass(frozen=True)
class SentimentHead:
    """Weights (dimension, 3) and bias (3,) in the order of LABELS; ``facts`` is what the manifest tells beside them."""

    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    temperature: float
    encoder: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def probabilities(self, vectors: Vectors) -> npt.NDArray[np.float64]:
        """Calibrated probabilities, shape (n, 3), of unit vectors of shape (n, dimension)."""
        return softmax((vectors @ self.weights + self.bias).astype(np.float64) / self.temperature)

    def read(self, vectors: Vectors) -> list[Sentiment]:
        """Label and score of each vector."""
        rows = self.probabilities(vectors)
        return [Sentiment(LABELS[int(row.argmax())], round(float(row[2] - row[0]), 4)) for row in rows]

    def save(self, folder: Path) -> None:
        """Store head and manifest; what ``folder`` held is replaced in one step."""
        with folder_swapped_in(folder) as unfinished:
            save_file({"weights": self.weights, "bias": self.bias}, unfinished / HEAD_NAME)
            manifest = {
                "format": FORMAT,
                "labels": list(LABELS),
                "temperature": self.temperature,
                "encoder": self.encoder,
                "head_sha256": sha256_of(unfinished / HEAD_NAME),
                **self.facts,
            }
            text = json.dumps(manifest, indent=2, sort_keys=True) + "\n"
            (unfinished / MANIFEST_NAME).write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, encoder: TextEncoder) -> SentimentHead:
        """Read a stored head. Raises SentimentError when it is missing, damaged or made for another encoder."""
        remedy = "Train it anew with `python -m models.train_sentiment`."
        try:
            manifest = json.loads((folder / MANIFEST_NAME).read_text(encoding="utf-8"))
            intact = sha256_of(folder / HEAD_NAME) == manifest["head_sha256"] and manifest["format"] == FORMAT
            tensors = load_file(folder / HEAD_NAME) if intact else {}
            made_with, temperature = manifest["encoder"], float(manifest["temperature"])
        except FileNotFoundError as exc:
            raise SentimentError(f"{folder} holds no sentiment head. {remedy}") from exc
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as exc:
            raise SentimentError(f"The sentiment head in {folder} is damaged ({exc}). {remedy}") from exc
        if not intact:
            raise SentimentError(f"The sentiment head in {folder} differs from its manifest. {remedy}")
        if made_with != encoder.fingerprint:
            raise SentimentError(f"The sentiment head in {folder} was trained with another encoder. {remedy}")
        return cls(tensors["weights"], tensors["bias"], temperature, made_with, manifest)


@dataclass(frozen=True, slots=True)
class Examples:
    """Labelled texts with the SHA-256 of the files they came from."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    sha256: str

    @property
    def counts(self) -> dict[str, int]:
        counted = Counter(self.labels)
        return {label: counted[label] for label in LABELS}


def read_examples(folder: Path) -> Examples:
    """Read every ``*.tsv`` of ``folder``: a header ``label<TAB>text``, then one example a line.

    Raises SentimentError with file, line and fix.
    """
    paths = sorted(folder.glob("*.tsv"))
    if not paths:
        raise SentimentError(
            f"{folder} holds no .tsv file; each has the columns label and text, separated by a tab."
        )
    digest = hashlib.sha256()
    labelled: dict[str, str] = {}
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
        for text, label in _lines(path):
            if labelled.setdefault(text, label) != label:
                raise SentimentError(
                    f"{path}: {text!r} is {label} here and {labelled[text]} elsewhere; keep one."
                )
    examples = Examples(tuple(labelled), tuple(labelled.values()), digest.hexdigest())
    for label, count in examples.counts.items():
        if count < FEWEST:
            raise SentimentError(f"{folder}: only {count} {label} examples; write {FEWEST} or more.")
    return examples


def _lines(path: Path) -> list[tuple[str, str]]:
    try:
        header, *lines = path.read_text(encoding="utf-8").splitlines()
    except (UnicodeDecodeError, ValueError) as exc:
        raise SentimentError(f"{path} is empty or not UTF-8 text; write it anew as UTF-8.") from exc
    if header.split("\t") != ["label", "text"]:
        raise SentimentError(f"{path}:1: the header is {header!r}; it must be label<TAB>text.")
    found = []
    for number, line in enumerate(lines, start=2):
        label, tab, text = line.partition("\t")
        if not line.strip():
            continue
        if not tab or not text.strip() or label not in LABELS:
            raise SentimentError(
                f"{path}:{number}: {line!r}; write one of {', '.join(LABELS)}, a tab, and the text."
            )
        found.append((text.strip(), label))
    return found


def softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Row-wise softmax."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: npt.NDArray[np.float64] = shifted / shifted.sum(axis=-1, keepdims=True)
    return probabilities


def expected_calibration_error(
    probabilities: npt.NDArray[np.float64], truth: Sequence[int] | npt.NDArray[np.int64], *, bins: int = 15
) -> float:
    """Mean gap between confidence and accuracy over equal-width bins (Guo et al., 2017)."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == np.asarray(truth)
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(confidence[which == b].mean() - right[which == b].mean()) * (which == b).mean()
        for b in set(which)
    ]
    return float(sum(gaps))
