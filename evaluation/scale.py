"""Scale: a million vectors in the product's index class, served by a process of its own.

    python -m evaluation.scale FOLDER QUERIES

The vectors are a set's title embeddings again and again, each time with other noise, so that they crowd as a real
catalogue's do. The parent generates and indexes them and knows the exact answers; the process that is measured loads
what was stored, as the product's processes do.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil
from rich.progress import Progress
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types

from models.search.dense import DenseIndex

Vectors = npt.NDArray[np.float32]

VECTORS = 1_000_000
QUERIES = 500
NEAREST = 10
NOISE = 0.5
"""Length of the noise beside the unit vector that it is added to."""
_CHUNK = 50_000


def evaluate(
    titles: Vectors, queries: Vectors, progress: Progress | None = None, *, count: int = VECTORS
) -> dict[str, float]:
    """Recall@10 against exact search, p95 and the serving process's memory, for ``count`` vectors."""
    queries = queries[:QUERIES]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(titles, count, folder / "vectors.npy", progress)
        vectors = np.load(folder / "vectors.npy", mmap_mode="r")
        exact = _exact(vectors, queries, progress)
        index = DenseIndex.of(vectors)
        (folder / "index").mkdir()
        index.save(folder / "index")
        del index
        np.save(folder / "queries.npy", queries)
        command = [
            sys.executable,
            "-m",
            "evaluation.scale",
            str(folder / "index"),
            str(folder / "queries.npy"),
        ]
        served = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)  # noqa: S603  # ours
    right = [
        len(set(found) & set(wanted)) for found, wanted in zip(served["rows"], exact.tolist(), strict=True)
    ]
    return {
        "vectors": count,
        "recall10": round(float(np.mean(right)) / NEAREST, 4),
        "ms_p95": round(float(np.percentile(served["milliseconds"], 95)), 2),
        "resident_mib": round(float(served["resident_mib"]), 1),
    }


def generate(titles: Vectors, count: int, path: Path, progress: Progress | None = None) -> None:
    """Write ``count`` unit vectors to an .npy file: the titles' in turn, each with noise of length ``NOISE``."""
    random = np.random.default_rng(20_240)
    task = progress.add_task("scale: vectors", total=count) if progress else None
    dimension = titles.shape[1]
    out = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(count, dimension))
    for start in range(0, count, _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, count))
        noise = random.standard_normal((len(rows), dimension), dtype=np.float32)
        noise *= NOISE / np.sqrt(dimension)
        made = titles[rows % len(titles)] + noise
        out[rows] = made / np.linalg.norm(made, axis=1, keepdims=True)
        if progress is not None and task is not None:
            progress.advance(task, len(rows))
    out.flush()


def _exact(vectors: Vectors, queries: Vectors, progress: Progress | None) -> npt.NDArray[np.int64]:
    task = progress.add_task("scale: exact answers", total=len(vectors)) if progress else None
    best = np.full((len(queries), NEAREST), -np.inf, dtype=np.float32)
    rows = np.full((len(queries), NEAREST), -1, dtype=np.int64)
    for start in range(0, len(vectors), _CHUNK):
        cosines = queries @ np.asarray(vectors[start : start + _CHUNK]).T
        top = np.argpartition(-cosines, NEAREST, axis=1)[:, :NEAREST]
        best = np.hstack([best, np.take_along_axis(cosines, top, axis=1)])
        rows = np.hstack([rows, top + start])
        kept = np.argsort(-best, axis=1)[:, :NEAREST]
        best, rows = np.take_along_axis(best, kept, axis=1), np.take_along_axis(rows, kept, axis=1)
        if progress is not None and task is not None:
            progress.advance(task, _CHUNK)
    return rows


def serve(folder: Path, queries: Vectors) -> dict[str, object]:
    """Load the index and answer one query after the other on one thread."""
    index = DenseIndex.load(folder)
    rows, milliseconds = [], []
    with threadpool_limits(limits=1):
        for query in queries[:20]:
            index.nearest(query, NEAREST)
        for query in queries:
            began = time.perf_counter()
            found, _ = index.nearest(query, NEAREST)
            milliseconds.append((time.perf_counter() - began) * 1000)
            rows.append(found.tolist())
    resident = psutil.Process().memory_info().rss / 2**20
    return {"rows": rows, "milliseconds": milliseconds, "resident_mib": resident}


def main() -> None:
    """The process that is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("queries", type=Path)
    wanted = parser.parse_args()
    print(json.dumps(serve(wanted.folder, np.load(wanted.queries))))


if __name__ == "__main__":
    main()
