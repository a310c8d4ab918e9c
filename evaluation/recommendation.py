"""Search, cross-sell, encoding and scale in one run, into `var/evaluation/recommendation.json`.

    python -m evaluation.recommendation BENCHMARKS [--only search,cross_sell,encode,scale]

The figures and how they are measured: docs/how-to/evaluate.md.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from evaluation import cross_sell, encode, scale, search
from models.files import write_atomically
from parley_encoder import Encoder

PARTS = ("search", "cross_sell", "encode", "scale")
ENCODER = Path("models/artifacts/encoder")
RESULT = Path("var/evaluation/recommendation.json")
TITLES = 3000
"""Titles that both encoders are timed with."""


def measure(
    benchmarks: Path, encoder: Path, only: Sequence[str] = PARTS, progress: Progress | None = None
) -> dict[str, Any]:
    """The figures of these parts; a part without data in the folder is left out."""
    found: dict[str, Any] = {}
    if "search" in only and (figures := search.evaluate(benchmarks, encoder, progress)):
        found["search"] = figures
    if "cross_sell" in only:
        figures = cross_sell.evaluate(benchmarks, Encoder.load(encoder, threads=2), progress)["cross_sell"]
        found |= {"cross_sell": figures} if figures else {}
    folder = next((path.parent for path in sorted(benchmarks.glob("search/*/products.tsv.gz"))), None)
    if folder is None:
        return found
    titles = [product.name for product in search.read_products(folder / "products.tsv.gz")]
    if "encode" in only:
        found["encode"] = encode.evaluate(titles[:: max(1, len(titles) // TITLES)][:TITLES], encoder)
    if "scale" in only and (folder / search.JUDGED).is_file():
        texts = list(search.read_judgments(folder / search.JUDGED))[: scale.QUERIES]
        loaded = Encoder.load(encoder, threads=2)
        found["scale"] = scale.evaluate(loaded.encode(titles), loaded.encode(texts), progress)
    return found


def show(figures: dict[str, Any], console: Console) -> None:
    """One line for each figure."""
    table = Table("part", "set", "figure", "value", title="Recommendation")
    for part, values in figures.items():
        sets = values if part in ("search", "cross_sell") else {"": values}
        for name, found in sets.items():
            for figure, value in found.items():
                table.add_row(part, name, figure, f"{value:g}")
    console.print(table)


def main() -> None:
    """Measure, print a table and write the figures beside those of parts measured before."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.recommendation", description=__doc__)
    parser.add_argument("benchmarks", type=Path, help="folder: see docs/how-to/evaluate.md")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    parser.add_argument("--encoder", type=Path, default=ENCODER, help="folder of the exported encoder")
    parser.add_argument("--to", type=Path, default=RESULT, help="file to write the figures to")
    wanted = parser.parse_args()
    only = wanted.only.split(",")
    if unknown := set(only) - set(PARTS):
        parser.error(f"--only {', '.join(sorted(unknown))}: the parts are {', '.join(PARTS)}")
    console = Console(highlight=False)
    with Progress(console=console) as progress:
        figures = measure(wanted.benchmarks, wanted.encoder, only, progress)
    show(figures, console)
    kept = json.loads(wanted.to.read_text(encoding="utf-8")) if wanted.to.is_file() else {}
    wanted.to.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(wanted.to, json.dumps({**kept, **figures}, indent=2) + "\n")


if __name__ == "__main__":
    main()
