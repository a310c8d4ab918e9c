"""The sentences that sentiment is learned from, and how a head is stored; `parley_encoder.sentiment` reads it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

from models.files import folder_swapped_in, sha256_of
from parley_encoder.sentiment import FORMAT, HEAD_NAME, LABELS, MANIFEST_NAME, TERMS_NAME, SentimentHead

FEWEST = 20
"""Examples that each class needs at least."""


class SentimentError(Exception):
    """The training data can't be used; the message says why and what to do."""


def save(head: SentimentHead, folder: Path) -> None:
    """Store head, terms and manifest; what ``folder`` held is replaced in one step."""
    with folder_swapped_in(folder) as unfinished:
        tensors = {
            "weights": head.weights,
            "term_weights": head.term_weights,
            "bias": head.bias,
            "rarity": head.terms.rarity,
        }
        save_file(tensors, unfinished / HEAD_NAME)
        (unfinished / TERMS_NAME).write_text(
            json.dumps(list(head.terms.rows), ensure_ascii=False), encoding="utf-8"
        )
        manifest = {
            "format": FORMAT,
            "labels": list(LABELS),
            "temperature": head.temperature,
            "encoder": head.encoder,
            "files": {name: sha256_of(unfinished / name) for name in (HEAD_NAME, TERMS_NAME)},
            **head.facts,
        }
        text = json.dumps(manifest, indent=2, sort_keys=True) + "\n"
        (unfinished / MANIFEST_NAME).write_text(text, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Examples:
    """Labelled texts with the SHA-256 of the files they came from."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    files: tuple[str, ...]
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
    files: list[str] = []
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
        for text, label in _lines(path):
            if text not in labelled:
                files.append(path.stem)
            if labelled.setdefault(text, label) != label:
                raise SentimentError(
                    f"{path}: {text!r} is {label} here and {labelled[text]} elsewhere; keep one."
                )
    examples = Examples(tuple(labelled), tuple(labelled.values()), tuple(files), digest.hexdigest())
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
