"""The encoder with a second tower that was trained on a bot's sentences: one pass, two vectors, and tags for the words.

What is compared with other texts uses `shared`, which is what :class:`Encoder` gives; `adapted` tells the bot's intents
apart and is no measure of meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Encoding, Tokenizer

from parley_encoder.ahead import Ahead
from parley_encoder.encoder import Vectors, cleaned, opened, token_arrays
from parley_encoder.manifest import Manifest

_REMEMBERED = 64
_CHUNK = 4096
_BATCH = 32


@dataclass(frozen=True)
class Reading:
    """Of one text: unit vectors (hidden,), what the published middle layers know (layers × hidden,), its words as
    characters from and to (exclusive), and a score for each word and tag (words, tags), without columns where no tags
    were learned."""

    shared: Vectors
    adapted: Vectors
    middle: Vectors
    words: tuple[tuple[int, int], ...]
    scores: Vectors


class AdaptedEncoder:
    """Both towers behind two methods. Safe to call from several threads at once."""

    def __init__(
        self, session: onnxruntime.InferenceSession, tokenizer: Tokenizer, manifest: Manifest
    ) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._names = [output.name for output in session.get_outputs()]
        self._readings = Ahead(self._run, remembered=_REMEMBERED)
        self.manifest = manifest

    @classmethod
    def load(cls, folder: Path | str, *, threads: int = 1) -> AdaptedEncoder:
        """Load and verify what lies in ``folder``. Raises ArtifactMissing or ArtifactCorrupt."""
        return cls(*opened(Path(folder), threads))

    @property
    def fingerprint(self) -> str:
        """Identifies everything that decides a reading."""
        return self.manifest.fingerprint

    def begin(self, text: str) -> None:
        """Start reading a text in another thread; who reads it next waits for what is left of it."""
        self._readings.begin(text)

    def read(self, text: str) -> Reading:
        """Everything about one text; the last few are remembered, so that each component may ask."""
        return self._readings(text)

    def _run(self, text: str) -> Reading:
        encoding = self._tokenizer.encode(cleaned(text))
        found = dict(zip(self._names, self._session.run(None, token_arrays([encoding.ids])), strict=True))
        first, words = words_of(encoding)
        tags = found["tags"][0][first] if "tags" in found else np.empty((len(words), 0), np.float32)
        return Reading(found["vectors"][0], found["adapted"][0], found["middle"][0], words, tags)

    def encode(self, texts: Sequence[str]) -> tuple[Vectors, Vectors]:
        """The shared and the adapted vectors of texts, each float32 (n, dimension)."""
        shared = np.empty((len(texts), self.manifest.dimension), np.float32)
        adapted = np.empty_like(shared)
        for start in range(0, len(texts), _CHUNK):
            ids = [self._tokenizer.encode(cleaned(text)).ids for text in texts[start : start + _CHUNK]]
            by_length = sorted(range(len(ids)), key=lambda i: len(ids[i]))
            for first in range(0, len(ids), _BATCH):
                rows = np.array(by_length[first : first + _BATCH])
                arrays = token_arrays([ids[i] for i in rows])
                shared[start + rows], adapted[start + rows] = self._session.run(
                    ["vectors", "adapted"], arrays
                )
        return shared, adapted


def words_of(encoding: Encoding) -> tuple[list[int], tuple[tuple[int, int], ...]]:
    """Where each word begins among the tokens, and its characters from and to. Punctuation is a word of its own."""
    first: list[int] = []
    spans: list[tuple[int, int]] = []
    last = None
    for position, (word, (start, end)) in enumerate(zip(encoding.word_ids, encoding.offsets, strict=True)):
        if word is None:
            continue
        if word == last:
            spans[-1] = (spans[-1][0], end)
        else:
            first.append(position)
            spans.append((start, end))
        last = word
    return first, tuple(spans)
