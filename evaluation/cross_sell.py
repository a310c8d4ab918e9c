"""Cross-sell: which item was taken out of a basket? The product's model beside its peers, in one run.

Each item of a test basket of 3–40 known items is removed in
turn and must be found among all items outside the basket; each basket weighs the same, ties count for the item sought.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.progress import Progress
from scipy import sparse  # type: ignore[import-untyped]  # scipy ships no types

from evaluation.baskets import Invoices, read_invoices
from models.recommend.cross_sell import CrossSell
from models.search.dense import TextEncoder

Floats = npt.NDArray[np.float32]
Contributions = Callable[[npt.NDArray[np.int64]], Floats]
"""From the rows of a basket's items to what each adds to every item's score, of shape (basket, items)."""

FEWEST, MOST, LARGEST_TRAINING = 3, 40, 60
TOP = 10


def evaluate(
    benchmarks: Path, encoder: TextEncoder, progress: Progress | None = None
) -> dict[str, dict[str, float]]:
    """Figures of every set below ``<benchmarks>/recommendation`` that has both its files."""
    found: dict[str, dict[str, float]] = {}
    for folder in sorted((benchmarks / "recommendation").glob("*")):
        train, test = folder / "train.csv.gz", folder / "test.csv.gz"
        if train.is_file() and test.is_file():
            figures = evaluate_set(
                read_invoices(train), read_invoices(test), encoder, progress, name=folder.name
            )
            found |= {folder.name: figures} if figures else {}
    return found


def evaluate_set(
    train: Invoices, test: Invoices, encoder: TextEncoder, progress: Progress | None = None, *, name: str = ""
) -> dict[str, float]:
    """One set's figures; peers are named ``<peer>_hit10``. Empty when no test basket qualifies."""
    learned = [basket for basket in train.baskets if len(basket) <= LARGEST_TRAINING]
    items = sorted({item for basket in learned for item in basket})
    row = {item: position for position, item in enumerate(items)}
    known = [[row[item] for item in basket if item in row] for basket in test.baskets]
    asked = [np.array(basket) for basket in known if FEWEST <= len(basket) <= MOST]
    if not asked:
        return {}
    task = progress.add_task(f"{name}: titles", total=None) if progress else None
    vectors = encoder.encode([train.titles[item] or "" for item in items])
    figures: dict[str, float] = {}
    for peer, contributions in _models(learned, items, vectors).items():
        if progress and task is not None:
            progress.reset(task, description=f"{name}: {peer or 'ours'}", total=len(asked))
        hits, gains = [], []
        for basket in asked:
            hit, gain = left_out(contributions(basket), basket)
            hits.append(hit)
            gains.append(gain)
            if progress and task is not None:
                progress.advance(task)
        figures[f"{peer}_hit10" if peer else "hit10"] = round(float(np.mean(hits)), 4)
        if not peer:
            figures["ndcg10"] = round(float(np.mean(gains)), 4)
    return figures


def left_out(contributions: Floats, basket: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Hit rate and nDCG at 10, in the mean over the basket's items, each sought with the help of the others."""
    others = 1.0 - np.eye(len(basket), dtype=np.float32)
    scores = others @ contributions
    sought = scores[np.arange(len(basket)), basket].copy()
    scores[:, basket] = -np.inf
    better = (scores > sought[:, None]).sum(axis=1)
    hit = better < TOP
    return float(hit.mean()), float((hit / np.log2(better + 2)).mean())


def _models(
    baskets: Sequence[Sequence[str]], items: Sequence[str], vectors: Floats
) -> Mapping[str, Contributions]:
    """Our model under the empty name, then the peers."""
    ours = CrossSell.learn(baskets).over(items, vectors)
    row = {item: position for position, item in enumerate(items)}
    flat = [row[item] for basket in baskets for item in basket]
    starts = np.cumsum([0, *map(len, baskets)])
    matrix = sparse.csr_matrix(
        (np.ones(len(flat), np.float32), flat, starts), shape=(len(baskets), len(items))
    )
    together = (matrix.T @ matrix).tocsr()
    orders = together.diagonal()

    def cooccurrence(basket: npt.NDArray[np.int64]) -> Floats:
        counts: Floats = together[basket].toarray()
        cosines: Floats = counts / (np.sqrt(np.outer(orders[basket], orders)) + 5)
        cosines[np.arange(len(basket)), basket] = 0.0
        return cosines

    return {
        "": lambda basket: ours.contributions([items[item] for item in basket]),
        "popularity": lambda basket: np.tile(orders, (len(basket), 1)),
        "cooccurrence": cooccurrence,
        "dense": lambda basket: vectors[basket] @ vectors.T,
    }
