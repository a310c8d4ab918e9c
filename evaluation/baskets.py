"""Reads invoice lines as the cross-sell benchmark's protocol says."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PRODUCT_CODE = re.compile(r"[0-9]{5}")
COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "UnitPrice")


class BenchmarkUnreadable(Exception):
    """A benchmark file doesn't have the layout that its README describes; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Invoices:
    """Baskets (each the codes of one invoice, in order of appearance) and each code's first description."""

    baskets: tuple[tuple[str, ...], ...]
    titles: Mapping[str, str]


def read_invoices(path: Path) -> Invoices:
    """The invoices of a gzipped CSV file, without cancellations, corrections and what isn't a product.

    Raises BenchmarkUnreadable.
    """
    baskets: dict[str, dict[str, None]] = {}
    titles: dict[str, str] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        lines = csv.DictReader(stream)
        if missing := [name for name in COLUMNS if name not in (lines.fieldnames or ())]:
            raise BenchmarkUnreadable(f"{path}: has no column {', '.join(missing)}")
        for number, line in enumerate(lines, start=2):
            try:
                bought = float(line["Quantity"]) > 0 and float(line["UnitPrice"]) > 0
            except (TypeError, ValueError) as exc:
                raise BenchmarkUnreadable(
                    f"{path}, line {number}: Quantity or UnitPrice is no number"
                ) from exc
            code = line["StockCode"]
            if bought and not line["InvoiceNo"].startswith("C") and PRODUCT_CODE.match(code):
                baskets.setdefault(line["InvoiceNo"], {})[code] = None
                titles.setdefault(code, line["Description"])
    return Invoices(tuple(tuple(basket) for basket in baskets.values()), titles)
