"""Encoding: titles a second on two cores, ours beside sentence-transformers on PyTorch with the same weights."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.progress import Progress

from models.encoder_export.weights import installed_source
from parley_encoder import Encoder

Vectors = npt.NDArray[np.float32]

THREADS = 2
ROUNDS = 3


def evaluate(titles: Sequence[str], encoder: Path, progress: Progress | None = None) -> dict[str, float]:
    """Both encode the same titles in turns; the best of some rounds counts for each."""
    task = progress.add_task("encode: rounds", total=2 * ROUNDS) if progress else None

    def advance() -> None:
        if progress is not None and task is not None:
            progress.advance(task)

    ours = Encoder.load(encoder, threads=THREADS)
    theirs = _sentence_transformers()
    texts = list(titles)
    for encode in (ours.encode, theirs):
        encode(texts[:64])
    own_seconds, torch_seconds = [], []
    for _ in range(ROUNDS):
        own_time, own = _timed(ours.encode, texts)
        advance()
        torch_time, expected = _timed(theirs, texts)
        advance()
        own_seconds.append(own_time)
        torch_seconds.append(torch_time)
    return {
        "titles_per_second": round(len(texts) / min(own_seconds), 1),
        "torch_titles_per_second": round(len(texts) / min(torch_seconds), 1),
        "cosine_mean": round(float((own * expected).sum(axis=1).mean()), 4),
    }


def _sentence_transformers() -> Callable[[list[str]], Vectors]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries that only this comparison imports
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(THREADS)
        model = SentenceTransformer(str(installed_source().folder), device="cpu")

    def encode(texts: list[str]) -> Vectors:
        vectors: Vectors = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
        return vectors

    return encode


def _timed(encode: Callable[[list[str]], Vectors], texts: list[str]) -> tuple[float, Vectors]:
    began = time.perf_counter()
    vectors = encode(texts)
    return time.perf_counter() - began, vectors
