"""The figures of search, cross-sell, encoding and scale as tables: ours above its peers, with what is asked of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rich.table import Table

Figures = Mapping[str, float]


def of(part: str, figures: Mapping[str, Any]) -> Table:
    """The table of one part."""
    made: dict[str, Callable[[Mapping[str, Any]], Table]] = {
        "search": _search,
        "cross_sell": _cross_sell,
        "encode": _encode,
        "scale": _scale,
    }
    return made[part](figures)


def _search(sets: Mapping[str, Figures]) -> Table:
    table = Table("set", "model", "nDCG@10", "recall@100", "ms p50", "ms p95", title="Search")
    names = {"": "Parley", "bm25_": "BM25, stemmed", "dense_": "embeddings"}
    for name, found in sets.items():
        for prefix, model in names.items():
            cells = [_cell(found, prefix + figure, ".4f") for figure in ("ndcg10", "recall100")]
            times = [_cell(found, prefix + figure, ".1f") for figure in ("ms_p50", "ms_p95")]
            table.add_row(name, model, *cells, *times)
    return table


def _cross_sell(sets: Mapping[str, Figures]) -> Table:
    table = Table("set", "model", "hit rate@10", "nDCG@10", title="Cross-sell")
    names = {
        "": "Parley",
        "cooccurrence_": "co-occurrence",
        "dense_": "title embeddings",
        "popularity_": "popularity",
    }
    for name, found in sets.items():
        for prefix, model in names.items():
            cells = [_cell(found, prefix + figure, ".4f") for figure in ("hit10", "ndcg10")]
            table.add_row(name, model, *cells)
    return table


def _encode(found: Figures) -> Table:
    table = Table("encoder", "titles/s", "cosine", title="Encoding on two cores")
    ratio = found["titles_per_second"] / found["torch_titles_per_second"]
    ours = f"{found['titles_per_second']:.0f} ({ratio:.2f} ×)"
    table.add_row("Parley", ours, f"{found['cosine_mean']:.4f}")
    table.add_row("sentence-transformers on PyTorch", f"{found['torch_titles_per_second']:.0f}", "1")
    return table


def _scale(found: Figures) -> Table:
    table = Table("vectors", "recall@10", "ms p95", "resident MiB", title="Scale, one thread")
    cells = (f"{found['recall10']:.4f}", f"{found['ms_p95']:.2f}", f"{found['resident_mib']:.0f}")
    table.add_row(f"{found['vectors']:,.0f}", *cells)
    return table


def _cell(found: Figures, name: str, form: str) -> str:
    return format(found[name], form) if name in found else ""
