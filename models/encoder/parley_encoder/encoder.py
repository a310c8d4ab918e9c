"""Sentences to unit vectors with ONNX Runtime: no PyTorch, no TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from parley_encoder.ahead import Ahead
from parley_encoder.errors import ArtifactCorrupt
from parley_encoder.manifest import MODEL_NAME, TOKENIZER_NAME, Manifest, read_manifest

Vectors = npt.NDArray[np.float32]

_REMEMBERED = 256
_CHUNK = 4096
_BATCH = 32


class Encoder:
    """all-MiniLM-L6-v2 behind one method. Safe to call from several threads at once."""

    def __init__(
        self, session: onnxruntime.InferenceSession, tokenizer: Tokenizer, manifest: Manifest, *, threads: int
    ) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._threads = threads
        self._readings = Ahead(self._read, remembered=_REMEMBERED)
        self._widths = {output.name: output.shape[-1] for output in session.get_outputs()}
        self.manifest = manifest

    @classmethod
    def load(cls, folder: Path | str, *, threads: int = 1) -> Encoder:
        """Load and verify the encoder in ``folder``; about 0.2 s and 60 MB.

        ``threads`` bounds the cores that one call may use. Raises ArtifactMissing or ArtifactCorrupt.
        """
        return cls(*opened(Path(folder), threads), threads=threads)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self.manifest.dimension

    @property
    def fingerprint(self) -> str:
        """Identifies the weights, the tokenizer and the truncation; vectors of another one don't compare."""
        return self.manifest.fingerprint

    def knows(self, word: str) -> bool:
        """True for a word that the tokenizer has whole: good English, however rare in a catalogue."""
        return word.isalpha() and self._tokenizer.token_to_id(word) is not None

    def encode(
        self,
        texts: Sequence[str],
        *,
        batch_size: int = 32,
        progress: Callable[[int], None] | None = None,
    ) -> Vectors:
        """Encode ``texts`` to float32 of shape (n, dimension), each row of unit length.

        A text gets the same vector whatever it is batched with. Texts beyond ``manifest.max_tokens`` tokens are cut.
        ``progress`` is called with the number of texts done since its last call. Raises TypeError for what isn't text.
        """
        if isinstance(texts, str):
            raise TypeError("encode() takes a sequence of texts; wrap a single text in a list")
        if batch_size < 1:
            raise ValueError(f"batch_size must be 1 or more, not {batch_size}")
        if len(texts) == 1:
            vectors = self._readings(texts[0])[0][np.newaxis].copy()
            if progress is not None:
                progress(1)
            return vectors
        result = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), _CHUNK):
            chunk = texts[start : start + _CHUNK]
            self._encode_chunk(chunk, result[start : start + len(chunk)], batch_size, progress)
        return result

    def middle(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Vectors:
        """What the middle layers know of each text: float32 (n, layers × dimension), unit vectors side by side.

        Of tone there is more in them than in the vectors of :meth:`encode`. For one text that was encoded just before
        it costs nothing.
        """
        if len(texts) == 1:
            return self._readings(texts[0])[1][np.newaxis].copy()
        result = np.empty((len(texts), self._widths["middle"]), dtype=np.float32)
        for start in range(0, len(texts), _CHUNK):
            chunk = texts[start : start + _CHUNK]
            self._encode_chunk(chunk, result[start : start + len(chunk)], _BATCH, progress, output="middle")
        return result

    def _read(self, text: str) -> tuple[Vectors, Vectors]:
        vectors, middle = self._run([self._tokenizer.encode(cleaned(text)).ids], "vectors", "middle")
        return vectors[0], middle[0]

    def _encode_chunk(
        self,
        texts: Sequence[str],
        out: Vectors,
        batch_size: int,
        progress: Callable[[int], None] | None,
        *,
        output: str = "vectors",
    ) -> None:
        ids = self._token_ids([cleaned(text) for text in texts])
        by_length = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        for start in range(0, len(ids), batch_size):
            rows = by_length[start : start + batch_size]
            out[rows] = self._run([ids[i] for i in rows], output)[0]
            if progress is not None:
                progress(len(rows))

    def _token_ids(self, texts: list[str]) -> list[list[int]]:
        if self._threads == 1:
            return [self._tokenizer.encode(text).ids for text in texts]
        return [encoding.ids for encoding in self._tokenizer.encode_batch(texts)]

    def _run(self, ids: Sequence[Sequence[int]], *outputs: str) -> list[Vectors]:
        found: list[Vectors] = self._session.run(list(outputs), token_arrays(ids))
        return found


def opened(folder: Path, threads: int) -> tuple[onnxruntime.InferenceSession, Tokenizer, Manifest]:
    """The verified files of a folder, ready to run. Raises ArtifactMissing or ArtifactCorrupt."""
    if threads < 1:
        raise ValueError(f"threads must be 1 or more, not {threads}")
    manifest = read_manifest(folder)
    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_NAME))
        session = onnxruntime.InferenceSession(
            str(folder / MODEL_NAME), _session_options(threads), providers=["CPUExecutionProvider"]
        )
    except Exception as exc:  # both libraries raise bare Exception subclasses of their own
        raise ArtifactCorrupt(folder, f"can't be loaded ({exc})") from exc
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=manifest.max_tokens)
    return session, tokenizer, manifest


def token_arrays(ids: Sequence[Sequence[int]]) -> dict[str, npt.NDArray[np.int32]]:
    """The graph's inputs: token ids padded to the longest row, and where there is a token."""
    width = max(len(row) for row in ids)
    tokens = np.zeros((len(ids), width), dtype=np.int32)
    mask = np.zeros((len(ids), width), dtype=np.int32)
    for i, row in enumerate(ids):
        tokens[i, : len(row)] = row
        mask[i, : len(row)] = 1
    return {"input_ids": tokens, "attention_mask": mask}


def cleaned(text: str) -> str:
    """Text that the tokenizer accepts: lone surrogates, which a broken client may send, become question marks."""
    if not isinstance(text, str):
        raise TypeError(f"encode() takes texts, not {type(text).__name__}")
    return text.encode("utf-8", "replace").decode("utf-8")


def _session_options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    # The graph is written in fused operators; the extended level would fuse its layer norms into a slower kernel.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    # Lengths differ from call to call: a remembered allocation plan per length would only grow.
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    return options
