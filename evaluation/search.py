"""Search: are the products that people judged right found first? The product's index beside BM25 and plain embeddings.

All products are ranked for every query. Gains are 2^(relevance − 1) − 1, what nobody judged counts as irrelevant;
nDCG@10 over the queries with any gain, recall@100 of the products judged 2.33 or better.
"""

from __future__ import annotations

import gzip
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt
import Stemmer
from rich.progress import Progress
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types

from evaluation.baskets import BenchmarkUnreadable
from models.search import ProductIndex, Query
from models.vocabulary import AttributeValue, Vocabulary
from parley_encoder import Encoder

Judgments = Mapping[str, Mapping[str, float]]
"""For each query the relevance of the judged products, 1 to 3."""

RANKED = 100
RIGHT = 2.33
JUDGED = "judgments.tsv.gz"


@dataclass(frozen=True, slots=True)
class Listed:
    """A product of a benchmark: an id and a title, nothing else is known."""

    sku: str
    name: str
    brand: str = ""
    category: str = ""
    price: Decimal = Decimal(1)
    currency: str = "EUR"
    stock: int = 1
    description: str = ""
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)


def sets(benchmarks: Path) -> list[Path]:
    """Every folder below ``<benchmarks>/search`` that has products."""
    return sorted(path.parent for path in (benchmarks / "search").glob("*/products.tsv.gz"))


def indexed(products: Sequence[Listed], encoder: Path, progress: Progress | None = None) -> ProductIndex:
    """The product's index of these products: built, stored and read again, as the product's processes do."""
    with tempfile.TemporaryDirectory() as folder:
        _built(products, encoder, Path(folder) / "index", progress)
        # What is mapped into memory outlives the files' names.
        return ProductIndex.load(Path(folder) / "index", Encoder.load(encoder), Vocabulary({}))


def evaluate_set(
    index: ProductIndex,
    products: Sequence[Listed],
    judgments: Judgments,
    encoder: Path,
    progress: Progress | None = None,
) -> dict[str, float]:
    """One set's figures, ours and the peers'; the milliseconds are of one search on one thread, encoding included."""
    milliseconds: list[float] = []

    def ours(text: str) -> list[str]:
        began = time.perf_counter()
        hits = index.search(Query(text=text), limit=RANKED)
        milliseconds.append((time.perf_counter() - began) * 1000)
        return [hit.sku for hit in hits]

    ours("the first search reads the files")
    milliseconds.clear()
    with threadpool_limits(limits=1):
        figures = _figures(judgments, ours, progress, "Parley")
        bm25 = _bm25([product.name for product in products], index.skus)
        figures |= _figures(judgments, bm25, progress, "BM25", prefix="bm25_")
        dense = _dense(np.asarray(index.vectors, dtype=np.float32), Encoder.load(encoder), index.skus)
        figures |= _figures(judgments, dense, progress, "embeddings", prefix="dense_")
    if milliseconds:
        figures["ms_p50"] = round(float(np.percentile(milliseconds, 50)), 2)
        figures["ms_p95"] = round(float(np.percentile(milliseconds, 95)), 2)
    return figures


def _built(products: Sequence[Listed], encoder: Path, folder: Path, progress: Progress | None) -> None:
    task = progress.add_task("search: titles encoded", total=len(products)) if progress else None
    inner = Encoder.load(encoder, threads=2)

    class Reporting:
        """The encoder, telling how far it is."""

        dimension, fingerprint = inner.dimension, inner.fingerprint

        def encode(self, texts: Sequence[str], *, batch_size: int = 32) -> npt.NDArray[np.float32]:
            def advance(done: int) -> None:
                if progress is not None and task is not None:
                    progress.advance(task, done)

            return inner.encode(texts, batch_size=batch_size, progress=advance)

    ProductIndex.build(products, Reporting(), Vocabulary({})).save(folder)


def _figures(
    judgments: Judgments,
    search: Callable[[str], list[str]],
    progress: Progress | None,
    name: str,
    *,
    prefix: str = "",
) -> dict[str, float]:
    task = progress.add_task(f"search: {name}", total=len(judgments)) if progress else None
    gains, recalls = [], []
    for text, relevance in judgments.items():
        ranked = search(text)
        if (gain := ndcg(ranked, relevance)) is not None:
            gains.append(gain)
        if right := {product for product, value in relevance.items() if value >= RIGHT}:
            recalls.append(len(right & set(ranked[:RANKED])) / len(right))
        if progress is not None and task is not None:
            progress.advance(task)
    means = {f"{prefix}ndcg10": gains, f"{prefix}recall100": recalls}
    return {name: round(float(np.mean(values)), 4) for name, values in means.items() if values}


def ndcg(ranked: Sequence[str], relevance: Mapping[str, float], *, depth: int = 10) -> float | None:
    """Normalised discounted cumulative gain (Järvelin & Kekäläinen, 2002); None for a query without any gain."""
    gain = {product: 2 ** (value - 1) - 1 for product, value in relevance.items()}
    discounts = 1 / np.log2(np.arange(depth) + 2)
    ideal = sorted(gain.values(), reverse=True)[:depth]
    best = float(np.dot(ideal, discounts[: len(ideal)]))
    found = [gain.get(product, 0.0) for product in ranked[:depth]]
    return float(np.dot(found, discounts[: len(found)])) / best if best > 0 else None


def _bm25(titles: Sequence[str], skus: Sequence[str]) -> Callable[[str], list[str]]:
    stemmer = Stemmer.Stemmer("english")
    index = bm25s.BM25()
    index.index(
        bm25s.tokenize(list(titles), stopwords="en", stemmer=stemmer, show_progress=False),
        show_progress=False,
    )

    def search(text: str) -> list[str]:
        tokens = bm25s.tokenize(
            [text], stopwords="en", stemmer=stemmer, show_progress=False, return_ids=False
        )
        return _top(index.get_scores(tokens[0]), skus) if tokens[0] else []

    return search


def _dense(
    vectors: npt.NDArray[np.float32], encoder: Encoder, skus: Sequence[str]
) -> Callable[[str], list[str]]:
    return lambda text: _top(vectors @ encoder.encode([text])[0], skus)


def _top(scores: npt.NDArray[np.float32], skus: Sequence[str]) -> list[str]:
    best = np.argpartition(-scores, RANKED)[:RANKED] if len(scores) > RANKED else np.arange(len(scores))
    return [skus[row] for row in best[np.lexsort((best, -scores[best]))]]


def read_products(path: Path) -> list[Listed]:
    """Lines of an id and a title. Raises BenchmarkUnreadable."""
    return [Listed(sku, title) for sku, title in _lines(path, columns=2)]


def read_judgments(path: Path) -> dict[str, dict[str, float]]:
    """Lines of a query, a product's id and its relevance. Raises BenchmarkUnreadable."""
    judgments: dict[str, dict[str, float]] = {}
    for number, (text, sku, value) in enumerate(_lines(path, columns=3), start=1):
        try:
            judgments.setdefault(text, {})[sku] = float(value)
        except ValueError as exc:
            raise BenchmarkUnreadable(f"{path}, line {number}: relevance {value!r} is no number") from exc
    return judgments


def _lines(path: Path, *, columns: int) -> list[list[str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as stream:
        rows = [line.rstrip("\r\n").split("\t") for line in stream]
    for number, row in enumerate(rows, start=1):
        if len(row) != columns:
            raise BenchmarkUnreadable(f"{path}, line {number}: has {len(row)} columns, not {columns}")
    return rows
