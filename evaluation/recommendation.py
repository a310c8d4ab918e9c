"""Search, cross-sell, encoding and scale in one run, into `var/evaluation/recommendation.json`.

    python -m evaluation.recommendation BENCHMARKS [--only search,cross_sell,encode,scale]

A part that the folder has no data for is left out; one that fails doesn't keep the others from being measured. The file
is written after each part, so that a run that is broken off leaves what it has measured.
The figures and how they are measured: docs/how-to/evaluate.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from evaluation import cross_sell, encode, scale, search
from evaluation import recommendation_tables as tables
from evaluation.baskets import BenchmarkUnreadable
from models.files import write_atomically
from models.search import ProductIndex
from parley_encoder import Encoder, EncoderError

PARTS = ("search", "cross_sell", "encode", "scale")
ENCODER = Path("models/artifacts/encoder")
RESULT = Path("var/evaluation/recommendation.json")
TITLES = 3000
"""Titles that both encoders are timed with."""
TUNED_ON = "judgments_tune.tsv.gz"


class SearchSet:
    """One folder below ``search/``; what is costly is made once, when it is first needed."""

    def __init__(self, folder: Path, encoder: Path, progress: Progress | None) -> None:
        self.folder = folder
        self._encoder = encoder
        self._progress = progress

    @cached_property
    def products(self) -> list[search.Listed]:
        return search.read_products(self.folder / "products.tsv.gz")

    @cached_property
    def judgments(self) -> search.Judgments:
        """Empty where the set has none."""
        path = self.folder / search.JUDGED
        return search.read_judgments(path) if path.is_file() else {}

    @cached_property
    def index(self) -> ProductIndex:
        return search.indexed(self.products, self._encoder, self._progress)

    def some_titles(self, count: int) -> list[str]:
        step = max(1, len(self.products) // count)
        return [product.name for product in self.products[::step]][:count]

    def some_queries(self, count: int) -> list[str]:
        """What people asked, or for a set without judgments the beginnings of its titles."""
        tuning = self.folder / TUNED_ON
        asked = self.judgments or (search.read_judgments(tuning) if tuning.is_file() else {})
        return list(asked)[:count] or [" ".join(title.split()[:4]) for title in self.some_titles(count)]


def parts(
    benchmarks: Path, encoder: Path, progress: Progress | None = None
) -> Mapping[str, Callable[[], Any]]:
    """What gives each part's figures; empty ones where the folder has no data for it."""
    sets = [SearchSet(folder, encoder, progress) for folder in search.sets(benchmarks)]
    return {
        "search": lambda: {
            one.folder.name: search.evaluate_set(one.index, one.products, one.judgments, encoder, progress)
            for one in sets
            if one.judgments
        },
        "cross_sell": lambda: cross_sell.evaluate(benchmarks, Encoder.load(encoder, threads=2), progress),
        "encode": lambda: encode.evaluate(sets[0].some_titles(TITLES), encoder, progress) if sets else {},
        "scale": lambda: _scale(sets[0], encoder, progress) if sets else {},
    }


def _scale(one: SearchSet, encoder: Path, progress: Progress | None) -> dict[str, float]:
    queries = Encoder.load(encoder, threads=2).encode(one.some_queries(scale.QUERIES))
    return scale.evaluate(np.asarray(one.index.vectors, dtype=np.float32), queries, progress)


def measure(
    benchmarks: Path,
    encoder: Path,
    only: Sequence[str],
    console: Console,
    *,
    keep: Callable[[Mapping[str, Any]], None] = lambda found: None,
) -> tuple[dict[str, Any], list[str]]:
    """The figures of these parts, printed as they come, and what kept others from being measured.

    ``keep`` is given all figures so far whenever there are more.
    """
    found: dict[str, Any] = {}
    failures: list[str] = []
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        measuring = parts(benchmarks, encoder, progress)
        for part in only:
            if not console.is_terminal:
                console.print(f"Measuring {part} …")  # a log shows no bars
            try:
                figures = measuring[part]()
            except (BenchmarkUnreadable, EncoderError, ImportError, OSError) as exc:
                failures.append(f"{part} was not measured: {exc}")
                continue
            if figures:
                found[part] = figures
                keep(found)
                console.print(tables.of(part, figures))
    return found, failures


def main() -> None:
    """Measure, print tables and write the figures; a run of some parts keeps what the others gave before."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.recommendation", description=__doc__)
    parser.add_argument("benchmarks", type=Path, help="folder: see docs/how-to/evaluate.md")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    parser.add_argument("--encoder", type=Path, default=ENCODER, help="folder of the exported encoder")
    parser.add_argument("--to", type=Path, default=RESULT, help="file to write the figures to")
    wanted = parser.parse_args()
    only = [part for part in PARTS if part in wanted.only.split(",")]
    if unknown := set(wanted.only.split(",")) - set(PARTS):
        parser.error(f"--only {', '.join(sorted(unknown))}: the parts are {', '.join(PARTS)}")
    if not wanted.benchmarks.is_dir():
        parser.error(f"there is no folder {wanted.benchmarks}: see docs/how-to/evaluate.md")
    console = Console(highlight=False)
    before = json.loads(wanted.to.read_text(encoding="utf-8")) if wanted.to.is_file() else {}
    others = {part: figures for part, figures in before.items() if part not in only}

    def keep(found: Mapping[str, Any]) -> None:
        write_atomically(wanted.to, json.dumps({**others, **found}, indent=2) + "\n")

    keep({})  # figures of an earlier run never stand beside those of this one
    _, failures = measure(wanted.benchmarks, wanted.encoder, only, console, keep=keep)
    console.print(f"Written to {wanted.to}.")
    for failure in failures:
        print(failure, file=sys.stderr)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
